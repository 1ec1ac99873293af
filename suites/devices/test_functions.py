"""Does a partition find its own PCI functions, whole, and no other? Paper §3.1(2), §3.2."""

import pytest

from fixtures.bare import Bare
from fixtures.operator import Operator
from fixtures.partitions import Partition
from harness.image import Board
from suites.devices.edu import IDENTITY, edu_at, edu_of
from suites.devices.pci import (
    ADDRESS,
    BAR0,
    BARS,
    BUS_0,
    CAPABILITIES,
    CLASS,
    COMMAND,
    DATA,
    ENABLE,
    HEADER,
    HOST_BRIDGE,
    IO,
    LINE,
    MASTER,
    MEMORY,
    NO_LINE,
    NOTHING,
    PIN,
    SUBSYSTEM,
    VENDOR,
    Asked,
    Function,
    own_functions,
    present,
    some_functions,
)

pytestmark = pytest.mark.usefixtures("mechanism")

MODELS = ((4, VENDOR), (4, CLASS), (1, HEADER), (4, SUBSYSTEM), (1, CAPABILITIES), (1, PIN))
"""Registers that say what a function is, and do not change: width and offset."""
WRITTEN = (COMMAND, BAR0, LINE)
"""Registers that a write would change."""


@pytest.mark.requirement("DEV-05")
def test_does_it_see_its_own_functions_and_no_other(subject: Partition, board: Board) -> None:
    """But for the host bridge, by which an operating system knows that there is a bus at all."""
    own = set(own_functions(subject, board).values())

    assert present(subject, BUS_0) - {HOST_BRIDGE} == own


@pytest.mark.requirement("DEV-05")
def test_does_it_see_anything_on_another_bus(subject: Partition) -> None:
    """At the first slot of each, and at one that is another for each."""
    others = [bus << 8 | slot << 3 for bus in range(1, 256) for slot in {0, bus % 32}]

    assert present(subject, others) == set()


@pytest.mark.requirement("DEV-05")
def test_is_it_the_function_that_the_bare_machine_has(subject: Partition, bare: Bare, board: Board) -> None:
    for bdf in some_functions(subject, board).values():
        assert identified(subject, bdf) == bare.ask(identified, bdf)


@pytest.mark.requirement("DEV-05")
def test_does_a_neighbours_function_read_as_all_ones(
    subject: Partition, neighbour: Partition, board: Board
) -> None:
    for bdf in some_functions(neighbour, board).values():
        for width in (1, 2, 4):
            answers = {Function(subject, bdf).read(width, offset) for offset in range(0, 0x100, 4)}
            assert answers == {(1 << 8 * width) - 1}


@pytest.mark.requirement("DEV-10")
def test_can_it_change_a_neighbours_function(subject: Partition, neighbour: Partition, board: Board) -> None:
    for bdf in some_functions(neighbour, board).values():
        before = registers(neighbour, bdf)

        for width, value in ((1, 0), (2, 0), (4, 0), (4, NOTHING)):
            for offset in WRITTEN:
                Function(subject, bdf).write(width, offset, value & (1 << 8 * width) - 1)

        assert registers(neighbour, bdf) == before


@pytest.mark.requirement("DEV-10")
def test_can_it_change_the_host_bridge(subject: Partition, neighbour: Partition) -> None:
    before = registers(subject, HOST_BRIDGE)

    with neighbour.undisturbed():
        for offset in range(0, 0x100, 4):
            for value in (0, NOTHING):
                Function(subject, HOST_BRIDGE).write(4, offset, value)

    assert registers(subject, HOST_BRIDGE) == before
    assert registers(neighbour, HOST_BRIDGE) == before


@pytest.mark.requirement("DEV-05", "DEV-10")
def test_does_a_neighbours_address_get_in_the_way(
    subject: Partition, neighbour: Partition, board: Board
) -> None:
    """Address and data are two accesses, and another partition's may come between them."""
    own = Function(subject, next(iter(own_functions(subject, board).values()), HOST_BRIDGE))
    known, address = own.read(4, VENDOR), ENABLE | own.bdf << 8
    subject.out(4, ADDRESS, address)

    neighbour.out(4, ADDRESS, ENABLE | CLASS)

    assert subject.in_(4, ADDRESS) == address
    assert subject.in_(4, DATA) == known


@pytest.mark.requirement("DEV-07")
def test_do_its_base_registers_say_what_the_bare_machines_say(
    subject: Partition, bare: Bare, board: Board
) -> None:
    for bdf in some_functions(subject, board).values():
        assert sized(subject, bdf) == bare.ask(sized, bdf)


@pytest.mark.requirement("DEV-07")
def test_are_its_functions_where_the_board_file_says(subject: Partition, board: Board) -> None:
    """From the start, and again after their sizes were asked for."""
    for name, bdf in some_functions(subject, board).items():
        for _ in ("at the start", "afterwards"):
            for bar in board.devices[name].bars:
                assert Function(subject, bdf).read(4, BAR0 + 4 * bar.index) & ~0xF == bar.base & NOTHING
            sized(subject, bdf)


@pytest.mark.requirement("DEV-07", "DEV-09")
def test_is_it_handed_over_ready_and_quiet(subject: Partition, operator: Operator, board: Board) -> None:
    """As by firmware: it decodes, is no master, may use its line; whatever its last life left."""
    functions = some_functions(subject, board)
    for _ in ("at its first start", "at its next start"):
        for name, bdf in functions.items():
            spaces = {bar.kind: IO if bar.kind == "ports" else MEMORY for bar in board.devices[name].bars}
            command = Function(subject, bdf).read(2, COMMAND)
            assert command & (IO | MEMORY | MASTER | NO_LINE) == sum(spaces.values()), f"{name}: {command:#x}"
            Function(subject, bdf).write(2, COMMAND, MASTER | NO_LINE)
        operator.start_again(subject)


@pytest.mark.requirement("DEV-07", "DEV-10")
@pytest.mark.parametrize("target", ["neighbours-device", "neighbours-ram", "own-ram", "lapic", "ioapic"])
def test_can_it_move_a_function_onto(
    subject: Partition, neighbour: Partition, board: Board, target: str
) -> None:
    edu = edu_at(subject, edu_of(subject, board))
    known, address = edu.read(IDENTITY), _address(target, subject, neighbour, board)

    with neighbour.undisturbed():
        edu.function.write(4, BAR0, address)
        assert edu.function.read(4, BAR0) & ~0xF == edu.base
        assert edu.read(IDENTITY) == known
        assert subject.load(4, board.processors.lapic + 0x20) == subject.lapic(0x20)


def identified(probe: Asked, bdf: int) -> list[int]:
    """What a function says that it is."""
    return [Function(probe, bdf).read(width, offset) for width, offset in MODELS]


def registers(probe: Asked, bdf: int) -> list[int]:
    return [Function(probe, bdf).read(4, offset) for offset in range(0, 0x100, 4)]


def sized(probe: Asked, bdf: int) -> list[int]:
    """What base registers answer to all ones, that of an expansion ROM too (PCI 3.0 §6.2.5.1)."""
    function = Function(probe, bdf)
    command = function.read(2, COMMAND)
    function.write(2, COMMAND, 0)  # or it would answer at the addresses that are all ones
    answers = []
    for register in (*range(BAR0, BAR0 + 4 * BARS, 4), 0x30):
        before = function.read(4, register)
        function.write(4, register, NOTHING)
        answers.append(function.read(4, register))
        function.write(4, register, before)
    function.write(2, COMMAND, command)
    return answers


def _address(target: str, subject: Partition, neighbour: Partition, board: Board) -> int:
    """Where a function must not get, as far as its register can say it."""
    match target:
        case "neighbours-device":
            return board.devices[edu_of(neighbour, board)].bars[0].base
        case "neighbours-ram":
            return neighbour.host(neighbour.scratch)
        case "own-ram":
            return subject.host(subject.scratch)
        case "lapic":
            return board.processors.lapic
        case _:
            return board.interrupts.ioapic.base
