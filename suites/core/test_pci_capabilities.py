"""Does the list of capabilities hold what a partition may use, and nothing that could hurt? PCI 3.0 §6.7."""

import pytest

from suites.core import functions
from suites.core.functions import Function
from suites.core.test_pci import FIRST, LEFT, OTHERS, RIGHT, SECOND, Side, opened, sides

pytestmark = pytest.mark.requirement("CORE-16")


def shown(side: Side, bdf: int) -> dict[int, int]:
    """The capability list as an OS walks it: place -> identifier (PCI 3.0 §6.7)."""
    found, place = {}, side.read(bdf, 0x34, 1)
    while place:
        found[place] = side.read(bdf, place, 1)
        place = side.read(bdf, place + 1, 1)
    return found


class TestCapabilities:
    def test_are_those_shown_that_cannot_hurt(self) -> None:
        left, _, _ = sides()

        assert list(shown(left, FIRST).items()) == [(0x98, 0x11), (0x40, 1), (0x70, 5), (0x50, 0x10)]
        assert shown(left, SECOND) == {0x60: 5}

    def test_is_virtios_window_into_its_bars_hidden(self) -> None:
        machine = functions.machine()
        kinds = {0x84: 5, 0x70: 2, 0x60: 4}
        machine.functions[OTHERS] = Function(
            bars={}, identity=0x10411AF4, capabilities={at: (9 | kind << 24, 0) for at, kind in kinds.items()}
        )
        core, _ = opened(machine=machine)

        assert shown(Side(core, RIGHT), OTHERS) == {0x70: 9, 0x60: 9}
        machine.functions[OTHERS].space[0] = 0x10411234
        core, _ = opened(machine=machine)
        assert shown(Side(core, RIGHT), OTHERS) == {0x84: 9, 0x70: 9, 0x60: 9}

    def test_does_a_list_that_never_ends_end(self) -> None:
        machine = functions.machine()
        machine.functions[OTHERS] = Function(bars={}, capabilities={0x40: (3, 0), 0x48: (3, 0)})
        machine.functions[OTHERS].space[0x48 // 4] |= 0x40 << 8
        core, _ = opened(machine=machine)

        assert shown(Side(core, RIGHT), OTHERS) == {}

    def test_does_a_function_that_sleeps_stay_awake(self) -> None:
        """PCI PM 1.2 §3.2.4: D3 is remembered, loses nothing (No_Soft_Reset), and wakes nobody (no PME)."""
        left, _, machine = sides()
        left.write(FIRST, 0x44, 0x8103, 2)

        assert left.read(FIRST, 0x44, 2) == 3 | 1 << 3
        assert machine.functions[FIRST].read(0x44) == 0x100  # as it was
        assert left.read(FIRST, 0x42, 2) == 3 | 0x3 << 9  # no state to wake from
        left.core.reset(LEFT)
        assert left.read(FIRST, 0x44, 2) == 1 << 3

    def test_is_a_function_reset_by_no_owner(self) -> None:
        """It would forget what the controller programmed."""
        left, _, machine = sides()
        machine.functions[FIRST].write(0x58, 0x2810)
        for bdf, place in ((FIRST, 0x58), (SECOND, 0x70)):
            before = machine.functions[bdf].read(place)
            left.write(bdf, place, 0xFFFF, 2)

            assert machine.functions[bdf].read(place) == before
        assert not left.read(FIRST, 0x54) & functions.FLR
