"""Does every interrupt enter its owner's handler, and nobody else's? Paper §3.2, §3.4."""

from collections.abc import Mapping

import pytest

from fixtures.bare import Bare, Twin
from fixtures.machine import needs
from fixtures.partitions import Partition
from harness.image import Board
from harness.machine import Machine
from harness.probe import Stray
from suites.interrupts.sources import (
    LAPIC_PERIOD,
    VECTOR,
    beats,
    others,
    owner_of,
    start,
)  # fmt: skip

NMI = 2
TO_ITSELF = 1 << 18 | 1 << 14
"""Shorthand and level of the interrupt command register (APM vol. 2 §16.5)."""


@pytest.mark.requirement("IRQ-01", "IRQ-02", "BRD-05")
@pytest.mark.parametrize("device", ["pit", "rtc"])
def test_does_a_device_interrupt_its_owner_only(
    partitions: Mapping[str, Partition], board: Board, device: str
) -> None:
    owner = owner_of(device, partitions)

    start(owner, board, device)

    assert beats(owner)
    for other in others(owner, partitions):
        assert other.stray() == Stray(0, 0)
        assert other.seen(VECTOR).count == 0


@pytest.mark.requirement("IRQ-01", "BRD-03")
def test_does_its_serial_line_interrupt_it_only(subject: Partition, neighbour: Partition) -> None:
    with neighbour.undisturbed():
        for length in range(1, 200, 20):
            data = bytes(range(length))
            assert subject.echo(data) == data

    assert neighbour.stray() == Stray(0, 0)


@pytest.mark.requirement("IRQ-06", "IRQ-02")
def test_does_its_own_timer_interrupt_it_only(subject: Partition, neighbour: Partition) -> None:
    subject.timer("lapic", VECTOR, LAPIC_PERIOD)

    assert beats(subject)
    assert neighbour.stray() == Stray(0, 0)
    assert neighbour.seen(VECTOR).count == 0


@pytest.mark.requirement("IRQ-06", "IRQ-11")
def test_do_the_timers_of_all_partitions_beat_at_the_same_time(partitions: Mapping[str, Partition]) -> None:
    for vector, partition in enumerate(partitions.values(), VECTOR):
        partition.timer("lapic", vector, LAPIC_PERIOD)

    for vector, partition in enumerate(partitions.values(), VECTOR):
        assert beats(partition, vector)
        assert partition.stray() == Stray(0, 0)


@pytest.mark.requirement("IRQ-01")
def test_is_the_handler_entered_as_on_the_bare_machine(subject: Partition, bare: Bare) -> None:
    assert entered(subject) == bare.ask(entered)


@pytest.mark.requirement("IRQ-09")
def test_does_an_nmi_from_outside_reach_its_owner_only(
    machine: Machine, partitions: Mapping[str, Partition], bare: Bare
) -> None:
    needs(machine, "nmi")
    assert bare.ask(nmis_seen) == 1

    machine.inject_nmi()

    seen = {name: partition.seen(NMI).count for name, partition in partitions.items()}
    assert seen == {name: int("nmi" in partition.spec.rights) for name, partition in partitions.items()}


@pytest.mark.requirement("IRQ-09", "STOP-01")
def test_does_an_nmi_disturb_one_that_does_not_own_it(
    machine: Machine, subject: Partition, neighbour: Partition
) -> None:
    needs(machine, "nmi")
    if "nmi" in neighbour.spec.rights:
        neighbour, subject = subject, neighbour

    with neighbour.undisturbed():
        machine.inject_nmi()
        subject.echo(b"still there")

    assert neighbour.seen(NMI).count == 0


def entered(probe: Partition | Twin) -> tuple[int, int, int, int, int]:
    """What the handler of an interrupt sees of it; of one to itself, since a timer would go on counting."""
    probe.ipi(0, TO_ITSELF | VECTOR)
    assert probe.await_(VECTOR, 1, probe.patience) == 1
    record = probe.seen(VECTOR).record
    return record.vector, record.error, record.cs, record.ss, record.rsp % 16


def nmis_seen(probe: Twin) -> int:
    probe.machine.inject_nmi()
    return probe.seen(NMI).count
