"""What is left of a partition that ended, and what does it find at its next start? Paper §3.1(4), §3.3(2)."""

import pytest

from fixtures.operator import Operator
from fixtures.partitions import Partition
from suites.memory.attack import SECRET_BYTES, SEED, aims, nothing


@pytest.mark.requirement("STOP-09", "MEM-03")
def test_is_the_ram_of_an_ended_partition_out_of_reach(
    subject: Partition, neighbour: Partition, operator: Operator
) -> None:
    assert subject.fill(subject.scratch, SECRET_BYTES, SEED) is None

    operator.stop(subject.name)

    for address in aims(neighbour, subject, subject.scratch):
        assert nothing(neighbour.load(8, address), 8), f"found at {address:#x}"


@pytest.mark.requirement("BOOT-06", "STOP-06")
def test_does_it_find_the_same_environment_again(subject: Partition, operator: Operator) -> None:
    before = (subject.image, subject.e820(), subject.regs(), subject.cpuid(1), subject.lapic(0xF0))

    operator.stop(subject.name)
    operator.start(subject.name)
    subject.boot()

    after = (subject.image, subject.e820(), subject.regs(), subject.cpuid(1), subject.lapic(0xF0))
    assert after == before


@pytest.mark.requirement("BOOT-06", "IRQ-02")
def test_do_old_interrupts_reach_it_after_its_start(
    subject: Partition, neighbour: Partition, operator: Operator
) -> None:
    subject.timer("lapic", 0x60, 200_000)
    assert subject.await_(0x60, 3, 50_000_000) == 3

    operator.stop(subject.name)
    operator.start(subject.name)
    subject.boot()

    subject.spin(2_000_000)
    assert subject.seen(0x60).count == 0
    assert subject.stray().count == 0
