"""Does a Linux miss anything while another one is started again and again? Paper §3.1(4)."""

import pytest

from fixtures.evidence import Measure
from fixtures.machine import check_on
from fixtures.operator import Operator
from fixtures.partitions import Partition
from harness.machine import Machine
from suites.systems.linux import said_at
from suites.systems.load import undisturbed

pytestmark = [pytest.mark.process, pytest.mark.stress(rounds=50)]


@pytest.mark.requirement("STOP-08", "STOP-06", "BOOT-03", "OS-03")
def test_does_a_neighbour_miss_anything_of_many_restarts(
    machine: Machine,
    subject: Partition,
    neighbour: Partition,
    operator: Operator,
    measure: Measure,
    turn: int,
) -> None:
    """One of them. The next one finds the same machine, unless something was wrong."""
    mark = machine.mark()
    with undisturbed(neighbour):
        operator.start_again(subject)
    measure("restart.boot", said_at(subject, "Run /init"), "s", subject.name)
    check_on(machine, mark)
