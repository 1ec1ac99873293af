"""Does a function move data in its owner's RAM, and stop when its owner ends? Paper §3.1(2), (4)."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from fixtures.bare import Bare
from fixtures.machine import needs
from fixtures.operator import Operator
from fixtures.partitions import Partition
from harness.errors import InfraError
from harness.image import Board
from harness.machine import Machine
from harness.probe import Verified
from harness.probe.client import LOOP_SECONDS
from suites.devices.edu import (
    BUFFER,
    BUFFER_BYTES,
    DMA_COUNTS,
    RAISE,
    RUN,
    START,
    TO_RAM,
    Edu,
    edu_at,
    edu_of,
)
from suites.devices.pci import COMMAND, IO, MASTER, MEMORY, MSI, MSI_CONTROL, MSI_ENABLE, Asked
from suites.interrupts.sources import SHORT_TICKS, VECTOR, apic_id

pytestmark = pytest.mark.usefixtures("mechanism")

SEED, OTHER_SEED = 0xD0A, 0xF111
SIZE = BUFFER_BYTES // 2
AS_IT_WAS = Verified(0, 0)
EXITS = 100_000
"""How long a neighbour holds the machine's time up: seconds of an emulator's, and a fifth of a transfer's."""
TOO_LATE = InfraError(
    "the transfer was over before its owner was",
    why="only one that goes on shows whether it is stopped",
    todo="run less beside it",
)


@pytest.mark.requirement("DEV-08")
def test_does_it_move_data_as_on_the_bare_machine(subject: Partition, bare: Bare, board: Board) -> None:
    name = edu_of(subject, board)

    assert moved(subject, name, subject.scratch) == bare.ask(moved, name, subject.scratch) == AS_IT_WAS


@pytest.mark.requirement("DEV-08")
def test_does_it_move_data_before_it_may_as_on_the_bare_machine(
    subject: Partition, bare: Bare, board: Board
) -> None:
    """Its owner says by bit 2 of the command register whether it may (PCI 3.0 §6.2.2)."""
    name = edu_of(subject, board)

    assert forbidden(subject, name, subject.scratch) == bare.ask(forbidden, name, subject.scratch)


@pytest.mark.requirement("DEV-08")
def test_does_it_disturb_a_neighbour(subject: Partition, neighbour: Partition, board: Board) -> None:
    with neighbour.undisturbed():
        assert moved(subject, edu_of(subject, board), subject.scratch) == AS_IT_WAS


@pytest.mark.requirement("DEV-09", "STOP-06")
def test_is_it_quiet_at_the_next_start(subject: Partition, operator: Operator, board: Board) -> None:
    """No master, no message, no line: though it was all of that, and has an interrupt to deliver."""
    edu = edu_at(subject, edu_of(subject, board))
    _fill_buffer(edu, subject.scratch)
    edu.function.message(0xFEE00000 | apic_id(subject, board) << 12, VECTOR)

    operator.start_again(subject)

    function = edu.function
    assert function.read(2, COMMAND) & MASTER == 0
    assert function.read(2, function.capability(MSI) + MSI_CONTROL) & MSI_ENABLE == 0
    subject.fill(subject.scratch, SIZE, OTHER_SEED)
    function.write(2, COMMAND, IO | MEMORY)
    _to_ram(edu, subject.scratch)
    edu.finish()
    assert subject.verify(subject.scratch, SIZE, OTHER_SEED) == AS_IT_WAS


@pytest.mark.requirement("DEV-09", "STOP-06")
def test_does_a_line_that_was_raised_interrupt_the_next_start(
    subject: Partition, operator: Operator, board: Board
) -> None:
    edu = edu_at(subject, edu_of(subject, board))
    edu.claim(VECTOR)
    subject.mask(edu.line)
    edu.write(RAISE, 1)

    operator.start_again(subject)

    edu.claim(VECTOR)
    assert subject.await_(VECTOR, 1, SHORT_TICKS) == 0


@pytest.mark.counted
@pytest.mark.requirement("DEV-09", "STOP-06")
def test_does_a_transfer_that_goes_on_reach_the_next_start(
    subject: Partition, neighbour: Partition, operator: Operator, board: Board
) -> None:
    edu = edu_at(subject, edu_of(subject, board))
    _fill_buffer(edu, subject.scratch)

    with _slowly(neighbour):
        _to_ram(edu, subject.scratch)
        operator.start_again(subject)
        subject.fill(subject.scratch, SIZE, OTHER_SEED)
        if not edu.read(START) & RUN:
            raise TOO_LATE
    subject.doze(DMA_COUNTS)

    assert subject.verify(subject.scratch, SIZE, OTHER_SEED) == AS_IT_WAS


@pytest.mark.counted
@pytest.mark.requirement("DEV-09")
def test_does_a_transfer_go_on_when_its_owner_has_ended(
    machine: Machine, subject: Partition, neighbour: Partition, operator: Operator, board: Board
) -> None:
    """Looked at from outside: who makes a function quiet at the next start only is late."""
    needs(machine, "memory")
    edu, first = edu_at(subject, edu_of(subject, board)), subject.host(subject.scratch)
    _fill_buffer(edu, subject.scratch)
    subject.fill(subject.scratch, SIZE, OTHER_SEED)
    before = machine.read_memory(first, SIZE)

    with _slowly(neighbour):
        _to_ram(edu, subject.scratch)
        operator.stop(subject.name)
        if machine.read_memory(first, SIZE) != before:
            raise TOO_LATE
    neighbour.doze(DMA_COUNTS)

    assert machine.read_memory(first, SIZE) == before, f"a device of {subject} wrote when {subject} was over"


def moved(probe: Asked, name: str, ram: int) -> Verified:
    """Whether bytes that were moved into the device, and out of it to another place, are the same."""
    edu = edu_at(probe, name)
    _fill_buffer(edu, ram)
    probe.fill(ram, 2 * SIZE, OTHER_SEED)
    _to_ram(edu, ram + SIZE)
    edu.finish()
    return _verified(probe, ram + SIZE, SEED)


def forbidden(probe: Asked, name: str, ram: int) -> Verified:
    """Whether RAM stays as it was when the device may not write there."""
    edu = edu_at(probe, name)
    _fill_buffer(edu, ram)
    probe.fill(ram, SIZE, OTHER_SEED)
    edu.function.write(2, COMMAND, IO | MEMORY)
    _to_ram(edu, ram)
    edu.finish()
    return _verified(probe, ram, OTHER_SEED)


@contextmanager
def _slowly(neighbour: Partition) -> Iterator[None]:
    """Has a neighbour leave for the controller without pause while the block runs.

    So counted time does not leap to the end of a transfer, and goes slower than the host's by far: somebody
    who computed would use up all of a transfer's time in one turn, before the operator is heard.
    """
    storm = neighbour.begin("storm", "denied", EXITS)
    storm.wait_begun()
    yield
    storm.result(neighbour.within(LOOP_SECONDS))


def _fill_buffer(edu: Edu, ram: int) -> None:
    """Has the device hold what `fill` makes of SEED; it is a master then."""
    edu.be_master()
    edu.probe.fill(ram, SIZE, SEED)
    edu.move(ram, BUFFER, SIZE)
    edu.finish()


def _to_ram(edu: Edu, ram: int) -> None:
    edu.move(BUFFER, ram, SIZE, TO_RAM)


def _verified(probe: Asked, ram: int, seed: int) -> Verified:
    answer = probe.verify(ram, SIZE, seed)
    assert isinstance(answer, Verified)
    return answer
