"""Do a partition's own page tables lead it into a neighbour's RAM? Paper §3.3(1).

A partition writes its page tables as it likes, and may map any guest-physical address. Pages of every size
are tried, and addresses whose upper bits a careless check might drop.
"""

import pytest

from fixtures.partitions import Partition
from harness.probe import Fault, Verified
from suites.memory.attack import PHYSICAL_BITS, SECRET_BYTES, SEED, aims, nothing

WINDOW = 0x40_0000_0000
"""A linear address that the probe does not use, aligned to the largest page."""

WRITABLE_USER = 3
UNCACHED = 16
PAGES = pytest.mark.parametrize("page", [0x1000, 0x200000, 0x40000000], ids=["4k", "2m", "1g"])


@PAGES
@pytest.mark.requirement("MEM-06")
def test_can_it_map_a_neighbours_ram(subject: Partition, neighbour: Partition, page: int) -> None:
    assert neighbour.fill(neighbour.scratch, SECRET_BYTES, SEED) is None

    for flags in (WRITABLE_USER, WRITABLE_USER | UNCACHED):
        for target in aims(subject, neighbour, neighbour.scratch):
            address = _window(subject, target, page, flags)
            assert nothing(subject.load(8, address), 8), f"found at {target:#x}"
            subject.store(8, address, 0)

    assert neighbour.verify(neighbour.scratch, SECRET_BYTES, SEED) == Verified(0, 0)


@PAGES
@pytest.mark.requirement("MEM-06")
def test_does_an_alias_of_its_own_ram_stay_its_own(subject: Partition, page: int) -> None:
    address = _window(subject, subject.scratch, page, WRITABLE_USER)

    assert subject.store(8, address, SEED) is None

    assert subject.load(8, subject.scratch) == SEED


@pytest.mark.requirement("MEM-06")
@pytest.mark.parametrize("bit", PHYSICAL_BITS)
def test_are_high_address_bits_looked_at(subject: Partition, neighbour: Partition, bit: int) -> None:
    assert neighbour.fill(neighbour.scratch, SECRET_BYTES, SEED) is None

    for target in (neighbour.host(neighbour.scratch), subject.scratch):
        address = _window(subject, target | 1 << bit, 0x1000, WRITABLE_USER)
        assert nothing(subject.load(8, address), 8), f"{target | 1 << bit:#x} was taken for {target:#x}"
        subject.store(8, address, 0)

    assert neighbour.verify(neighbour.scratch, SECRET_BYTES, SEED) == Verified(0, 0)


@pytest.mark.requirement("MEM-05", "MEM-06")
def test_can_it_execute_a_mapped_page_of_a_neighbour(subject: Partition, neighbour: Partition) -> None:
    assert neighbour.poke(neighbour.scratch, bytes.fromhex("b8 e7 c2 5e 00 c3")) is None

    for target in aims(subject, neighbour, neighbour.scratch):
        answer = subject.fetch(_window(subject, target, 0x1000, WRITABLE_USER))
        assert isinstance(answer, Fault), f"what lies at {target:#x} was executed, and returned {answer:#x}"


def _window(subject: Partition, gpa: int, page: int, flags: int) -> int:
    """Maps the page around gpa, and returns the linear address that now leads to gpa."""
    subject.map(WINDOW, gpa & ~(page - 1), page, flags)
    return WINDOW + (gpa & page - 1)
