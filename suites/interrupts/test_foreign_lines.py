"""Can a partition claim, mask, unmask or redirect an interrupt line that is not its own? Paper §3.2, §3.4."""

import pytest

from fixtures.partitions import Partition
from harness.image import Board
from harness.probe import Stray
from suites.interrupts.sources import (
    SHORT_TICKS,
    VECTOR,
    apic_id,
    beats,
    line,
    pins,
    redirect,
    some_timers,
    start,
    timers,
)  # fmt: skip

STOLEN = 0x70
MASKED = 1 << 16
LEVEL_LOW = 3
DELIVERY = {"fixed": 0, "lowest": 1, "smi": 2, "nmi": 4, "init": 5, "extint": 7}
"""Delivery modes of a redirection entry (82093AA datasheet §3.2.4)."""


@pytest.mark.requirement("IRQ-03")
@pytest.mark.parametrize("flags", [0, LEVEL_LOW], ids=["edge-high", "level-low"])
def test_does_a_claim_of_a_neighbours_line_do_anything(
    subject: Partition, neighbour: Partition, board: Board, flags: int
) -> None:
    for vector, device in enumerate(timers(neighbour), VECTOR):
        start(neighbour, board, device, vector)

    for gsi in sorted(neighbour.gsis):
        subject.claim(gsi, STOLEN, flags)

    for vector, _ in enumerate(timers(neighbour), VECTOR):
        assert beats(neighbour, vector)
    assert subject.seen(STOLEN).count == 0
    assert subject.stray() == Stray(0, 0)


@pytest.mark.requirement("IRQ-04", "IRQ-02")
def test_does_a_claim_of_every_other_line_deliver_anything(
    subject: Partition, neighbour: Partition, board: Board
) -> None:
    subject.forget()
    for gsi in set(pins(board)) - subject.gsis:
        subject.claim(gsi, STOLEN)

    with neighbour.undisturbed():
        assert subject.await_(STOLEN, 1, SHORT_TICKS) == 0
    assert subject.stray() == Stray(0, 0)


@pytest.mark.requirement("IRQ-05")
@pytest.mark.parametrize("how", ["mask", "register"])
def test_can_it_mask_a_neighbours_line(
    subject: Partition, neighbour: Partition, board: Board, how: str
) -> None:
    for vector, device in enumerate(timers(neighbour), VECTOR):
        start(neighbour, board, device, vector)

    for gsi in sorted(neighbour.gsis):
        if how == "mask":
            subject.mask(gsi)
        else:
            redirect(subject, board, gsi, MASKED | STOLEN)

    for vector, _ in enumerate(timers(neighbour), VECTOR):
        assert beats(neighbour, vector)
    assert neighbour.echo(b"line open") == b"line open"


@pytest.mark.requirement("IRQ-05")
def test_can_it_unmask_a_neighbours_line(subject: Partition, neighbour: Partition, board: Board) -> None:
    for device in some_timers(neighbour):
        start(neighbour, board, device)
        neighbour.mask(line(board, device))
        neighbour.forget()

        subject.unmask(line(board, device))

        assert neighbour.await_(VECTOR, 1, SHORT_TICKS) == 0
        assert subject.stray() == Stray(0, 0)


@pytest.mark.requirement("IRQ-02", "IRQ-10")
def test_can_it_send_interrupts_to_a_neighbour(
    subject: Partition, neighbour: Partition, board: Board
) -> None:
    lines = {line(board, device) for device in timers(subject)} | set(pins(board)) - subject.gsis
    with neighbour.undisturbed():
        for device in timers(subject):
            start(subject, board, device)
        for delivery in DELIVERY.values():
            for gsi in sorted(lines):
                redirect(subject, board, gsi, apic_id(neighbour, board) << 56 | delivery << 8 | STOLEN)
            subject.spin(SHORT_TICKS)

    assert neighbour.seen(STOLEN).count == 0
    assert neighbour.seen(2).count == 0


@pytest.mark.requirement("IRQ-02", "IRQ-10")
def test_can_it_send_its_own_interrupts_to_all(
    subject: Partition, neighbour: Partition, board: Board
) -> None:
    everybody_logical = 0xFF << 56 | 1 << 11 | STOLEN

    with neighbour.undisturbed():
        for device in timers(subject):
            start(subject, board, device)
            redirect(subject, board, line(board, device), everybody_logical)
        subject.spin(SHORT_TICKS)

    assert neighbour.seen(STOLEN).count == 0


@pytest.mark.requirement("IRQ-10")
def test_can_it_rename_the_io_apic(subject: Partition, neighbour: Partition, board: Board) -> None:
    before = neighbour.ioapic(0)

    subject.ioapic_set(0, 0xF << 24)
    subject.ioapic_set(2, 0xF << 24)

    assert neighbour.ioapic(0) == before
    for device in timers(neighbour):
        start(neighbour, board, device)
        assert beats(neighbour)
