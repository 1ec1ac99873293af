"""Does an owner of keyboard controller and 8259 pair reach them, and nobody else? Paper §3.2, §3.3(3)."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

import mrm_core
import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.image.block import CFG
from suites.core.interrupt_pair import LEVELS, MASTER, POLLED, PORTS, SLAVE, Chip, Pair
from suites.core.plans import LEGACY, Plan

WHO = 1
DATA, COMMAND = 0x60, 0x64
OWN = (0, 1, 3, 8, 12)
"""Lines of the ISA bus that the owner has."""
TIMER, TIMER_GSI = 0, 2
"""The one line of it that does not end at the GSI of its number."""
CASCADE, UART = 2, 3
FEW, MANY = 50, 1_000_000
"""Looks at a device that is there, and at one that is not, while it is handed over."""
bytes_ = st.integers(0, 0xFF)
owned = st.sets(st.sampled_from([irq for irq in range(16) if irq not in (CASCADE, UART, 4, 7)]))
"""Any lines but those of its serial port, which it always has, of the neighbour's and of the console."""
accesses = st.lists(st.tuples(st.sampled_from(PORTS), bytes_), max_size=24)
commands = bytes_.filter(lambda value: not value & 0x10)
"""Those that begin no initialisation."""
init_bytes = st.tuples(bytes_, st.booleans(), st.booleans(), bytes_, bytes_)


def _lines(irqs: Iterable[int]) -> tuple[int, int]:
    """What a byte for each of the two may open: these lines, and the wire between the two."""
    first, second = (sum(1 << irq % 8 for irq in {*irqs, CASCADE} if irq // 8 == chip) for chip in (0, 1))
    return first, second


LINES = _lines(OWN)


@dataclass
class Keyboard:
    """Where its bytes arrive. It has something to say until that is read."""

    log: list[tuple[int, int]] = field(default_factory=list)
    full: bool = False
    slow: int = 0
    """how often it is looked at before it has taken a byte"""
    typed_at: bool = False
    """a key is pressed before each byte that it takes, until it stops the keyboard"""
    looks: int = 0
    _busy: int = 0

    def port_in(self, port: int) -> int:
        if port == COMMAND:
            self.looks, self._busy = self.looks + 1, max(0, self._busy - 1)
            return 0x14 | self.full | 2 * (self._busy > 0)
        self.full = False
        return 0xAB

    def port_out(self, port: int, value: int) -> None:
        if port not in (DATA, COMMAND):
            return
        assert not self._busy, f"{value:#x} is lost: the one before has not been taken yet"
        self.log.append((port, value))
        self._busy = self.slow
        self.full = self.full or self.typed_at
        self.typed_at = self.typed_at and (port, value) != (COMMAND, 0xAD)


@dataclass
class Absent:
    """There is no device: all ones, whatever is read."""

    looks: int = 0

    def port_in(self, port: int) -> int:
        self.looks += 1
        assert self.looks < MANY, "it is waited for without end"
        return 0xFF

    def port_out(self, port: int, value: int) -> None:
        """Nobody hears it."""


def _owner_of(irqs: set[int], levels: Collection[int] = ()) -> Plan:
    """The plan where the owner has these lines, beside that of its serial port."""
    gsis = (*(TIMER_GSI if irq == TIMER else irq for irq in irqs), UART)
    return LEGACY.with_part(WHO, gsis=gsis, line_flags=tuple((irq, CFG["GSI_LEVEL"]) for irq in levels))


def _is_poll(command: int) -> bool:
    """8259A data sheet, OCW3."""
    return command & 0x0C == 0x0C


def _core(ports: Pair | Keyboard | Absent, plan: Plan = LEGACY) -> mrm_core.Core:
    core = plan.core()
    core.guard_open(ports)
    return core


def _write(core: mrm_core.Core, port: int, *values: int) -> None:
    for value in values:
        core.standin_write(WHO, port, 1, value, 0)


@pytest.mark.requirement("CORE-17")
@given(owned, accesses)
def test_opens_it_only_lines_of_its_own(own: set[int], writes: list[tuple[int, int]]) -> None:
    """Whatever it writes: when a byte is done, no line of another is open, and none is made a level."""
    pair = Pair()
    core = _core(pair, _owner_of(own))
    core.guard_reset(WHO)
    for port, value in writes:
        _write(core, port, value)

        for lines, chip, levels in zip(_lines({*own, UART}), pair.chips, pair.levels, strict=True):
            assert chip.words == [], "the next byte, of whoever it is, would be taken for one of them"
            assert (~chip.mask | levels) & ~lines & 0xFF == 0


@pytest.mark.requirement("CORE-17")
@pytest.mark.parametrize("chip", [0, 1])
@given(init_bytes)
def test_are_its_own_lines_as_it_wants_them(chip: int, how: tuple[int, bool, bool, int, int]) -> None:
    """Beside a pair that nobody looks at: the same vectors, the same mask for its lines."""
    vector, is_single, has_icw4, icw4, mask = how
    port, seen, free = (MASTER, SLAVE)[chip], Pair(), Chip()
    core = _core(seen)
    core.guard_reset(WHO)
    first = 0x10 | 2 * is_single | has_icw4
    words = [vector] + [0] * (not is_single) + [icw4] * has_icw4
    _write(core, port, first)
    _write(core, port + 1, *words, mask)
    free.command(first)
    for word in (*words, mask):
        free.data(word)

    real = seen.chips[chip]
    assert real.vector == free.vector
    assert real.mask == mask | ~LINES[chip] & 0xFF
    assert core.standin_read(WHO, port + 1, 1, 0) == free.mask == mask
    assert real.written["ICW1"] == 0x11, "cascaded, edges, with the word that says 8086"
    assert real.written["ICW3"] == (1 << CASCADE, CASCADE)[chip]
    assert real.written["ICW4"] == (icw4 & 0x12 if has_icw4 else 0) | 1


@pytest.mark.requirement("CORE-17")
@given(st.sampled_from((0, 1)), bytes_)
def test_are_its_own_lines_levels_as_it_wants_them(chip: int, levels: int) -> None:
    pair = Pair()
    core = _core(pair)
    _write(core, LEVELS + chip, levels)

    assert pair.levels[chip] == levels & LINES[chip]
    pair.levels[chip] = 0xFF
    assert core.standin_read(WHO, LEVELS + chip, 1, 0) == LINES[chip]


@pytest.mark.requirement("CORE-17")
@given(st.sampled_from((0, 1)), commands, bytes_)
def test_sees_it_the_requests_of_its_own_lines_alone(chip: int, command: int, requests: int) -> None:
    """Whatever it asked for before: of a poll, the first answer alone is of another kind."""
    pair, port = Pair(), (MASTER, SLAVE)[chip]
    core = _core(pair)
    pair.chips[chip].requests = requests
    _write(core, port, command)
    if _is_poll(command):
        assert core.standin_read(WHO, port, 1, 0) == POLLED

    assert core.standin_read(WHO, port, 1, 0) == requests & LINES[chip]


@pytest.mark.requirement("CORE-17")
@given(st.sampled_from((0, 1)), commands)
def test_pass_ends_of_interrupts_and_their_order(chip: int, command: int) -> None:
    pair = Pair()
    core = _core(pair)
    _write(core, (MASTER, SLAVE)[chip], command)

    assert pair.chips[chip].commands == [command]


@pytest.mark.requirement("CORE-17")
@given(owned, accesses, st.data())
def test_is_the_pair_handed_over_as_firmware_does(
    own: set[int], writes: list[tuple[int, int]], data: st.DataObject
) -> None:
    """All masked, vectors where a PC has them, levels where the board has them; whatever came before."""
    levels = data.draw(st.sets(st.sampled_from(sorted(own - {TIMER}))) if own - {TIMER} else st.just(set()))
    pair = Pair()
    core = _core(pair, _owner_of(own, levels))
    for port, value in writes:
        _write(core, port, value)
    core.guard_reset(WHO)

    assert [chip.mask for chip in pair.chips] == [0xFF, 0xFF]
    assert [chip.vector for chip in pair.chips] == [0x08, 0x70]
    assert pair.levels == [sum(1 << irq % 8 for irq in levels if irq // 8 == chip) for chip in (0, 1)]
    assert [core.standin_read(WHO, port, 1, 0) for port in (MASTER + 1, SLAVE + 1)] == [0xFF, 0xFF]


@pytest.mark.requirement("CORE-17")
@given(st.lists(st.tuples(st.sampled_from((DATA, COMMAND)), bytes_), max_size=12))
def test_never_hears_the_keyboard_controller_of_reset_and_line_20(writes: list[tuple[int, int]]) -> None:
    """Nor does a byte that its owner meant for the output port arrive as one for the keyboard."""
    keyboard, expected, is_output = Keyboard(), [], False
    core = _core(keyboard)
    for port, value in writes:
        _write(core, port, value)
        is_kept = value in (0xD1, 0xDD, 0xDF) or value >= 0xF0 if port == COMMAND else is_output
        is_output = port == COMMAND and value == 0xD1
        if not is_kept:
            expected.append((port, value))

    assert keyboard.log == expected


@pytest.mark.requirement("CORE-17")
@pytest.mark.parametrize("value", [0xF0, 0xFC, 0xFE])
def test_is_a_reset_by_its_owner_a_reset_of_the_partition(value: int) -> None:
    core = _core(Keyboard())

    assert core.standin_write(WHO, COMMAND, 1, value, 0) == "reset-i8042"
    assert core.standin_write(WHO, COMMAND, 1, 0xD1, 0) == "none"
    assert core.standin_write(WHO, DATA, 1, value & 0xFE, 0) == "reset-i8042"


@pytest.mark.requirement("CORE-17")
def test_is_the_keyboard_controller_quiet_when_it_is_handed_over() -> None:
    """Nothing of the last owner's is left to be read; no interrupt, both ports switched off."""
    keyboard = Keyboard(full=True, slow=3, typed_at=True)
    core = _core(keyboard)
    core.guard_reset(WHO)

    assert not keyboard.full
    assert keyboard.looks < FEW, "it is not waited for when it is ready"
    assert keyboard.log == [(COMMAND, 0xAD), (COMMAND, 0xA7), (COMMAND, 0x60), (DATA, 0x74)]


@pytest.mark.requirement("CORE-17")
def test_does_a_start_go_on_where_no_keyboard_controller_answers() -> None:
    absent = Absent()
    _core(absent).guard_reset(WHO)

    assert absent.looks > FEW


@pytest.mark.requirement("CORE-17")
def test_reads_the_owner_what_the_keyboard_controller_says() -> None:
    keyboard = Keyboard(full=True)
    core = _core(keyboard)

    assert core.standin_read(WHO, COMMAND, 1, 0) == 0x15
    assert core.standin_read(WHO, DATA, 1, 0) == 0xAB
    assert core.standin_read(WHO, COMMAND, 1, 0) == 0x14


@pytest.mark.requirement("CORE-17")
@given(st.sampled_from((*PORTS, DATA, COMMAND)), bytes_)
def test_reaches_nobody_else_the_devices(port: int, value: int) -> None:
    pair, keyboard = Pair(), Keyboard()
    for hardware in (pair, keyboard):
        core = _core(hardware)
        core.standin_write(0, port, 1, value, 0)
        core.standin_read(0, port, 1, 0)
        core.guard_reset(0)

    assert pair == Pair()
    assert keyboard == Keyboard()
