"""Does a partition that never yields keep a processor to itself? Paper §3.3(1).

Asked of every image: where the two have processors of their own it holds because of that, and where they
share one because control is taken.
"""

import pytest

from fixtures.partitions import Partition

LONG = 10_000_000
"""Runs of a loop that outlast every watch beside it, and are cut off by the end of the machine."""
STORMS = ("cpuid", "port", "denied", "ud", "self", "mmio")


@pytest.mark.requirement("CPU-01", "CPU-02")
@pytest.mark.parametrize("way", ["hang", "halt", "sleep"])
def test_does_a_neighbour_go_on_beside_one_that_is_over(
    subject: Partition, neighbour: Partition, way: str
) -> None:
    subject.last(way)

    for _ in range(3):
        with neighbour.undisturbed():
            pass


@pytest.mark.requirement("CPU-01")
@pytest.mark.parametrize("kind", STORMS)
def test_does_a_neighbour_go_on_beside_a_storm(subject: Partition, neighbour: Partition, kind: str) -> None:
    subject.begin("storm", kind, LONG).wait_begun()

    for _ in range(3):
        with neighbour.undisturbed():
            pass
