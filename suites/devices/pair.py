"""The pair of 8259A interrupt controllers, as an operating system without an I/O APIC uses it.

Its output arrives at LINT0 of a processor, as an interrupt whose vector the pair says (ExtINT).
"""

from fixtures.bare import Twin
from fixtures.partitions import Partition
from suites.interrupts.sources import PERIODS, VECTOR

Asked = Partition | Twin

MASTER, SLAVE, LEVELS = 0x20, 0xA0, 0x4D0
END = 0x20
"""Non-specific end of interrupt (8259A datasheet, OCW2)."""
ALL_MASKED = 0xFFFF
CASCADE = 1 << 2
SLAVE_VECTOR = VECTOR + 8
BY_ITSELF = 0x02
"""Of ICW4: an interrupt ends when the processor takes it."""
LINT0, EXTINT = 0x350, 0x700
TIMER_LINE = 0
"""The interval timer's (IBM PC AT Technical Reference); its GSI is another one."""


def write_masks(probe: Asked, masks: int) -> None:
    """Masks lines, a bit each; the cascade between the two is open."""
    probe.out(1, MASTER + 1, masks & 0xFF & ~CASCADE)
    probe.out(1, SLAVE + 1, masks >> 8)


def initialise(probe: Asked, masks: int, mode: int = BY_ITSELF) -> None:
    """From VECTOR on, and open towards the processor."""
    for port, vector, cascade in ((MASTER, VECTOR, CASCADE), (SLAVE, SLAVE_VECTOR, 2)):
        probe.out(1, port, 0x11)
        for word in (vector, cascade, 1 | mode):
            probe.out(1, port + 1, word)
    write_masks(probe, masks)
    probe.lapic_set(LINT0, EXTINT)


def start_timer(probe: Asked, mode: int = BY_ITSELF) -> None:
    """Has the interval timer interrupt by way of the pair alone: nobody claims its line at the I/O APIC."""
    initialise(probe, ALL_MASKED, mode)
    probe.timer("pit", VECTOR, PERIODS["pit"])
    write_masks(probe, ALL_MASKED & ~(1 << TIMER_LINE))
