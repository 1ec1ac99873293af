"""What does an access find that begins in a partition's RAM and ends behind it? Paper §3.3(1)."""

from itertools import product

import pytest

from fixtures.partitions import Partition
from harness.probe import Fault
from suites.memory.attack import aims, nothing

SECRET = 0x5EC2E75EC2E75EC2
INSIDE = (1, 4, 7)
"""How many of the 8 bytes of an access lie in the partition's RAM."""


@pytest.mark.requirement("MEM-07")
def test_does_a_load_over_the_end_find_nothing_behind_it(subject: Partition) -> None:
    for inside, end in product(INSIDE, _ends(subject)):
        assert subject.store(8, end - 8, 0) is None

        answer = subject.load(8, end - inside)

        behind = (1 << 8 * (8 - inside)) - 1
        assert isinstance(answer, Fault) or answer >> 8 * inside == behind


@pytest.mark.requirement("MEM-07")
def test_does_a_store_over_the_end_leave_the_neighbour_alone(
    subject: Partition, neighbour: Partition
) -> None:
    edges = _edges(neighbour)
    for edge in edges:
        assert neighbour.store(8, edge, SECRET) is None

    for inside, end in product(INSIDE, _ends(subject)):
        subject.store(8, end - inside, 0)

    assert [neighbour.load(8, edge) for edge in edges] == [SECRET] * len(edges)


@pytest.mark.requirement("MEM-03", "MEM-04")
def test_are_the_edges_of_a_neighbours_ram_closed(subject: Partition, neighbour: Partition) -> None:
    edges = _edges(neighbour)
    for edge in edges:
        assert neighbour.store(8, edge, SECRET) is None

    for edge in edges:
        for address in aims(subject, neighbour, edge):
            assert nothing(subject.load(8, address), 8), f"found at {address:#x}"
            subject.store(8, address, 0)

    assert [neighbour.load(8, edge) for edge in edges] == [SECRET] * len(edges)


def _edges(partition: Partition) -> list[int]:
    """The first and last words of each stretch of RAM."""
    return [edge for stretch in partition.ram for edge in (stretch.gpa, stretch.end - 8)]


def _ends(partition: Partition) -> list[int]:
    """The addresses from which on the partition has neither RAM nor a device."""
    devices = [partition.machine.board.devices[name] for name in partition.spec.devices]
    own = [pages for device in devices for pages in device.mmio_ranges]
    ends = [stretch.end for stretch in partition.ram if not partition.owns(stretch.end)]
    return [end for end in ends if not any(pages.base <= end < pages.end for pages in own)]
