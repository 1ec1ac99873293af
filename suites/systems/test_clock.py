"""Does time run right for an unmodified Linux? Paper §3.1(1), (3)."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from fixtures.evidence import Measure
from fixtures.partitions import Partition
from harness.errors import InfraError
from harness.image import Board
from harness.probe import Fault
from suites.systems.linux import clock, shell
from suites.systems.twin import LinuxTwin

pytestmark = pytest.mark.process

TIMER_HERTZ = 3_579_545
"""The power management timer: a clock of the machine's own, that no kernel sets (ACPI 6.5 §4.8.2.1)."""
TIMER_WRAP = 1 << 24
DEVIATION = {1: 0.05, 30: 0.001}
"""By seconds of sleep. The short one counts hardly a wrap of the timer, so the long one can count on it."""
START_SECONDS = 600
"""What may lie between two starts, each measured from power-on; a wrong digit of a date is more than that."""
NARROW_NANOSECONDS = 10_000_000
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
def test_does_it_know_the_date(subject: Partition, bare_linux: LinuxTwin) -> None:
    """Its kernel reads a real-time clock at its start, the machine's or one that stands in for it."""
    assert abs(started(subject) - bare_linux.ask(started)) < START_SECONDS


def started(linux: Partition) -> int:
    """Returns when the kernel started, by what it knows of the date, in seconds of Unix."""
    return int(shell(linux, "grep ^btime /proc/stat").split()[1])


def instant(linux: Partition, port: int) -> Instant:
    """Reads the timer between two looks at the clock, until these are close enough to each other."""
    with _awake(linux):
        for _ in range(TRIES):
            before, ticks, after = clock(linux), linux.in_(4, port), clock(linux)
            assert not isinstance(ticks, Fault)
            if after - before <= NARROW_NANOSECONDS:
                return Instant((before + after) // 2, ticks)
    raise InfraError("this host is too busy to look at two clocks at once", todo="run less beside it")


@contextmanager
def _awake(linux: Partition) -> Iterator[None]:
    """Keeps a Linux busy: counted time jumps to the next timer while all idle, and we are slow to ask."""
    shell(linux, "while :; do :; done & echo $! >/tmp/awake; renice 19 $!")
    yield
    shell(linux, "kill $(cat /tmp/awake)")


def _deviation(before: Instant, after: Instant) -> float:
    nominal = (after.nanoseconds - before.nanoseconds) * TIMER_HERTZ / 1_000_000_000
    ticks = (after.ticks - before.ticks) % TIMER_WRAP
    wraps = round((nominal - ticks) / TIMER_WRAP)
    return nominal / (ticks + wraps * TIMER_WRAP) - 1
