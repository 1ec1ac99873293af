"""Does an interprocessor interrupt reach anybody but the partition that sends it? Paper §3.2, §3.4.

Every kind that the local APIC can send (APM vol. 2 §16.5), to the neighbour's processor by its physical and
logical ID, to all, and to all but itself.
"""

import pytest

from fixtures.bare import Bare, Twin
from fixtures.partitions import Partition
from harness.image import Board
from harness.probe import Stray
from suites.interrupts.sources import VECTOR, apic_id

KINDS = {"fixed": 0, "lowest": 1, "smi": 2, "nmi": 4, "init": 5, "startup": 6}
HARMLESS_TO_SELF = ("fixed", "lowest", "nmi")
"""Sent to all, these come back to the sender without ending it, on the bare machine as well."""
NMI = 2
LOGICAL = 1 << 11
ASSERT = 1 << 14
SELF, ALL, ALL_BUT_SELF = 1 << 18, 2 << 18, 3 << 18


@pytest.mark.requirement("IRQ-07")
@pytest.mark.parametrize("kind", KINDS)
def test_does_it_reach_a_neighbour(subject: Partition, neighbour: Partition, board: Board, kind: str) -> None:
    with neighbour.undisturbed():
        for target in ("physical", "logical", "all-but-self"):
            subject.ipi(*_icr(kind, target, apic_id(neighbour, board)))
            assert subject.echo(b"still there") == b"still there"

    assert neighbour.seen(VECTOR).count == 0
    assert neighbour.seen(NMI).count == 0


@pytest.mark.requirement("IRQ-07")
@pytest.mark.parametrize("kind", HARMLESS_TO_SELF)
def test_does_one_to_all_reach_a_neighbour(
    subject: Partition, neighbour: Partition, board: Board, kind: str
) -> None:
    with neighbour.undisturbed():
        for target in ("broadcast", "logical-all", "all"):
            subject.ipi(*_icr(kind, target, apic_id(neighbour, board)))

    assert neighbour.seen(VECTOR).count == 0
    assert neighbour.seen(NMI).count == 0


@pytest.mark.requirement("IRQ-08")
def test_does_one_to_itself_arrive_as_on_the_bare_machine(
    subject: Partition, bare: Bare, board: Board
) -> None:
    for target in ("self", "physical", "all"):
        assert sent_to_itself(subject, target, apic_id(subject, board)) == (1, VECTOR)
        assert bare.ask(sent_to_itself, target, board.processors.apic_ids[0]) == (1, VECTOR)


@pytest.mark.requirement("IRQ-08", "IRQ-02")
def test_do_many_to_itself_all_arrive(subject: Partition, neighbour: Partition) -> None:
    runs = 1000

    assert subject.storm("self", runs) == runs

    assert neighbour.stray() == Stray(0, 0)


@pytest.mark.counted
@pytest.mark.requirement("IRQ-11")
@pytest.mark.parametrize("kind", ["self", "mmio", "cpuid"])
def test_does_a_storm_delay_a_neighbours_timer(subject: Partition, neighbour: Partition, kind: str) -> None:
    runs = 3000

    with neighbour.undisturbed():
        assert subject.storm(kind, runs) == runs


def sent_to_itself(probe: Partition | Twin, target: str, own_id: int) -> tuple[int, int]:
    """How often an interrupt arrived, and as which vector."""
    probe.forget()
    probe.ipi(*_icr("fixed", target, own_id))
    return probe.await_(VECTOR, 1, probe.patience), probe.seen(VECTOR).record.vector


def _icr(kind: str, target: str, apic: int) -> tuple[int, int]:
    """The interrupt command register (APM vol. 2 §16.5): the high and the low word."""
    low = KINDS[kind] << 8 | ASSERT | VECTOR
    return {
        "physical": (apic << 24, low),
        "logical": (1 << 24 + apic, low | LOGICAL),
        "broadcast": (0xFF << 24, low),
        "logical-all": (0xFF << 24, low | LOGICAL),
        "self": (0, low | SELF),
        "all": (0, low | ALL),
        "all-but-self": (0, low | ALL_BUT_SELF),
    }[target]
