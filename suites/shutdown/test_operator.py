"""Can the operator end any partition, whatever it does, and start it again? Paper §3.1(4), §3.3(2)."""

from collections.abc import Callable, Mapping

import pytest

from fixtures.machine import check_on
from fixtures.operator import Operator
from fixtures.partitions import Partition
from harness.machine import Machine
from suites.endings import SILENCE_SECONDS

BUSY: dict[str, Callable[[Partition], object]] = {
    "idle": lambda subject: None,
    "hang": lambda subject: subject.last("hang"),
    "spin": lambda subject: subject.last("spin", 1 << 40),
    "exceptions": lambda subject: subject.last("storm", "ud", 1 << 30),
    "exits": lambda subject: subject.last("storm", "cpuid", 1 << 30),
    "interrupts": lambda subject: subject.last("storm", "self", 1 << 30),
}


@pytest.mark.requirement("STOP-05", "STOP-06")
@pytest.mark.parametrize("doing", BUSY)
def test_can_a_partition_be_stopped_whatever_it_does(
    machine: Machine, subject: Partition, neighbour: Partition, operator: Operator, doing: str
) -> None:
    mark = machine.mark()
    BUSY[doing](subject)

    with neighbour.undisturbed():
        operator.stop(subject.name)
        assert subject.silent(SILENCE_SECONDS)
        operator.start(subject.name)
        subject.boot()

    assert subject.echo(b"works again") == b"works again"
    check_on(machine, mark)


@pytest.mark.requirement("STOP-08", "STOP-06")
def test_does_a_neighbour_miss_anything_of_many_stops_and_starts(
    subject: Partition, neighbour: Partition, operator: Operator
) -> None:
    with neighbour.undisturbed():
        for _ in range(10):
            operator.start_again(subject)


@pytest.mark.requirement("BOOT-03", "STOP-06")
@pytest.mark.parametrize("reverse", [False, True], ids=["in-order", "in-reverse"])
def test_can_all_be_stopped_and_started_in_any_order(
    machine: Machine, partitions: Mapping[str, Partition], operator: Operator, reverse: bool
) -> None:
    mark = machine.mark()
    for name in partitions:
        operator.stop(name)

    for name in sorted(partitions, reverse=reverse):
        operator.start(name)
        partitions[name].boot()

    assert all(partition.echo(b"x") == b"x" for partition in partitions.values())
    check_on(machine, mark)
