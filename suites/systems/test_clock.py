"""Does time run right for an unmodified Linux? Paper §3.1(1), (3)."""

from dataclasses import dataclass

import pytest

from fixtures.evidence import Measure
from fixtures.partitions import Partition
from harness.probe import Fault
from suites.systems.linux import clock
from suites.systems.twin import LinuxTwin

pytestmark = pytest.mark.process

TSC = 0x10
NAP_SECONDS = 30
DEVIATION = 0.001


@dataclass(frozen=True)
class Pace:
    """How fast a Linux's clock ran over some of its seconds."""

    nanoseconds: int
    ticks: int
    """of the processor's time-stamp counter meanwhile"""

    @property
    def ratio(self) -> float:
        return self.nanoseconds / self.ticks


@pytest.mark.requirement("OS-04")
def test_does_its_clock_keep_pace_with_the_processors(
    subject: Partition, bare_linux: LinuxTwin, measure: Measure
) -> None:
    here, there = pace(subject), bare_linux.ask(pace)

    deviation = here.ratio / there.ratio - 1
    measure("clock.deviation", deviation, "of the bare machine's", subject.name)
    assert here.nanoseconds >= NAP_SECONDS * 1_000_000_000
    assert abs(deviation) < DEVIATION


def pace(linux: Partition) -> Pace:
    """Lets the Linux sleep by its own timer."""
    ticks, nanoseconds = _ticks(linux), clock(linux)
    linux.run(2 * NAP_SECONDS, f"sleep {NAP_SECONDS}", linux.within(4 * NAP_SECONDS))
    return Pace(clock(linux) - nanoseconds, _ticks(linux) - ticks)


def _ticks(linux: Partition) -> int:
    ticks = linux.rdmsr(TSC)
    assert not isinstance(ticks, Fault)
    return ticks
