"""What is left of a partition that ended, and what does it find at its next start? Paper §3.1(4), §3.3(2)."""

import pytest

from fixtures.operator import Operator
from fixtures.partitions import Partition
from harness.image import Board
from harness.probe import Stray
from suites.endings import check_ended
from suites.interrupts.sources import LAPIC_PERIOD, SHORT_TICKS, VECTOR, beats, line, start, timers
from suites.memory.attack import SECRET_BYTES, SEED, aims, nothing
from suites.poweroff.forms import out, perform

MSRS = {
    0x174: "SYSENTER_CS",
    0x277: "PAT",
    0xC0000081: "STAR",
    0xC0000082: "LSTAR",
    0xC0000102: "KERNEL_GS_BASE",
    0xC0000103: "TSC_AUX",
}
"""Registers that an operating system sets and the probe does not use (APM vol. 2 appendix A)."""
LEFT_BEHIND = 0x0606_0606
"""A value that all of them take."""
ALL_BUT_THE_PROBES_OWN = 0xE
"""A task priority that holds up vectors below F0; the probe's line has that one (APM vol. 2 §16.6.4)."""
LAST_LOOPS = (300, 450, 600, 750)
"""How long before the interrupt the end begins: two instructions each, of some 1700 that fit in between."""
TASK_PRIORITY, LOGICAL_ID, SPURIOUS = 0x80, 0xD0, 0xF0


@pytest.mark.requirement("STOP-09", "MEM-03")
def test_is_the_ram_of_an_ended_partition_out_of_reach(
    subject: Partition, neighbour: Partition, operator: Operator
) -> None:
    assert subject.fill(subject.scratch, SECRET_BYTES, SEED) is None

    operator.stop(subject.name)

    for address in aims(neighbour, subject, subject.scratch):
        assert nothing(neighbour.load(8, address), 8), f"found at {address:#x}"


@pytest.mark.requirement("BOOT-06", "STOP-06")
def test_does_it_find_the_same_environment_again(subject: Partition, operator: Operator) -> None:
    before = environment(subject)
    for msr in MSRS:
        assert subject.wrmsr(msr, LEFT_BEHIND) is None
    subject.lapic_set(LOGICAL_ID, 0x80 << 24)
    subject.setcr(8, ALL_BUT_THE_PROBES_OWN)

    operator.start_again(subject)

    assert environment(subject) == before


@pytest.mark.requirement("BOOT-06", "IRQ-02")
@pytest.mark.parametrize("way", ["stop", "reset"])
def test_do_old_interrupts_reach_it_after_its_start(
    subject: Partition, board: Board, operator: Operator, way: str
) -> None:
    """Neither those of sources that go on, nor those that wait for its task priority to fall."""
    subject.timer("lapic", VECTOR, LAPIC_PERIOD)
    assert beats(subject)
    for device in timers(subject):
        start(subject, board, device, VECTOR + 1)
        assert beats(subject, VECTOR + 1)
    subject.setcr(8, ALL_BUT_THE_PROBES_OWN)
    subject.spin(SHORT_TICKS)

    if way == "stop":
        operator.start_again(subject)
    else:
        perform(subject, out(1, 0xCF9, 0x06))
        check_ended(subject, subject.spec.on_reset, operator)

    subject.setcr(8, 0)
    subject.spin(SHORT_TICKS)
    assert subject.stray() == Stray(0, 0), f"{subject}: an interrupt of its last life"
    assert subject.seen(VECTOR).count == subject.seen(VECTOR + 1).count == 0


@pytest.mark.requirement("BOOT-06", "IRQ-02")
def test_does_an_interrupt_reach_the_start_behind_the_end_that_it_came_with(
    subject: Partition, board: Board, operator: Operator
) -> None:
    """Its owner's last instruction is being carried out, and its line is still open."""
    if "pit" not in subject.spec.devices or not board.power.cf9:
        pytest.skip(f"{subject} has no interval timer, or {board.name} no reset at port CF9")
    gsi = line(board, "pit")
    for loops in LAST_LOOPS:
        subject.claim(gsi, VECTOR)
        assert subject.poke(subject.scratch, _ticks_once_and_resets(loops)) is None

        subject.last("fetch", subject.scratch)
        check_ended(subject, subject.spec.on_reset, operator)

        subject.claim(gsi, VECTOR)
        subject.spin(SHORT_TICKS)
        assert subject.seen(VECTOR).count == 0, f"{subject}: an interrupt of its last life"


def _ticks_once_and_resets(loops: int) -> bytes:
    """Code that has the interval timer interrupt once, 1.7 us from then on, and resets itself about then."""
    timer = "fa b030e643 b002e640 b000e640"  # cli; channel 0, mode 0: 2 clocks, low and high byte
    loop = f"b9{loops.to_bytes(4, 'little').hex()} ffc9 75fc"  # mov ecx, loops; dec ecx; jnz
    reset = "baf90c0000 b006 ee"  # 6 to port CF9
    return bytes.fromhex(timer + loop + reset)


def environment(probe: Partition) -> dict[str, object]:
    """What a payload finds at its start, as far as it can be asked later."""
    return {
        "image": probe.image,
        "memory map": probe.e820(),
        "registers": probe.regs(),
        "processor": probe.cpuid(1),
        "local APIC": [probe.lapic(register) for register in (TASK_PRIORITY, LOGICAL_ID, SPURIOUS)],
    } | {name: probe.rdmsr(msr) for msr, name in MSRS.items()}
