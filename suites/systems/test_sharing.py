"""Do Linuxes that share a processor get their shares, and keep their registers? Paper §3.3(1)."""

import pytest

from fixtures.evidence import Measure
from fixtures.partitions import Partition
from harness.probe import Probe
from suites.processor.sharing import KINDS, share, share_a_processor, sums
from suites.systems.effort import at_work, busy
from suites.systems.test_speed import MIX
from suites.systems.twin import LinuxTwin

pytestmark = pytest.mark.process

WORK = ("compute", MIX["compute"])
LEAST = 0.95
"""What those that share a processor get together, of what the bare machine has for one."""
STEPS = 50_000
"""Of a sum in 8 or 16 registers, 32 or 34 instructions each: more than a slice of 1 ms."""


@pytest.mark.counted
@pytest.mark.requirement("CPU-05")
def test_do_they_get_together_what_the_bare_machine_gives(
    subject: Partition, neighbour: Partition, bare_linux: LinuxTwin, measure: Measure
) -> None:
    """Asked of each of the two: its share is measured while the other one works."""
    share_a_processor(subject, neighbour)
    with at_work(neighbour, WORK[1]):
        beside = busy(subject, (WORK,))

    got = bare_linux.ask(busy, (WORK,))[WORK[0]] / beside[WORK[0]]

    measure("speed.share", got, "of the bare machine", subject.name)
    assert got >= LEAST * share(subject, neighbour)


@pytest.mark.requirement("CPU-03")
@pytest.mark.parametrize("beside", KINDS)
@pytest.mark.parametrize("kind", KINDS)
def test_are_its_sums_those_of_the_bare_machine_while_a_neighbour_sums(
    subject: Partition, neighbour: Partition, bare_linux: LinuxTwin, kind: str, beside: str
) -> None:
    share_a_processor(subject, neighbour)
    right = bare_linux.ask(Probe.sum, kind, STEPS), bare_linux.ask(Probe.sum, beside, 4 * STEPS)

    assert sums(subject, neighbour, kind, beside, STEPS) == right
