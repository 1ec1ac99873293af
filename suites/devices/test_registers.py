"""Does its owner reach a function's registers, and nobody else? Paper §3.1(2), §3.2."""

import pytest

from fixtures.bare import Bare
from fixtures.partitions import Partition
from harness.image import Board
from harness.image.fields import Range
from suites.devices.edu import (
    FACTORIAL,
    IDENTITY,
    INTERRUPTS,
    LIVENESS,
    STATUS,
    TELL_WHEN_COMPUTED,
    edu_at,
    edu_of,
)
from suites.devices.pci import Asked
from suites.interrupts.sources import VECTOR
from suites.memory.attack import nothing

pytestmark = pytest.mark.usefixtures("mechanism")

VALUES = (0, 0x12345678, 0xA5A5A5A5, 0xFFFFFFFF)
PATIENCE_TICKS = 3_000_000_000
"""How long a factorial may take: a thread of the emulator's does it, whenever the host lets it."""
PLACES = 16
WIDTHS = (1, 2, 4, 8)


@pytest.mark.requirement("DEV-06")
def test_does_it_answer_its_owner_as_on_the_bare_machine(
    subject: Partition, bare: Bare, board: Board
) -> None:
    name = edu_of(subject, board)

    assert answers(subject, name) == bare.ask(answers, name)


@pytest.mark.requirement("DEV-06", "IRQ-01")
def test_does_it_work_for_its_owner_as_on_the_bare_machine(
    subject: Partition, bare: Bare, board: Board
) -> None:
    name = edu_of(subject, board)

    assert computed(subject, name) == bare.ask(computed, name)


@pytest.mark.requirement("DEV-06")
def test_does_it_answer_a_neighbour(subject: Partition, neighbour: Partition, board: Board) -> None:
    for pages in _foreign(subject, neighbour, board):
        for address in range(pages.base, pages.end, pages.size // PLACES):
            for width in WIDTHS:
                if not subject.owns(address):  # the zero-based view may have RAM there
                    assert nothing(subject.load(width, address), width), f"found at {address:#x}"


@pytest.mark.requirement("DEV-06")
def test_does_a_neighbours_write_reach_it(subject: Partition, neighbour: Partition, board: Board) -> None:
    edu = edu_at(neighbour, edu_of(neighbour, board))
    edu.write(LIVENESS, VALUES[1])

    for width in WIDTHS:
        subject.store(width, edu.base + LIVENESS, 0)

    assert edu.read(LIVENESS) == VALUES[1] ^ 0xFFFFFFFF


def answers(probe: Asked, name: str) -> tuple[int, list[int]]:
    """What its register says that knows it, and what it makes of some values."""
    edu, found = edu_at(probe, name), []
    for value in VALUES:
        edu.write(LIVENESS, value)
        found.append(edu.read(LIVENESS))
    return edu.read(IDENTITY), found


def computed(probe: Asked, name: str) -> tuple[int, int, int]:
    """Whether it interrupts when it has computed, what for when the handler is done, and its result."""
    edu = edu_at(probe, name)
    edu.claim(VECTOR)
    edu.write(STATUS, TELL_WHEN_COMPUTED)
    edu.write(FACTORIAL, 10)
    return probe.await_(VECTOR, 1, PATIENCE_TICKS), edu.read(INTERRUPTS), edu.read(FACTORIAL)


def _foreign(subject: Partition, neighbour: Partition, board: Board) -> list[Range]:
    """Pages of the neighbour's devices. Skips the test if there are none."""
    names = sorted(set(neighbour.spec.devices) - set(subject.spec.devices))
    found = [pages for name in names for pages in board.devices[name].mmio_ranges]
    if not found:
        pytest.skip(f"{neighbour} has no device with memory-mapped registers")
    return found
