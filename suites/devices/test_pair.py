"""Is the 8259 pair its owner's, with its own lines and no other? Paper §3.1(2), §3.2."""

import pytest

from fixtures.bare import Bare
from fixtures.operator import Operator
from fixtures.partitions import Partition
from harness.image import Board
from harness.probe import Stray
from suites.devices.pair import (
    ALL_MASKED,
    END,
    EXTINT,
    LEVELS,
    LINT0,
    MASTER,
    SLAVE,
    SLAVE_VECTOR,
    TIMER_LINE,
    Asked,
    initialise,
    start_timer,
    write_masks,
)
from suites.interrupts.sources import BEATS, PERIODS, SHORT_TICKS, VECTOR, beats, line, start, timers

LINES = 16
REQUESTED, IN_SERVICE = 0x0A, 0x0B
"""What the next read tells (8259A datasheet, OCW3)."""
RTC_LINE = 8
SILENT = Stray(0, 0)


@pytest.fixture
def owner(subject: Partition) -> Partition:
    """A partition that has the pair, and the timer whose interrupt it is known for."""
    if not {"pic", "pit"} <= set(subject.spec.devices):
        pytest.skip(f"the manifest does not give {subject} both the 8259 pair and the interval timer")
    return subject


@pytest.mark.requirement("DEV-11", "IRQ-01")
def test_does_the_timer_interrupt_by_the_pair_as_on_the_bare_machine(owner: Partition, bare: Bare) -> None:
    assert ticked(owner) == bare.ask(ticked) == (BEATS, SILENT)


@pytest.mark.requirement("DEV-11", "IRQ-01")
def test_does_an_interrupt_hold_up_the_next_until_it_ends(owner: Partition, bare: Bare) -> None:
    assert one_by_one(owner) == bare.ask(one_by_one) == [1, 2, 3]


@pytest.mark.requirement("DEV-11")
def test_are_masks_and_requests_read_as_on_the_bare_machine(owner: Partition, bare: Bare) -> None:
    assert told(owner) == bare.ask(told)


@pytest.mark.requirement("DEV-12", "IRQ-02")
def test_is_it_interrupted_by_a_line_that_it_has_not(
    owner: Partition, neighbour: Partition, bare: Bare, board: Board
) -> None:
    """It opens all of them at the pair, but for its own; the bare machine is interrupted then."""
    if "rtc" not in timers(neighbour):
        pytest.skip(f"the manifest gives {neighbour} no real-time clock")
    masks = own_lines(owner, board)

    start(neighbour, board, "rtc")
    opened(owner, masks)

    assert beats(neighbour)
    assert owner.await_(SLAVE_VECTOR + RTC_LINE % 8, 1, SHORT_TICKS) == 0
    assert owner.stray() == SILENT
    assert bare.ask(interrupted_by_the_clock, masks)


@pytest.mark.requirement("DEV-12", "IRQ-10")
def test_does_a_neighbour_stop_it(owner: Partition, neighbour: Partition) -> None:
    """By masks, by an initialisation that never ends, by taking its interrupt."""
    start_timer(owner)

    for port in (MASTER, SLAVE):
        neighbour.out(1, port + 1, 0xFF)
        neighbour.out(1, port, 0x11)
        neighbour.in_(1, port)
    neighbour.lapic_set(LINT0, EXTINT)

    assert beats(owner)
    assert neighbour.stray() == SILENT


@pytest.mark.requirement("DEV-12", "IRQ-10")
def test_does_it_stop_a_neighbour(owner: Partition, neighbour: Partition, board: Board) -> None:
    """One that is interrupted by the I/O APIC, and whose lines end at the pair as well."""
    for vector, device in enumerate(timers(neighbour), VECTOR):
        start(neighbour, board, device, vector)

    with neighbour.undisturbed():
        opened(owner, own_lines(owner, board))
        write_masks(owner, ALL_MASKED)

    assert all(beats(neighbour, vector) for vector, _ in enumerate(timers(neighbour), VECTOR))


@pytest.mark.requirement("DEV-13", "STOP-06")
def test_is_an_interrupt_still_in_service_at_the_next_start(owner: Partition, operator: Operator) -> None:
    """It would hold up those of lower priority until somebody ends what he has not taken."""
    start_timer(owner, mode=0)
    assert owner.await_(VECTOR, 1, owner.patience) == 1
    assert _in_service(owner) == 1 << TIMER_LINE

    operator.stop(owner.name)
    operator.start(owner.name)
    owner.boot()

    assert _in_service(owner) == 0
    start_timer(owner)
    assert beats(owner)


def ticked(probe: Asked) -> tuple[int, Stray]:
    """How many interrupts come of those that are waited for, and what comes beside them."""
    start_timer(probe)
    return probe.await_(VECTOR, BEATS, probe.patience), probe.stray()


def one_by_one(probe: Asked) -> list[int]:
    """How many have come, before anything and after each end of interrupt."""
    start_timer(probe, mode=0)
    counts = [probe.await_(VECTOR, 2, SHORT_TICKS)]
    for arrived in (2, 3):
        probe.out(1, MASTER, END)
        counts.append(probe.await_(VECTOR, arrived + 1, SHORT_TICKS))
    return counts


def told(probe: Asked) -> list[object]:
    """Masks as they read back, with requests and what is in service while the timer's line waits."""
    initialise(probe, ALL_MASKED)
    found: list[object] = []
    for masks in (0x5AA5, 0xA55A, ALL_MASKED):
        probe.out(1, MASTER + 1, masks & 0xFF)
        probe.out(1, SLAVE + 1, masks >> 8)
        found.extend(probe.in_(1, port + 1) for port in (MASTER, SLAVE))
    probe.timer("pit", VECTOR, PERIODS["pit"])
    probe.spin(SHORT_TICKS)
    for select in (REQUESTED, IN_SERVICE):
        probe.out(1, MASTER, select)
        answer = probe.in_(1, MASTER)
        found.append(answer & 1 << TIMER_LINE if isinstance(answer, int) else answer)
    return found


def own_lines(owner: Partition, board: Board) -> int:
    """The lines of the pair that are a partition's own, a bit each."""
    timer = line(board, "pit")
    return sum(1 << irq for irq in range(LINES) if (timer if irq == TIMER_LINE else irq) in owner.gsis)


def opened(probe: Asked, masks: int) -> None:
    """Opens all lines but some, and asks for levels, which a line that is high keeps on interrupting."""
    initialise(probe, masks)
    for port in (LEVELS, LEVELS + 1):
        probe.out(1, port, 0xFF)


def interrupted_by_the_clock(probe: Asked, masks: int) -> bool:
    """Whether the real-time clock interrupts by the pair."""
    opened(probe, masks)
    probe.timer("rtc", SLAVE_VECTOR + RTC_LINE % 8, PERIODS["rtc"])
    return probe.await_(SLAVE_VECTOR + RTC_LINE % 8, BEATS, probe.patience) == BEATS


def _in_service(owner: Partition) -> int:
    """The lines of the first one whose interrupts have been taken and not ended."""
    owner.out(1, MASTER, IN_SERVICE)
    answer = owner.in_(1, MASTER)
    assert isinstance(answer, int)
    return answer
