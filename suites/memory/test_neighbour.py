"""Can a partition read, change or execute a neighbour's RAM? Paper §3.2, §3.3(1)."""

from itertools import product

import pytest

from fixtures.partitions import SCRATCH_BYTES, Partition
from harness.probe import Fault, Verified
from suites.memory.attack import SECRET_BYTES, SEED, WIDTHS, aims, nothing

SPY = bytes.fromhex("b8 e7 c2 5e 00 c3")  # mov eax, 0x5ec2e7; ret
SPIED = 0x5EC2E7


@pytest.mark.requirement("MEM-03")
def test_can_it_load_a_neighbours_secret(subject: Partition, neighbour: Partition) -> None:
    assert neighbour.fill(neighbour.scratch, SECRET_BYTES, SEED) is None

    for width, address in product(WIDTHS, aims(subject, neighbour, neighbour.scratch)):
        assert nothing(subject.load(width, address), width), f"found at {address:#x}"


@pytest.mark.requirement("MEM-03")
def test_can_it_read_a_neighbours_secret_in_bulk(subject: Partition, neighbour: Partition) -> None:
    assert neighbour.fill(neighbour.scratch, SECRET_BYTES, SEED) is None

    for address in aims(subject, neighbour, neighbour.scratch):
        seen = subject.peek(address, SECRET_BYTES)
        assert isinstance(seen, Fault) or set(seen) == {0xFF}, f"found at {address:#x}"


@pytest.mark.requirement("MEM-03")
def test_can_it_load_any_part_of_a_neighbours_ram(subject: Partition, neighbour: Partition) -> None:
    for stretch in neighbour.ram:
        for gpa in range(stretch.gpa, stretch.end, (stretch.size // 16) & ~7):
            for address in aims(subject, neighbour, gpa):
                assert nothing(subject.load(8, address), 8), f"found at {address:#x}"


@pytest.mark.requirement("MEM-04")
def test_can_it_store_into_a_neighbours_ram(subject: Partition, neighbour: Partition) -> None:
    assert neighbour.fill(neighbour.scratch, SECRET_BYTES, SEED) is None

    for width, address in product(WIDTHS, aims(subject, neighbour, neighbour.scratch)):
        subject.store(width, address, 0)

    assert neighbour.verify(neighbour.scratch, SECRET_BYTES, SEED) == Verified(0, 0)


@pytest.mark.requirement("MEM-04")
def test_can_it_overwrite_all_of_a_neighbours_ram(subject: Partition, neighbour: Partition) -> None:
    step = 0x8008  # over every page table index, on varying offsets
    assert neighbour.fill(neighbour.scratch, SCRATCH_BYTES, SEED, 8 * 513) is None

    with neighbour.undisturbed():
        for stretch in neighbour.ram:
            for address in aims(subject, neighbour, stretch.gpa):
                subject.fill(address, stretch.size, 0, step)

    assert neighbour.verify(neighbour.scratch, SCRATCH_BYTES, SEED, 8 * 513) == Verified(0, 0)


@pytest.mark.requirement("MEM-05")
def test_can_it_execute_code_in_a_neighbours_ram(subject: Partition, neighbour: Partition) -> None:
    assert neighbour.poke(neighbour.scratch, SPY) is None
    assert neighbour.fetch(neighbour.scratch) == SPIED

    for address in aims(subject, neighbour, neighbour.scratch):
        answer = subject.fetch(address)
        assert isinstance(answer, Fault), f"what lies at {address:#x} was executed, and returned {answer:#x}"


@pytest.mark.requirement("MEM-03", "MEM-04", "STOP-01")
def test_does_reaching_out_leave_the_partition_itself_whole(subject: Partition, neighbour: Partition) -> None:
    assert subject.fill(subject.scratch, SECRET_BYTES, SEED) is None

    for address in aims(subject, neighbour, neighbour.scratch):
        subject.store(8, address, 0)
        subject.load(8, address)

    assert subject.verify(subject.scratch, SECRET_BYTES, SEED) == Verified(0, 0)
