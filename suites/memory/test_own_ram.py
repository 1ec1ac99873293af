"""Is all of a partition's RAM usable, and every part of it distinct? Paper §3.2, §3.3(1)."""

from itertools import product

import pytest

from fixtures.partitions import SCRATCH_BYTES, Partition
from harness.probe import Verified
from suites.memory.attack import WIDTHS

PAGE = 0x1000
SEED = 0x0FF
INTACT = Verified(wrong=0, first=0)


@pytest.mark.requirement("MEM-02")
def test_can_it_use_the_first_and_last_bytes_of_its_ram(subject: Partition) -> None:
    for width, stretch in product(WIDTHS, subject.ram):
        value = 0x0123456789ABCDEF & (1 << 8 * width) - 1
        for address in (stretch.gpa, stretch.end - width):
            assert subject.store(width, address, value) is None
            assert subject.load(width, address) == value


@pytest.mark.requirement("MEM-02")
def test_is_every_page_of_its_ram_distinct(subject: Partition) -> None:
    free = list(_free(subject))
    for base, size in free:
        assert subject.fill(base, size, SEED ^ base, PAGE) is None

    for base, size in free:
        assert subject.verify(base, size, SEED ^ base, PAGE) == INTACT


@pytest.mark.requirement("MEM-02")
def test_is_every_word_of_a_region_distinct(subject: Partition) -> None:
    assert subject.fill(subject.scratch, SCRATCH_BYTES // 8, SEED, 8) is None

    assert subject.verify(subject.scratch, SCRATCH_BYTES // 8, SEED, 8) == INTACT


@pytest.mark.requirement("MEM-02", "MEM-04")
def test_do_all_partitions_keep_their_pages_at_the_same_time(
    subject: Partition, neighbour: Partition
) -> None:
    for seed, partition in enumerate((subject, neighbour)):
        for base, size in _free(partition):
            assert partition.fill(base, size, seed, PAGE) is None

    for seed, partition in enumerate((subject, neighbour)):
        for base, size in _free(partition):
            assert partition.verify(base, size, seed, PAGE) == INTACT


@pytest.mark.requirement("MEM-02")
def test_does_it_execute_code_anywhere_in_its_ram(subject: Partition) -> None:
    code = bytes.fromhex("b8 e7 c2 5e 00 c3")  # mov eax, 0x5ec2e7; ret
    for address in (subject.scratch, subject.ram[-1].end - len(code)):
        assert subject.poke(address, code) is None
        assert subject.fetch(address) == 0x5EC2E7


def _free(partition: Partition) -> list[tuple[int, int]]:
    """Base and size of what is left of a partition's RAM when the probe's image is taken out."""
    image = partition.image
    pieces = []
    for stretch in partition.ram:
        below = min(stretch.end, max(stretch.gpa, image.base))
        above = max(stretch.gpa, min(stretch.end, image.base + image.size))
        pieces += [(stretch.gpa, below - stretch.gpa), (above, stretch.end - above)]
    return [(base, size) for base, size in pieces if size > 0]
