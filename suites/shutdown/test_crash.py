"""Does a triple fault end the partition that caused it, and nothing else? Paper §3.1(4).

On the bare machine a triple fault resets the machine; that it does is asked first.
"""

import pytest

from fixtures.bare import Bare
from fixtures.machine import check_on
from fixtures.operator import Operator
from fixtures.partitions import Partition
from harness.machine import Machine
from suites.endings import check_ended
from suites.poweroff.forms import takes_the_machine_down

TRIPLE = (("triple",),)


@pytest.mark.requirement("STOP-03", "STOP-07", "STOP-06")
def test_does_a_triple_fault_end_one_partition_only(
    machine: Machine, subject: Partition, neighbour: Partition, operator: Operator, bare: Bare
) -> None:
    assert bare.ask(takes_the_machine_down, TRIPLE)
    mark = machine.mark()

    with neighbour.undisturbed():
        subject.last("triple")
        check_ended(subject, subject.spec.on_crash, operator)

    check_on(machine, mark)


@pytest.mark.requirement("STOP-03", "STOP-08")
def test_do_triple_faults_in_a_row_end_one_partition_only(
    machine: Machine, subject: Partition, neighbour: Partition, operator: Operator
) -> None:
    with neighbour.undisturbed():
        for _ in range(3):
            subject.last("triple")
            check_ended(subject, subject.spec.on_crash, operator)
