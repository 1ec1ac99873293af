"""Are exceptions delivered the same while a neighbour keeps the controller busy? Paper §3.1(4), §3.3(1)."""

import pytest

from fixtures.bare import Bare
from fixtures.partitions import Partition
from suites.exceptions.comparison import every_form

RUNS = 3000


@pytest.mark.requirement("EXC-06", "EXC-04")
@pytest.mark.parametrize("kind", ["ud", "cpuid", "denied", "mmio"])
def test_are_they_delivered_the_same_in_a_storm(
    subject: Partition, neighbour: Partition, bare: Bare, kind: str
) -> None:
    storm = neighbour.begin("storm", kind, RUNS)
    storm.wait_begun()
    deliveries = every_form(subject)
    done = storm.result()

    assert deliveries == bare.ask(every_form)
    assert done.status == "ok"
    assert done.number() == RUNS


@pytest.mark.requirement("EXC-04", "STOP-01")
def test_does_a_storm_of_exceptions_disturb_a_neighbour(subject: Partition, neighbour: Partition) -> None:
    with neighbour.undisturbed():
        assert subject.storm("ud", RUNS) == RUNS
