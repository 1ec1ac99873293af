"""Does a partition that does nothing any more disturb another, and can it be started again? Paper §3.1(4)."""

import pytest

from fixtures.machine import check_on
from fixtures.operator import Operator
from fixtures.partitions import Partition
from harness.machine import Machine
from suites.endings import SILENCE_SECONDS

WAYS = pytest.mark.parametrize(
    "way",
    [
        pytest.param("halt", marks=pytest.mark.requirement("STOP-01")),
        pytest.param("sleep", marks=pytest.mark.requirement("STOP-01")),
        pytest.param("hang", marks=pytest.mark.requirement("STOP-02")),
    ],
)


@WAYS
@pytest.mark.requirement("STOP-01")
def test_does_a_dead_partition_disturb_a_neighbour(
    machine: Machine, subject: Partition, neighbour: Partition, way: str
) -> None:
    mark = machine.mark()

    with neighbour.undisturbed():
        subject.last(way)
        assert subject.silent(SILENCE_SECONDS)

    check_on(machine, mark)


@WAYS
@pytest.mark.requirement("STOP-05", "STOP-06")
def test_can_the_operator_start_a_dead_partition_again(
    subject: Partition, neighbour: Partition, operator: Operator, way: str
) -> None:
    subject.last(way)

    with neighbour.undisturbed():
        operator.start_again(subject)

    assert subject.echo(b"works again") == b"works again"


@pytest.mark.requirement("STOP-02", "STOP-01")
def test_does_a_neighbour_keep_its_interrupts_while_one_hangs(
    subject: Partition, neighbour: Partition
) -> None:
    vector, period = 0x60, 500_000
    neighbour.timer("lapic", vector, period)

    subject.last("hang")

    neighbour.forget()
    assert neighbour.await_(vector, 10, neighbour.patience) == 10
