"""Do a partition's own page tables lead it into a neighbour's RAM? Paper §3.3(1).

A partition writes its page tables as it likes, and may map any guest-physical address. Pages of every size
are tried, and addresses whose upper bits a careless check might drop.
"""

from itertools import product

import pytest

from fixtures.machine import check_on
from fixtures.partitions import Partition
from harness.machine import Machine
from harness.probe import Fault, Verified
from suites.endings import SILENCE_SECONDS
from suites.memory.attack import PHYSICAL_BITS, SECRET_BYTES, SEED, aims, nothing

WINDOW = 0x40_0000_0000
"""A linear address that the probe does not use, aligned to the largest page."""

TABLE_BYTES = 0x1000
WRITABLE_USER = 3
UNCACHED = 16
PAGES = {"4k": 0x1000, "2m": 0x200000, "1g": 0x40000000}


@pytest.mark.requirement("MEM-06")
@pytest.mark.parametrize("size", PAGES)
def test_can_it_map_a_neighbours_ram(subject: Partition, neighbour: Partition, size: str) -> None:
    assert neighbour.fill(neighbour.scratch, SECRET_BYTES, SEED) is None

    for flags in (WRITABLE_USER, WRITABLE_USER | UNCACHED):
        for target in aims(subject, neighbour, neighbour.scratch):
            address = _window(subject, target, PAGES[size], flags)
            assert nothing(subject.load(8, address), 8), f"found at {target:#x}"
            subject.store(8, address, 0)

    assert neighbour.verify(neighbour.scratch, SECRET_BYTES, SEED) == Verified(0, 0)


@pytest.mark.requirement("MEM-06")
def test_does_an_alias_of_its_own_ram_stay_its_own(subject: Partition) -> None:
    for page in PAGES.values():
        address = _window(subject, subject.scratch, page, WRITABLE_USER)

        assert subject.store(8, address, SEED ^ page) is None

        assert subject.load(8, subject.scratch) == SEED ^ page


@pytest.mark.requirement("MEM-06")
def test_are_high_address_bits_looked_at(subject: Partition, neighbour: Partition) -> None:
    assert neighbour.fill(neighbour.scratch, SECRET_BYTES, SEED) is None

    for bit, target in product(PHYSICAL_BITS, (neighbour.host(neighbour.scratch), subject.scratch)):
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


@pytest.mark.requirement("MEM-06", "MEM-04")
def test_can_its_page_tables_lie_in_a_neighbours_ram(
    machine: Machine, subject: Partition, neighbour: Partition
) -> None:
    """The processor walks page tables and sets accessed bits in them: in the neighbour's RAM, if it could."""
    mark = machine.mark()
    assert neighbour.fill(neighbour.scratch, TABLE_BYTES, SEED) is None

    with neighbour.undisturbed():
        subject.last("setcr", 3, neighbour.host(neighbour.scratch))
        assert subject.silent(SILENCE_SECONDS) or subject.spec.on_crash == "restart"

    assert neighbour.verify(neighbour.scratch, TABLE_BYTES, SEED) == Verified(0, 0)
    check_on(machine, mark)


def _window(subject: Partition, gpa: int, page: int, flags: int) -> int:
    """Maps the page around gpa, and returns the linear address that now leads to gpa."""
    subject.map(WINDOW, gpa & ~(page - 1), page, flags)
    return WINDOW + (gpa & page - 1)
