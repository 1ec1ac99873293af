"""Is the keyboard controller its owner's, but for what it does to the whole machine? Paper §3.1(2), §3.3(3).

Nobody types: a byte that the controller is told to hand back as typed interrupts like any other.
"""

import pytest

from fixtures.bare import Bare
from fixtures.operator import Operator
from fixtures.partitions import Partition
from harness.image import Board
from suites.devices.pci import Asked
from suites.interrupts.sources import SHORT_TICKS, VECTOR, line

DATA, COMMAND = 0x60, 0x64
FULL = 1
"""Of the status register: a byte can be read."""
LOOKS = 100
READ_CONFIGURATION, WRITE_CONFIGURATION, TEST_SELF = 0x20, 0x60, 0xAA
AS_TYPED = {"keyboard": 0xD2, "mouse": 0xD3}
"""Commands whose byte comes back as if it had been typed, or sent by the mouse (PS/2 Technical Reference)."""
INTERRUPTS = 0x03
LINE_20_OFF = (((COMMAND, 0xDD),), ((COMMAND, 0xD1), (DATA, 0x01)))
MIB = 1 << 20


@pytest.fixture
def owner(subject: Partition) -> Partition:
    """A partition that has the keyboard controller, with the lines of both devices."""
    if not set(AS_TYPED) <= set(subject.spec.devices):
        pytest.skip(f"the manifest does not give {subject} keyboard and mouse")
    return subject


@pytest.mark.requirement("DEV-11")
def test_does_it_answer_as_on_the_bare_machine(owner: Partition, bare: Bare) -> None:
    assert answers(owner) == bare.ask(answers)


@pytest.mark.requirement("DEV-11", "IRQ-01")
@pytest.mark.parametrize("device", AS_TYPED)
def test_does_it_interrupt_as_on_the_bare_machine(
    owner: Partition, bare: Bare, board: Board, device: str
) -> None:
    gsi = line(board, device)

    assert typed(owner, device, gsi) == bare.ask(typed, device, gsi) == (1, 0x5A)


@pytest.mark.requirement("DEV-11", "MEM-01")
@pytest.mark.parametrize("how", LINE_20_OFF, ids=["command", "output-port"])
def test_can_its_owner_switch_off_address_line_20(
    owner: Partition, neighbour: Partition, how: tuple[tuple[int, int], ...]
) -> None:
    """All processors may have the same one. Without it an odd MiB is the even one before."""
    for partition in (owner, neighbour):
        partition.store(4, partition.scratch, 0)

    with neighbour.undisturbed():
        for port, value in how:
            owner.out(1, port, value)

    for partition in (owner, neighbour):
        partition.store(4, partition.scratch + MIB, 0x5A5A5A5A)
        assert partition.load(4, partition.scratch) == 0


@pytest.mark.requirement("DEV-02", "DEV-11")
def test_does_a_neighbours_command_reach_it(owner: Partition, neighbour: Partition) -> None:
    _configure(owner, INTERRUPTS)

    _configure(neighbour, 0)
    neighbour.out(1, COMMAND, AS_TYPED["keyboard"])
    neighbour.out(1, DATA, 0x5A)

    assert not _status(owner) & FULL
    assert _configuration(owner) == INTERRUPTS


@pytest.mark.requirement("DEV-13", "STOP-06")
def test_does_what_was_typed_reach_the_next_start(owner: Partition, operator: Operator, board: Board) -> None:
    _configure(owner, INTERRUPTS)
    owner.out(1, COMMAND, AS_TYPED["keyboard"])
    owner.out(1, DATA, 0x5A)
    assert _status(owner) & FULL

    operator.stop(owner.name)
    operator.start(owner.name)
    owner.boot()
    owner.claim(line(board, "keyboard"), VECTOR)

    assert not _status(owner) & FULL
    assert owner.await_(VECTOR, 1, SHORT_TICKS) == 0


def answers(probe: Asked) -> list[int]:
    """What it says to a test of itself and to what it is configured to, and its status afterwards."""
    probe.out(1, COMMAND, TEST_SELF)
    found = [_byte(probe)]
    for value in (0x30, 0x47, INTERRUPTS):
        _configure(probe, value)
        found.append(_configuration(probe))
    return [*found, _status(probe)]


def typed(probe: Asked, device: str, gsi: int) -> tuple[int, int]:
    """How many interrupts come of one byte that is as typed, and the byte."""
    _configure(probe, INTERRUPTS)
    probe.claim(gsi, VECTOR)
    probe.out(1, COMMAND, AS_TYPED[device])
    probe.out(1, DATA, 0x5A)
    return probe.await_(VECTOR, 2, SHORT_TICKS), _byte(probe)


def _configure(probe: Asked, value: int) -> None:
    probe.out(1, COMMAND, WRITE_CONFIGURATION)
    probe.out(1, DATA, value)


def _configuration(probe: Asked) -> int:
    probe.out(1, COMMAND, READ_CONFIGURATION)
    return _byte(probe)


def _status(probe: Asked) -> int:
    status = probe.in_(1, COMMAND)
    assert isinstance(status, int)
    return status


def _byte(probe: Asked) -> int:
    """The next byte that it has to say."""
    assert any(_status(probe) & FULL for _ in range(LOOKS)), "the keyboard controller does not answer"
    value = probe.in_(1, DATA)
    assert isinstance(value, int)
    return value
