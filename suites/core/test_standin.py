"""Are the stand-ins apart from each other and from power? Are the two small ones right?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.image.block import CFG
from suites.core.legacy import ALL, NAMES, PLAN, WHO, Legacy
from suites.core.plans import TWINS
from suites.core.rules import standin_ports
from suites.core.strategies import ports, sizes, words

MASTER, SLAVE = 0x20, 0xA0
FULL, TIMED_OUT, IDLE = 0x01, 0x40, 0x14
bytes_ = st.integers(0, 0xFF)


def _keyboard(legacy: Legacy, *commands: int) -> None:
    legacy.write(0x64, *commands)


@pytest.mark.requirement("CORE-12")
@given(ports, sizes, words)
def test_changes_nothing_for_who_has_none(port: int, size: int, value: int) -> None:
    """Then every byte is power's, or reads all ones."""
    with_power, with_standins = TWINS.core(), TWINS.core()

    for core in (0, 1):
        assert with_standins.standin_read(core, port, size, 5) == with_power.power_read(core, port, size)
        written = with_standins.standin_write(core, port, size, value, 6)
        assert written == with_power.power_write(core, port, size, value)
        assert with_standins.standin_read(core, port, size, 7) == with_power.power_read(core, port, size)


@pytest.mark.requirement("CORE-12")
@given(st.sampled_from(sorted(standin_ports(PLAN.parts[WHO]))), words, st.integers(0, 3))
def test_has_each_partition_devices_of_its_own(port: int, value: int, after: int) -> None:
    plan = TWINS.with_part(0, ports=((0x3F8, 0x3FF),), standins=ALL).with_part(1, standins=ALL)
    touched, untouched = plan.core(), plan.core()
    for index in range(after + 1):
        touched.standin_write(0, port, 1, (value >> index * 8) & 0xFF, index)

    for other in standin_ports(plan.parts[1]):
        assert touched.standin_read(1, other, 1, 99) == untouched.standin_read(1, other, 1, 99)


@pytest.mark.requirement("CORE-12")
@given(st.lists(st.tuples(st.sampled_from(sorted(standin_ports(PLAN.parts[WHO]))), bytes_), max_size=12))
def test_is_all_forgotten_at_a_restart(writes: list[tuple[int, int]]) -> None:
    used, fresh = Legacy(), Legacy()
    for port, value in writes:
        used.write(port, value)
        used.read(port)
    used.core.reset(WHO)

    for port in sorted(standin_ports(PLAN.parts[WHO])):
        assert used.read(port) == fresh.read(port), hex(port)


@pytest.mark.requirement("CORE-12")
@given(ports, sizes, words)
def test_does_power_see_what_a_stand_in_answers(port: int, size: int, value: int) -> None:
    """A reset through the keyboard controller is one, also where a stand-in has the rest of it."""
    legacy, power = Legacy(), TWINS.core()
    legacy.write(0x64, 0xD1)
    power.power_write(WHO, 0x64, 1, 0xD1)

    assert legacy.core.standin_write(WHO, port, size, value, 0) == power.power_write(WHO, port, size, value)


@pytest.mark.requirement("CORE-12")
@pytest.mark.parametrize(("port", "value"), [(0x64, 0xFE), (0x64, 0xF0)])
def test_is_a_pulse_of_the_reset_line_a_reset(port: int, value: int) -> None:
    assert Legacy().core.standin_write(WHO, port, 1, value, 0) == "reset-i8042"


@pytest.mark.requirement("CORE-12")
@given(bytes_, bytes_, st.booleans(), st.booleans())
def test_keeps_the_interrupt_controller_its_masks(first: int, second: int, single: bool, last: bool) -> None:
    """Whatever initialisation words came before; and the other of the pair is not touched."""
    legacy = Legacy()
    for port, mask in ((MASTER, first), (SLAVE, second)):
        legacy.write(port, 0x10 | (2 if single else 0) | (1 if last else 0))
        legacy.write(port + 1, 0x30)
        legacy.write(port + 1, *([] if single else [0x04]), *([0x01] if last else []))
        assert legacy.read(port + 1) == 0  # initialisation opens all
        legacy.write(port + 1, mask)

    assert (legacy.read(MASTER + 1), legacy.read(SLAVE + 1)) == (first, second)
    for port in (MASTER, SLAVE):
        for select in (0x0A, 0x0B, 0x0C, 0x20, 0x60):  # request, service and poll registers, end of interrupt
            legacy.write(port, select)
            assert legacy.read(port) == 0
    assert (legacy.read(MASTER + 1), legacy.read(SLAVE + 1)) == (first, second)


@pytest.mark.requirement("CORE-12")
def test_masks_the_interrupt_controller_all_before_it_is_used() -> None:
    legacy = Legacy()

    assert (legacy.read(MASTER + 1), legacy.read(SLAVE + 1)) == (0xFF, 0xFF)


@pytest.mark.requirement("CORE-12")
@pytest.mark.parametrize(
    ("command", "answer"),
    [(0x20, 0x14), (0xA9, 0x01), (0xAA, 0x55), (0xAB, 0x00), (0xC0, 0x80), (0xD0, 0x03)],
)
def test_answers_the_keyboard_controller_at_once(command: int, answer: int) -> None:
    legacy = Legacy()
    assert legacy.read(0x64) == IDLE
    _keyboard(legacy, command)

    assert legacy.read(0x64) & (FULL | TIMED_OUT) == FULL
    assert legacy.read(0x60) == answer
    assert not legacy.read(0x64) & FULL


@pytest.mark.requirement("CORE-12")
@given(bytes_)
def test_keeps_the_keyboard_controller_its_configuration(value: int) -> None:
    legacy = Legacy()
    _keyboard(legacy, 0x60)
    legacy.write(0x60, value)
    assert not legacy.read(0x64) & FULL
    _keyboard(legacy, 0x20)
    assert legacy.read(0x60) == value
    for command, expected in ((0xAD, value | 0x10), (0xAE, value & ~0x10)):
        _keyboard(legacy, command, 0x20)
        assert legacy.read(0x60) == expected


@pytest.mark.requirement("CORE-12")
@given(bytes_, st.sampled_from((None, 0xD4)))
def test_is_no_keyboard_and_no_mouse_there(value: int, command: int | None) -> None:
    """A byte for either of them comes back as not taken, and the line is free again."""
    legacy = Legacy()
    if command:
        _keyboard(legacy, command)
    legacy.write(0x60, value)

    assert legacy.read(0x64) & (FULL | TIMED_OUT) == FULL | TIMED_OUT
    assert legacy.read(0x60) == 0xFE
    assert legacy.read(0x64) == IDLE


@pytest.mark.requirement("CORE-12")
@given(bytes_, st.sampled_from((0xD2, 0xD3)))
def test_comes_a_byte_back_that_is_looped(value: int, command: int) -> None:
    legacy = Legacy()
    _keyboard(legacy, command)
    legacy.write(0x60, value)

    assert legacy.read(0x64) & 0x20 == 0  # not from a mouse
    assert legacy.read(0x60) == value


@pytest.mark.requirement("CORE-12")
def test_is_a_wide_access_one_byte_after_the_other() -> None:
    """0x60 is the keyboard controller's, 0x61 the timer's; 0x62 and 0x63 are nobody's."""
    legacy = Legacy()
    legacy.write(0x61, 0x03)
    _keyboard(legacy, 0xAA)

    assert legacy.read(0x60, 4) & 0xFFFF0FFF == 0xFFFF0355


@pytest.mark.requirement("CORE-12")
@pytest.mark.parametrize("name", NAMES)
def test_is_there_one_stand_in_for_each_bit(name: str) -> None:
    part = TWINS.with_part(1, standins=CFG[f"STANDIN_{name}"]).parts[1]
    core = TWINS.with_part(1, standins=part.standins).core()
    power = {0x60, 0x64, 0x92, 0xB2}
    simulated = {port for port in range(0x600) if core.port(1, port, 1) == "simulate"}

    assert simulated == standin_ports(part) | power
