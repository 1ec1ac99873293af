"""Does each get of a shared processor what the manifest says? Paper §3.3(1). Counted in instructions."""

import pytest

from fixtures.bare import Bare
from fixtures.evidence import Measure
from fixtures.partitions import Partition
from harness.probe import Probe
from suites.processor.sharing import instant, share, share_a_processor

pytestmark = [instant, pytest.mark.counted]

RUNS = 2_000_000
"""Loads in a row with interrupts off: 20 ms and more, a hundred slices."""
FREE_RAM = 0x1000000
BOUND = 0.05
"""What a share may differ from the manifest's: the slice that is cut, and the switches."""


@pytest.mark.requirement("CPU-05")
def test_is_its_share_that_of_the_manifest(
    subject: Partition, neighbour: Partition, bare: Bare, measure: Measure
) -> None:
    share_a_processor(subject, neighbour)
    alone = bare.ask(worked, FREE_RAM)

    with neighbour.undisturbed():
        beside = worked(subject, subject.scratch)

    measure("slice.share", alone / beside, "of the processor")
    assert alone / beside == pytest.approx(share(subject, neighbour), rel=BOUND)


@pytest.mark.requirement("CPU-05")
def test_does_an_idle_partition_give_its_time_away(
    subject: Partition, neighbour: Partition, bare: Bare, measure: Measure
) -> None:
    share_a_processor(subject, neighbour)

    alone, beside = bare.ask(worked, FREE_RAM), worked(subject, subject.scratch)

    measure("slice.alone", alone / beside, "of the processor")
    assert alone / beside == pytest.approx(1, rel=BOUND)


def worked(probe: Probe, address: int) -> int:
    """How many ticks the loop took."""
    return probe.cost("load", RUNS, address).ticks
