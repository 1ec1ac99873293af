"""Does anything that a partition writes to an interrupt controller reach beyond itself? Paper §3.2.

The local APIC is the partition's own, the I/O APIC and the 8259s are shared hardware. The partition may well
make itself deaf; its neighbour must not even notice.
"""

from collections.abc import Callable

import pytest

from fixtures.partitions import Partition
from harness.image import Board
from suites.interrupts.sources import VECTOR, apic_id, beats, start, timers

APIC_BASE = 0x1B
GLOBAL_ENABLE = 1 << 11

Write = Callable[[Partition, int], object]

LOCAL_APIC: dict[str, list[Write]] = {
    "identity": [
        lambda subject, other: subject.lapic_set(0x20, other << 24),  # the neighbour's ID
        lambda subject, other: subject.lapic_set(0xD0, 0xFF << 24),  # all logical IDs
        lambda subject, other: subject.lapic_set(0xE0, 0x0FFFFFFF),  # the cluster model
    ],
    "local-vectors": [
        lambda subject, other: subject.lapic_set(0x320, 0x20400),  # timer as NMI
        lambda subject, other: subject.lapic_set(0x320, 0x20500),  # timer as INIT
        lambda subject, other: subject.lapic_set(0x350, 0x700),  # LINT0 as ExtINT
        lambda subject, other: subject.lapic_set(0x360, 0x200),  # LINT1 as SMI
        lambda subject, other: subject.lapic_set(0x370, 0x00),  # error as vector 0
    ],
    "priority": [lambda subject, other: subject.lapic_set(0x80, 0xFF)],
    "software-off": [lambda subject, other: subject.lapic_set(0xF0, 0x0FF)],
    "base-off": [lambda subject, other: subject.wrmsr(APIC_BASE, 0xFEE00000)],
    "base-moved": [lambda subject, other: subject.wrmsr(APIC_BASE, 0x10000000 | GLOBAL_ENABLE)],
}
"""Writes by kind (APM vol. 2 §16.3). All but the first two make a processor deaf, so they come alone."""

PIC = [
    *((0x20, 0x11), (0x21, VECTOR), (0x21, 4), (0x21, 1)),  # initialised anew (8259A datasheet, ICW1-4)
    *((0xA0, 0x11), (0xA1, VECTOR + 8), (0xA1, 2), (0xA1, 1)),
    *((0x21, 0), (0xA1, 0)),  # all lines unmasked
    *((0x20, 0x20), (0xA0, 0x20)),  # end of interrupt
    *((0x4D0, 0xFF), (0x4D1, 0xFF)),  # all lines level triggered
    *((0x22, 0x70), (0x23, 0)),  # interrupts to the 8259 instead of the APIC (MP 1.4 §3.6.2.1)
]
"""Ports and what is written there, in this order."""


@pytest.mark.requirement("IRQ-10")
@pytest.mark.parametrize("kind", LOCAL_APIC)
def test_does_a_write_to_the_local_apic_disturb_a_neighbour(
    subject: Partition, neighbour: Partition, board: Board, kind: str
) -> None:
    with neighbour.undisturbed():
        for write in LOCAL_APIC[kind]:
            write(subject, apic_id(neighbour, board))

    assert _all_timers_beat(neighbour, board)


@pytest.mark.requirement("IRQ-10")
def test_do_writes_to_the_8259_disturb_a_neighbour(
    subject: Partition, neighbour: Partition, board: Board
) -> None:
    with neighbour.undisturbed():
        for port, value in PIC:
            subject.out(1, port, value)

    assert _all_timers_beat(neighbour, board)


@pytest.mark.requirement("IRQ-10", "IRQ-03")
def test_do_two_partitions_read_and_write_the_io_apic_independently(
    subject: Partition, neighbour: Partition, board: Board
) -> None:
    for device in timers(neighbour):
        start(neighbour, board, device)
    storm = neighbour.begin("storm", "mmio", 2000)
    storm.wait_begun()

    for register in range(0x10, 0x40):
        subject.ioapic(register)

    assert storm.result().number() == 2000
    assert all(beats(neighbour) for _ in timers(neighbour))


def _all_timers_beat(partition: Partition, board: Board) -> bool:
    for vector, device in enumerate(timers(partition), VECTOR):
        start(partition, board, device, vector)
    return all(beats(partition, vector) for vector, _ in enumerate(timers(partition), VECTOR))
