"""Does the interrupt line of a PCI function interrupt its owner, until acknowledged? Paper §3.2, §3.4."""

import pytest

from fixtures.bare import Bare
from fixtures.operator import Operator
from fixtures.partitions import Partition
from harness.image import Board
from harness.probe import Stray
from suites.devices.edu import INTERRUPTS, RAISE, edu_at, edu_of
from suites.devices.pci import COMMAND, IO, MEMORY, NO_LINE, Asked
from suites.interrupts.sources import SHORT_TICKS, VECTOR, apic_id

pytestmark = pytest.mark.usefixtures("mechanism")

AGAIN = 20
"""How often a level that is acknowledged late has to interrupt."""
CAUSE = 0x5
MESSAGES = 0xFEE00000
STOLEN = 0x70


@pytest.mark.requirement("IRQ-01")
def test_does_it_interrupt_until_acknowledged_as_on_the_bare_machine(
    subject: Partition, bare: Bare, board: Board
) -> None:
    name = edu_of(subject, board)

    for often in (1, AGAIN):
        assert raised(subject, name, often) == bare.ask(raised, name, often) == (often, 0, 1)


@pytest.mark.requirement("IRQ-02", "IRQ-11")
def test_does_it_interrupt_a_neighbour(subject: Partition, neighbour: Partition, board: Board) -> None:
    name = edu_of(subject, board)

    with neighbour.undisturbed():
        raised(subject, name, AGAIN)

    assert neighbour.seen(VECTOR).count == 0
    assert neighbour.stray() == Stray(0, 0)


@pytest.mark.requirement("IRQ-01")
def test_can_its_owner_switch_it_off_as_on_the_bare_machine(
    subject: Partition, bare: Bare, board: Board
) -> None:
    name = edu_of(subject, board)

    assert switched_off(subject, name) == bare.ask(switched_off, name) == (0, 1)


@pytest.mark.requirement("IRQ-03", "IRQ-05")
def test_does_a_neighbours_claim_of_it_do_anything(
    subject: Partition, neighbour: Partition, board: Board
) -> None:
    edu = edu_at(neighbour, edu_of(neighbour, board))
    edu.claim(VECTOR, AGAIN)

    subject.claim(edu.line, STOLEN, 1)
    subject.mask(edu.line)
    edu.write(RAISE, CAUSE)

    assert neighbour.await_(VECTOR, AGAIN, neighbour.patience) == AGAIN
    assert subject.seen(STOLEN).count == 0
    assert subject.stray() == Stray(0, 0)


@pytest.mark.requirement("DEV-09", "IRQ-01")
def test_does_it_interrupt_after_a_life_with_messages(
    subject: Partition, operator: Operator, board: Board
) -> None:
    """A function that was left sending messages does not use its line (PCI 3.0 §6.8.1.3)."""
    name = edu_of(subject, board)
    edu_at(subject, name).function.message(MESSAGES | apic_id(subject, board) << 12, VECTOR)

    operator.start_again(subject)

    assert raised(subject, name, 1) == (1, 0, 1)


def raised(probe: Asked, name: str, often: int) -> tuple[int, int, int]:
    """Arrivals until the handler acknowledges, the cause then, and arrivals of another one afterwards."""
    edu = edu_at(probe, name)
    edu.claim(VECTOR, often)
    probe.forget()
    edu.write(RAISE, CAUSE)
    arrivals, cause = probe.await_(VECTOR, often + 1, SHORT_TICKS), edu.read(INTERRUPTS)
    probe.forget()
    edu.write(RAISE, CAUSE)
    return arrivals, cause, probe.await_(VECTOR, 1, probe.patience)


def switched_off(probe: Asked, name: str) -> tuple[int, int]:
    """Arrivals while the function may not use its line (PCI 3.0 §6.2.2, bit 10), and when it may again."""
    edu = edu_at(probe, name)
    edu.claim(VECTOR)
    edu.function.write(2, COMMAND, IO | MEMORY | NO_LINE)
    edu.write(RAISE, CAUSE)
    silent = probe.await_(VECTOR, 1, SHORT_TICKS)
    edu.function.write(2, COMMAND, IO | MEMORY)
    return silent, probe.await_(VECTOR, 1, probe.patience)
