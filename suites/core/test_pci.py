"""Does a partition find its PCI functions as PCI 3.0 says, and can it move, wake or reach nothing by them?"""

import mrm_core
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from harness.image.block import CFG, Struct
from suites.core import functions
from suites.core.functions import INTX_OFF, IO, MASTER, MEMORY, ONES, Function, Machine
from suites.core.plans import BARS, TWINS, Bar, Plan
from suites.core.strategies import sizes, words

ENABLE = 0x80000000
ADDRESS, DATA = 0xCF8, 0xCFC
LEFT, RIGHT = 0, 1
FIRST, SECOND, OTHERS, NOBODYS, BRIDGE, ISA = 0x18, 0x20, 0x28, 0x30, 0x38, 0xF8

pytestmark = pytest.mark.requirement("CORE-16")


class Side:
    """A partition at its configuration ports."""

    def __init__(self, core: mrm_core.Core, partition: int) -> None:
        self.core, self.partition = core, partition

    def read(self, bdf: int, offset: int, size: int = 4) -> int:
        self.core.pci_write(self.partition, ADDRESS, 4, ENABLE | bdf << 8 | offset)
        return self.core.pci_read(self.partition, DATA + offset % 4, size)

    def write(self, bdf: int, offset: int, value: int, size: int = 4) -> None:
        self.core.pci_write(self.partition, ADDRESS, 4, ENABLE | bdf << 8 | offset)
        self.core.pci_write(self.partition, DATA + offset % 4, size, value)


def opened(plan: Plan = BARS, machine: Machine | None = None) -> tuple[mrm_core.Core, Machine]:
    """The core of a plan on a machine, both partitions started."""
    core, machine = plan.core(), machine or functions.machine()
    assert core.pci_open(machine) is None
    for partition in (LEFT, RIGHT):
        core.pci_start(partition)
    return core, machine


def sides(plan: Plan = BARS) -> tuple[Side, Side, Machine]:
    core, machine = opened(plan)
    return Side(core, LEFT), Side(core, RIGHT), machine


class TestOwnership:
    @given(
        st.one_of(st.sampled_from((FIRST, SECOND, OTHERS, NOBODYS, BRIDGE, ISA)), st.integers(1, 0xFFFF)),
        st.integers(0, 63),
        st.integers(0, 3),
        sizes,
        words,
    )
    def test_is_a_function_reached_by_its_owner_alone(
        self, bdf: int, register: int, byte: int, size: int, value: int
    ) -> None:
        left, right, machine = sides()
        assume(byte + size <= 4)
        for side, own in ((left, (FIRST, SECOND)), (right, (OTHERS,))):
            if bdf in own:
                continue
            machine.log.clear()
            side.write(bdf, 4 * register + byte, value & (1 << 8 * size) - 1, size)

            assert side.read(bdf, 4 * register + byte, size) == (1 << 8 * size) - 1
            assert machine.log == []

    def test_is_nothing_of_a_function_changed_by_others(self) -> None:
        left, right, machine = sides()
        before = [left.read(FIRST, offset) for offset in range(0, 0x100, 4)]
        machine.log.clear()
        for offset in range(0, 0x100, 4):
            right.write(FIRST, offset, ONES)

        assert machine.log == []
        assert [left.read(FIRST, offset) for offset in range(0, 0x100, 4)] == before

    def test_is_the_host_bridge_read_by_all_and_written_by_nobody(self) -> None:
        left, right, machine = sides()
        for side in (left, right):
            side.write(0, 4, MEMORY | MASTER)

            assert side.read(0, 0) == 0x29C08086
        assert machine.command(0) == 0

    def test_has_each_partition_an_address_latch_of_its_own(self) -> None:
        core, _ = opened()
        core.pci_write(LEFT, ADDRESS, 4, ENABLE | FIRST << 8 | 0x10)
        core.pci_write(RIGHT, ADDRESS, 4, ENABLE | OTHERS << 8)

        assert core.pci_read(LEFT, ADDRESS, 4) == ENABLE | FIRST << 8 | 0x10
        assert core.pci_read(RIGHT, DATA, 4) == 0x10411AF4

    def test_does_a_disabled_address_reach_nothing(self) -> None:
        core, _ = opened()
        core.pci_write(LEFT, ADDRESS, 4, FIRST << 8)

        assert core.pci_read(LEFT, DATA, 4) == ONES

    def test_is_the_latch_forgotten_at_a_restart(self) -> None:
        core, _ = opened()
        core.pci_write(LEFT, ADDRESS, 4, ENABLE | FIRST << 8)
        core.reset(LEFT)

        assert core.pci_read(LEFT, ADDRESS, 4) == 0

    @pytest.mark.parametrize(("port", "size"), [(0xCF8, 1), (0xCF8, 2), (0xCF9, 1), (0xCFA, 2), (0xCFE, 4)])
    def test_is_anything_else_there_no_configuration_access(self, port: int, size: int) -> None:
        """PCI 3.0 §3.2.2.3.2: it passes through to whatever else decodes these ports."""
        with pytest.raises(ValueError, match="not PCI's"):
            opened()[0].pci_read(LEFT, port, size)

    def test_is_a_later_function_found_behind_the_first_of_anybodys(self) -> None:
        """An OS looks for functions 1 to 7 only where function 0 answers, and says that there are more."""
        plan = TWINS.with_part(RIGHT, pci=((OTHERS + 1, 17),))
        machine = functions.machine()
        machine.functions[OTHERS + 1] = Function(bars={}, identity=0x70101234, class_code=0x01018000)
        core, _ = opened(plan, machine)
        side = Side(core, RIGHT)
        side.write(OTHERS, 4, MEMORY | MASTER)

        assert side.read(OTHERS + 1, 0) == 0x70101234
        assert side.read(OTHERS, 0) == 0x10411AF4
        assert side.read(OTHERS, 0x08) == 0x02000001
        assert side.read(OTHERS, 0x0E, 1) == 0x80
        assert {side.read(OTHERS, offset) for offset in range(0x10, 0x100, 4)} == {0}
        assert machine.command(OTHERS) == INTX_OFF
        assert Side(core, LEFT).read(OTHERS, 0) == ONES


class TestStart:
    def test_are_functions_of_nobody_switched_off(self) -> None:
        machine = functions.machine()
        for function in machine.functions.values():
            function.space[1] |= IO | MEMORY | MASTER | 0x100
        opened(machine=machine)

        assert machine.command(NOBODYS) == INTX_OFF | 0x100
        assert machine.command(BRIDGE) == INTX_OFF | 0x100  # to another bus
        assert machine.command(ISA) == machine.command(0) == IO | MEMORY | MASTER | 0x100

    def test_point_the_bars_where_the_block_says(self) -> None:
        _, machine = opened()
        left, second = machine.functions[FIRST], machine.functions[SECOND]

        assert [left.address(register) for register in (0, 1, 4)] == [0xC000, 0xFEB00000, 0x4000000000]
        assert second.address(5) == 0xFEB02000
        assert left.read(0x30) == 0  # the ROM does not decode
        assert machine.command(FIRST) == IO | MEMORY
        assert machine.command(SECOND) == MEMORY

    def test_does_nothing_decode_while_it_moves(self) -> None:
        _, machine = opened()
        command = dict.fromkeys(machine.functions, IO | MEMORY)
        for kind, bdf, offset, value in machine.log:
            if kind == "config" and offset == 4:
                command[bdf] = value
            elif kind == "config" and offset in functions.BARS:
                assert not command[bdf] & (IO | MEMORY | MASTER)

    def test_is_a_bar_that_the_block_leaves_out_hidden(self) -> None:
        plan = BARS.with_part(LEFT, bars=BARS.parts[LEFT].bars[:1])
        core, machine = opened(plan)

        assert machine.functions[FIRST].address(1) == machine.functions[FIRST].address(4) == 0
        assert machine.command(FIRST) == IO
        assert [Side(core, LEFT).read(FIRST, offset) for offset in (0x14, 0x20, 0x24)] == [0, 0, 0]
        assert Side(core, LEFT).read(FIRST, 0x34, 1) == 0x40  # its MSI-X table cannot be reached

    @pytest.mark.parametrize(
        ("bars", "bdf", "finding"),
        [
            ({0: (1, 0x40)}, FIRST, ("bar-differs", LEFT, FIRST, 0, 0x40)),
            ({0: (0, 0x20)}, FIRST, ("bar-differs", LEFT, FIRST, 0, 0x20)),
            ({0: (1, 0x20), 1: (1, 0x80)}, FIRST, ("bar-differs", LEFT, FIRST, 1, 0x80)),
            (
                {0: (1, 0x20), 1: (0, 0x2000), 4: (0, 0x100000)},
                FIRST,
                ("bar-differs", LEFT, FIRST, 4, 0x100000),
            ),
            ({}, FIRST, ("bar-differs", LEFT, FIRST, 0, 0)),
            ({4: (4, 0x10)}, SECOND, ("bar-differs", LEFT, SECOND, 5, 0)),
        ],
        ids=["size", "memory", "ports", "too-short", "none", "upper-half"],
    )
    def test_is_a_machine_refused_that_is_not_as_the_block_says(
        self, bars: dict[int, tuple[int, int]], bdf: int, finding: tuple[str, int, int, int, int]
    ) -> None:
        machine = functions.machine()
        machine.functions[bdf] = Function(bars=bars)

        assert BARS.core().pci_open(machine) == finding

    def test_is_a_function_refused_that_is_not_there_or_is_a_bridge(self) -> None:
        absent, bridge = functions.machine(), functions.machine()
        del absent.functions[OTHERS]
        bridge.functions[OTHERS] = Function(bars={}, header=0x81)

        assert BARS.core().pci_open(absent) == ("absent", RIGHT, OTHERS, 0, 0)
        assert BARS.core().pci_open(bridge) == ("bridge", RIGHT, OTHERS, 0, 0)

    @pytest.mark.parametrize(
        ("low", "base", "powers"),
        [(1, 0x8000, range(2, 9)), (0, 0xC0000000, range(4, 29)), (0xC, 1 << 46, range(4, 46))],
        ids=["ports", "32-bit", "64-bit"],
    )
    @pytest.mark.parametrize("register", [0, 4])
    def test_is_every_size_measured(self, register: int, low: int, base: int, powers: range) -> None:
        for power in powers:
            machine = functions.machine()
            machine.functions[OTHERS] = Function(bars={register: (low, 1 << power)})
            findings = [
                _saying(Bar(0, register, base, 1 << said, ports=low == 1)).pci_open(machine)
                for said in (power, power + 1 if power + 1 in powers else power - 1)
            ]

            assert findings == [None, ("bar-differs", RIGHT, OTHERS, register, 1 << power)]


def _saying(bar: Bar) -> mrm_core.Core:
    """A core for a plan that says this of the right one's function."""
    ports, mmio = ((0x2F8, 0x2FF), (0x8000, 0x81FF)), ((bar.base, max(bar.size, 0x1000)),)
    return TWINS.with_part(RIGHT, ports=ports, mmio=() if bar.ports else mmio, bars=(bar,)).core()


class TestHeader:
    @given(st.sampled_from((0, 1, 4, 5)), words)
    def test_stays_a_bar_where_it_is(self, register: int, value: int) -> None:
        left, _, machine = sides()
        offset = 0x10 + 4 * register
        space = machine.functions[FIRST].space.copy()
        base = {0: 0xC001, 1: 0xFEB00000, 4: 0xC, 5: 0x40}[register]
        size = {0: 0xFFFFFFE1, 1: 0xFFFFE000, 4: 0xFFF0000C, 5: ONES}[register]
        mask = size & {0: ~3, 1: ~0xF, 4: ~0xF, 5: ONES}[register]
        left.write(FIRST, offset, value)

        assert left.read(FIRST, offset) == (size if value & mask == mask else base)
        assert machine.functions[FIRST].space == space

    @pytest.mark.parametrize("ones", [ONES, 0xFFFFFFFE, 0xFFFFFFF0])
    def test_are_bars_sized_as_an_os_does_it(self, ones: int) -> None:
        """PCI 3.0 §6.2.5.1: ones, read, and back; the sizes are those of the block."""
        left, _, _ = sides()
        found = []
        for register in range(6):
            offset = 0x10 + 4 * register
            before = left.read(FIRST, offset)
            left.write(FIRST, offset, ones)
            found.append(left.read(FIRST, offset))
            left.write(FIRST, offset, before)

            assert left.read(FIRST, offset) == before
        assert found[:5] == [0xFFFFFFE1, 0xFFFFE000, 0, 0, 0xFFF0000C]

    def test_is_a_bar_written_by_bytes_too(self) -> None:
        left, _, _ = sides()
        for byte in range(4):
            assert left.read(FIRST, 0x14) == 0xFEB00000
            left.write(FIRST, 0x14 + byte, 0xFF, 1)

        assert left.read(FIRST, 0x14) == 0xFFFFE000

    @given(words, st.sampled_from(((4, 4), (4, 2), (4, 1), (5, 1), (6, 2))))
    def test_has_the_command_register_the_bits_that_are_the_owners(
        self, value: int, place: tuple[int, int]
    ) -> None:
        left, _, machine = sides()
        offset, size = place
        before, shift = machine.functions[FIRST].read(4), 8 * (offset - 4)
        mask = ((1 << 8 * size) - 1 << shift) & (IO | MEMORY | MASTER | INTX_OFF)
        left.write(FIRST, offset, value & (1 << 8 * size) - 1, size)

        assert left.read(FIRST, 4) == before & ~mask | (value << shift) & mask

    def test_is_status_cleared_only_where_ones_are_written(self) -> None:
        left, _, machine = sides()
        left.write(FIRST, 4, MASTER, 2)
        assert machine.log[-1] == ("config", FIRST, 4, MASTER)
        left.write(FIRST, 6, 0x2000, 2)
        assert machine.log[-1] == ("config", FIRST, 4, MASTER | 0x2000 << 16)

    def test_can_bus_mastering_be_refused(self) -> None:
        data = bytearray(BARS.pack())
        partition = Struct(data, "block").inner("partition", "partition", LEFT)
        partition.inner("pci", "pci").set("flags", CFG["PCI_NO_MASTER"])
        core, machine = mrm_core.Core(data), functions.machine()
        assert core.pci_open(machine) is None
        for bdf in (FIRST, SECOND):
            Side(core, LEFT).write(bdf, 4, IO | MEMORY | MASTER, 2)

        assert machine.command(FIRST) == IO | MEMORY
        assert machine.command(SECOND) == IO | MEMORY | MASTER

    def test_is_the_rom_absent(self) -> None:
        left, _, machine = sides()
        left.write(FIRST, 0x30, 0xFFFFF801)

        assert left.read(FIRST, 0x30) == machine.functions[FIRST].read(0x30) == 0

    def test_is_the_interrupt_line_a_note_and_the_pin_the_hardwares(self) -> None:
        left, _, _ = sides()

        assert left.read(FIRST, 0x3C, 2) == 1 << 8 | 16  # its GSI, as firmware leaves it
        assert left.read(SECOND, 0x3C, 2) == 0xFF  # it has no line
        left.write(FIRST, 0x3C, 0x7F0B, 2)
        assert left.read(FIRST, 0x3C, 2) == 1 << 8 | 0x0B
        left.core.reset(LEFT)
        assert left.read(FIRST, 0x3C, 1) == 16

    @given(st.integers(0, 63).filter(lambda register: register not in (1, 15)), words)
    def test_is_nothing_else_written(self, register: int, value: int) -> None:
        left, _, machine = sides()
        before = machine.functions[FIRST].space.copy()
        messages = {offset // 4 for offset in range(0x70, 0x88, 4)} | {0x98 // 4}
        left.write(FIRST, 4 * register, value)
        after = machine.functions[FIRST].space

        assert all(a == b for at, (a, b) in enumerate(zip(before, after, strict=True)) if at not in messages)


class TestStop:
    def test_is_a_function_quiet_when_its_owner_is_over(self) -> None:
        left, _, machine = sides()
        left.write(FIRST, 4, IO | MEMORY | MASTER, 2)
        left.write(FIRST, 0x72, 1, 2)
        machine.log.clear()
        left.core.pci_stop(LEFT)
        first = [entry for entry in machine.log if entry[1] == FIRST]

        assert first[0] == ("config", FIRST, 4, INTX_OFF)  # bus mastering before all else
        assert machine.command(FIRST) == machine.command(SECOND) == INTX_OFF
        assert not machine.functions[FIRST].read(0x70) & 1 << 16
        assert not machine.functions[FIRST].read(0x98) & 1 << 31
        assert machine.command(OTHERS) == 0  # the other partition's

    def test_is_it_reset_where_it_can_be(self) -> None:
        core, machine = opened()

        assert core.pci_stop(LEFT)
        assert ("config", FIRST, 0x58, 0x2810 | 0x8000) in machine.log
        assert ("config", SECOND, 0x70, 1) in machine.log
        assert not core.pci_stop(RIGHT)

    def test_is_none_reset_at_the_cost_of_a_neighbour(self) -> None:
        """It takes 100 ms (PCI Express 3.0 §6.6.2), which a shared processor has not."""
        core, machine = opened(BARS.with_part(LEFT, slice_us=1000))

        assert not core.pci_stop(LEFT)
        assert ("config", FIRST, 0x58, 0x2810 | 0x8000) not in machine.log
        assert machine.command(FIRST) == INTX_OFF

    def test_starts_it_again_as_before(self) -> None:
        core, machine = opened()
        core.pci_stop(LEFT)
        for register in functions.BARS:
            machine.functions[FIRST].space[register // 4] = 0
        core.reset(LEFT)
        core.pci_start(LEFT)

        assert machine.functions[FIRST].address(1) == 0xFEB00000
        assert machine.command(FIRST) == IO | MEMORY
