"""Does a Linux miss anything while another one is started again and again? Paper §3.1(4)."""

import pytest

from fixtures.evidence import Measure
from fixtures.machine import check_on
from fixtures.operator import Operator
from fixtures.partitions import Partition
from harness.machine import Machine
from suites.systems.linux import shell, started_at
from suites.systems.load import undisturbed

pytestmark = [pytest.mark.process, pytest.mark.stress(rounds=50)]


@pytest.mark.requirement("STOP-08", "STOP-06", "BOOT-03", "OS-03")
def test_does_a_neighbour_miss_anything_of_many_restarts(
    machine: Machine,
    subject: Partition,
    neighbour: Partition,
    operator: Operator,
    measure: Measure,
    rounds: int,
) -> None:
    mark = machine.mark()
    with undisturbed(neighbour):
        for _ in range(rounds):
            operator.stop(subject.name)
            operator.start(subject.name)
            subject.boot()
            measure("restart.boot", started_at(subject), "s", subject.name)

    assert shell(subject, "echo works again") == "works again\n"
    check_on(machine, mark)
