"""What does an access find that begins in a partition's RAM and ends behind it? Paper §3.3(1)."""

import pytest

from fixtures.partitions import Partition
from harness.probe import Fault
from suites.memory.attack import aims, nothing

SECRET = 0x5EC2E75EC2E75EC2


@pytest.mark.requirement("MEM-07")
@pytest.mark.parametrize("inside", [1, 4, 7])
def test_does_a_load_over_the_end_find_nothing_behind_it(subject: Partition, inside: int) -> None:
    for stretch in subject.ram:
        if subject.owns(stretch.end):
            continue
        assert subject.store(8, stretch.end - 8, 0) is None
        answer = subject.load(8, stretch.end - inside)
        behind = (1 << 8 * (8 - inside)) - 1
        assert isinstance(answer, Fault) or answer >> 8 * inside == behind


@pytest.mark.requirement("MEM-07")
@pytest.mark.parametrize("inside", [1, 4, 7])
def test_does_a_store_over_the_end_leave_the_neighbour_alone(
    subject: Partition, neighbour: Partition, inside: int
) -> None:
    edges = [edge for stretch in neighbour.ram for edge in (stretch.gpa, stretch.end - 8)]
    for edge in edges:
        assert neighbour.store(8, edge, SECRET) is None

    for stretch in subject.ram:
        subject.store(8, stretch.end - inside, 0)

    assert [neighbour.load(8, edge) for edge in edges] == [SECRET] * len(edges)


@pytest.mark.requirement("MEM-03", "MEM-04")
def test_are_the_edges_of_a_neighbours_ram_closed(subject: Partition, neighbour: Partition) -> None:
    edges = [edge for stretch in neighbour.ram for edge in (stretch.gpa, stretch.end - 8)]
    for edge in edges:
        assert neighbour.store(8, edge, SECRET) is None

    for edge in edges:
        for address in aims(subject, neighbour, edge):
            assert nothing(subject.load(8, address), 8), f"found at {address:#x}"
            subject.store(8, address, 0)

    assert [neighbour.load(8, edge) for edge in edges] == [SECRET] * len(edges)
