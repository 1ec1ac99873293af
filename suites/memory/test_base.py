"""Does the RAM of each partition lie where the manifest says, at a base that is not 0 for all but one?

Paper §3.3(1): all operating systems but one see memory that does not begin at address 0.
"""

from collections.abc import Mapping

import pytest

from fixtures.machine import needs
from fixtures.partitions import Partition
from harness.machine import Machine

MARK = bytes.fromhex("6d726d2d 6261 7365")  # "mrm-base"


@pytest.mark.requirement("MEM-01")
def test_does_at_most_one_partition_begin_at_zero(partitions: Mapping[str, Partition]) -> None:
    bases = [min(stretch.hpa for stretch in partition.ram) for partition in partitions.values()]

    assert bases.count(0) <= 1
    assert all(partition.owns(partition.image.base) for partition in partitions.values())


@pytest.mark.requirement("MEM-01", "MEM-02")
def test_is_its_ram_where_the_manifest_says(machine: Machine, subject: Partition) -> None:
    needs(machine, "memory")
    for at in (subject.ram[0].gpa, subject.scratch, subject.ram[-1].end - len(MARK)):
        assert subject.poke(at, MARK) is None

        assert machine.read_memory(subject.host(at), len(MARK)) == MARK


@pytest.mark.requirement("MEM-01", "BOOT-01")
def test_does_its_code_run_inside_its_own_ram(subject: Partition) -> None:
    image = subject.image

    assert subject.owns(image.base)
    assert subject.owns(image.base + image.size - 1)
