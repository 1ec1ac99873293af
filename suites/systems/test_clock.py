"""Does time run right for an unmodified Linux? Paper §3.1(1), (3)."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from fixtures.evidence import Measure
from fixtures.machine import needs
from fixtures.partitions import Partition
from harness.errors import InfraError
from harness.image import Board
from harness.machine import Machine
from harness.probe import Fault
from suites.systems.linux import clock, shell

pytestmark = pytest.mark.process

TIMER_HERTZ = 3_579_545
"""The power management timer: a clock of the machine's own, that no kernel sets (ACPI 6.5 §4.8.2.1)."""
TIMER_WRAP = 1 << 24
DEVIATION = {1: 0.05, 30: 0.001}
"""By seconds of sleep. The short one counts hardly a wrap of the timer, so the long one can count on it."""
DATE_SECONDS = 30
"""How far a date may be off: it was read when the kernel started, and went its own way from there."""
NARROW_NANOSECONDS = 10_000_000
"""For each processor: where instructions are counted, one waits for the turn of another. Two such looks at
two processors are off by no more than 20 ms, which is less than each of the deviations."""
TRIES = 50


@dataclass(frozen=True)
class Instant:
    """What a Linux's clock and the machine's timer show at the same time."""

    nanoseconds: int
    ticks: int


@pytest.mark.counted
@pytest.mark.requirement("OS-04")
def test_does_its_clock_keep_pace_with_the_machines(
    subject: Partition, board: Board, measure: Measure
) -> None:
    if not board.power.pm_timer or "pm-timer" not in subject.spec.rights:
        pytest.skip("its manifest lets it read no clock of the machine's own (right pm-timer)")
    for seconds, bound in DEVIATION.items():
        before = instant(subject, board.power.pm_timer)
        subject.run(2 * seconds, f"sleep {seconds}", subject.within(60))
        after = instant(subject, board.power.pm_timer)

        deviation = _deviation(before, after)
        measure(f"clock.deviation.{seconds}s", deviation, "of the machine's", subject.name)
        assert after.nanoseconds - before.nanoseconds >= seconds * 1_000_000_000
        assert abs(deviation) < bound


@pytest.mark.requirement("OS-04")
def test_does_it_know_the_date(machine: Machine, subject: Partition) -> None:
    """Its kernel reads a real-time clock at its start, the machine's or one that stands in for it."""
    needs(machine, "date")
    before = machine.date().timestamp()
    told = int(shell(subject, "date +%s"))
    after = machine.date().timestamp()

    assert before - DATE_SECONDS <= told <= after + DATE_SECONDS, (
        f"{subject}: its date is {told - after:+.0f} s off that of the machine"
    )


def instant(linux: Partition, port: int) -> Instant:
    """Reads the timer between two looks at the clock, until these are close enough to each other."""
    narrow = NARROW_NANOSECONDS * len(linux.spec.processors)
    with _awake(linux):
        for _ in range(TRIES):
            before, ticks, after = clock(linux), linux.in_(4, port), clock(linux)
            assert not isinstance(ticks, Fault)
            if after - before <= narrow:
                return Instant((before + after) // 2, ticks)
    raise InfraError("this host is too busy to look at two clocks at once", todo="run less beside it")


@contextmanager
def _awake(linux: Partition) -> Iterator[None]:
    """Keeps a Linux busy: counted time jumps to the next timer while all idle, and we are slow to ask.

    On the processor where the probe works: two busy ones take turns, and a look takes as long as both.
    """
    shell(linux, "taskset -p 1 $PPID")
    shell(linux, "taskset 1 sh -c 'while :; do :; done' & echo $! >/tmp/awake; renice 19 $!")
    yield
    shell(linux, "kill $(cat /tmp/awake); taskset -p ffffffff $PPID")


def _deviation(before: Instant, after: Instant) -> float:
    nominal = (after.nanoseconds - before.nanoseconds) * TIMER_HERTZ / 1_000_000_000
    ticks = (after.ticks - before.ticks) % TIMER_WRAP
    wraps = round((nominal - ticks) / TIMER_WRAP)
    return nominal / (ticks + wraps * TIMER_WRAP) - 1
