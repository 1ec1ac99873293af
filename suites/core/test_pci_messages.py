"""Does a function interrupt its owner's processors alone, and read its messages back as they were written?"""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suites.core import functions
from suites.core.functions import ONES, Function, Machine
from suites.core.plans import BARS, TWINS, Bar, Plan
from suites.core.strategies import words
from suites.core.test_pci import FIRST, LEFT, OTHERS, RIGHT, SECOND, Side, opened
from suites.core.test_pci_capabilities import shown

pytestmark = pytest.mark.requirement("CORE-16")

MSI, MSI_32, MSIX = 0x70, 0x60, 0x98
TABLE, PAGE = 0xFEB01000, 0x1000
APIC_ID = {LEFT: {0}, RIGHT: {1, 2}}
MASKED = 1
SHOWN = 16
"""Entries of a table that a partition with one processor finds, if there are more."""

addresses = st.one_of(
    st.integers(0, 0xFF).map(lambda target: 0xFEE00000 | target << 12),
    st.sampled_from((0, 0xFED00000, 0xFEE0000C, 0xFEE01004)),
    words,
)
data = st.one_of(st.integers(0, 0xFF), st.integers(0, 0xFFFF))


def is_confined(address: int, data: int, owner: int) -> bool:
    """PCI 3.0 §6.8, APM vol. 2 §16.4: a fixed message, edge triggered, to a processor of the owner's."""
    reserved = address & ~0xFF000
    return reserved == 0xFEE00000 and address >> 12 & 0xFF in APIC_ID[owner] and 0x10 <= data <= 0xFF


def may_be_sent(address: int, data: int, owner: int) -> bool:
    """Whether what a partition wrote names a processor of its own, in words that a message has."""
    target, logical = address >> 12 & 0xFF, address & 4
    vector, delivery = data & 0xFF, data >> 8 & 7
    named = logical or target == 0xFF or target in APIC_ID[owner]
    return bool(address >> 20 == 0xFEE and vector >= 0x10 and delivery in (0, 1) and named)


def sharing(**changes: object) -> Plan:
    """The same plan, with both partitions on one processor."""
    return BARS.with_part(LEFT, slice_us=1000).with_part(RIGHT, slice_us=1000, processors=(0,), **changes)


class TestMsi:
    @given(addresses, data, st.booleans())
    def test_gets_the_hardware_words_that_reach_the_owner(
        self, address: int, word: int, masked: bool
    ) -> None:
        core, machine = opened()
        side, left = Side(core, LEFT), machine.functions[FIRST]
        for offset, value, size in ((4, address, 4), (8, 0, 4), (12, word, 2), (16, masked, 4), (2, 1, 2)):
            side.write(FIRST, MSI + offset, value, size)
        enabled = left.read(MSI) >> 16 & 1

        assert [side.read(FIRST, MSI + offset) for offset in (4, 8, 12, 16)] == [
            address & ~3,
            0,
            word,
            masked,
        ]
        assert side.read(FIRST, MSI + 2, 2) == 0x181
        assert enabled == may_be_sent(address, word, LEFT)
        if enabled:
            assert is_confined(left.read(MSI + 4), left.read(MSI + 12), LEFT)
            assert left.read(MSI + 8) == 0
            assert left.read(MSI + 12) & 0xFF == word & 0xFF
            assert left.read(MSI + 16) == masked

    def test_has_a_message_with_32_bits_its_data_where_the_short_form_has_it(self) -> None:
        core, machine = opened()
        side, second = Side(core, LEFT), machine.functions[SECOND]
        for offset, value in ((4, 0xFEE00000), (8, 0x41), (2, 1)):
            side.write(SECOND, MSI_32 + offset, value, 4 if offset == 4 else 2)

        assert second.read(MSI_32) >> 16 == 1
        assert [second.read(MSI_32 + offset) for offset in (4, 8)] == [0xFEE00000, 0x41]
        assert side.read(SECOND, MSI_32 + 8) == 0x41

    def test_is_one_message_offered_however_many_there_could_be(self) -> None:
        core, machine = opened()
        machine.functions[FIRST].space[MSI // 4] |= 5 << 17
        side = Side(core, LEFT)
        side.write(FIRST, MSI + 2, 5 << 4 | 1, 2)

        assert side.read(FIRST, MSI + 2, 2) == 0x181

    def test_is_nothing_enabled_while_its_words_change(self) -> None:
        core, machine = opened()
        side = Side(core, LEFT)
        for offset, value in ((4, 0xFEE00000), (12, 0x41), (2, 1)):
            side.write(FIRST, MSI + offset, value, 2 if offset == 2 else 4)
        machine.log.clear()
        side.write(FIRST, MSI + 12, 0x42, 2)
        enabled = True
        for _, _, offset, value in machine.log:
            if offset == MSI:
                enabled = bool(value >> 16 & 1)
            else:
                assert not enabled

        assert enabled

    def test_is_an_nmi_no_message(self) -> None:
        core, machine = opened()
        side = Side(core, LEFT)
        for offset, value in ((4, 0xFEE00000), (12, 0x441), (2, 1)):
            side.write(FIRST, MSI + offset, value, 2 if offset == 2 else 4)

        assert not machine.functions[FIRST].read(MSI) & 1 << 16


class TestTable:
    @given(st.integers(0, SHOWN - 1), addresses, words, data, st.booleans(), st.permutations(range(4)))
    def test_gets_the_hardware_entries_that_reach_the_owner(
        self, index: int, address: int, high: int, word: int, masked: bool, order: list[int]
    ) -> None:
        core, machine = opened()
        entry = (address, high if word & 1 else 0, word, masked)
        for at in order:
            core.pci_table_write(LEFT, TABLE + 16 * index + 4 * at, entry[at])
        real_address, real_data, control = machine.entry(TABLE, index)
        sent = may_be_sent(entry[1] << 32 | address, word, LEFT) and not masked

        assert [core.pci_table_read(LEFT, TABLE + 16 * index + 4 * at) for at in range(4)] == list(entry)
        assert control == (not sent)
        if sent:
            assert is_confined(real_address, real_data, LEFT)
            assert real_data == word & 0xFF
        others = (machine.entry(TABLE, other)[2] for other in range(32) if other != index)
        assert set(others) == {MASKED}

    def test_are_as_many_entries_shown_as_its_processors_want(self) -> None:
        core, machine = opened()
        side = Side(core, LEFT)
        for at, value in enumerate((0xFEE00000, 0, 0x41, 0)):
            core.pci_table_write(LEFT, TABLE + 16 * SHOWN + 4 * at, value)

        assert side.read(FIRST, MSIX + 2, 2) == SHOWN - 1
        assert machine.entry(TABLE, SHOWN)[2] == MASKED
        assert core.pci_table_read(LEFT, TABLE + 16 * SHOWN) == 0

    def test_is_an_entry_masked_while_it_changes(self) -> None:
        core, machine = opened()
        for at, value in enumerate((0xFEE00000, 0, 0x41, 0)):
            core.pci_table_write(LEFT, TABLE + 4 * at, value)
        machine.log.clear()
        core.pci_table_write(LEFT, TABLE + 8, 0x42)
        masked = False
        for _, address, _, value in machine.log:
            if address == TABLE + 12:
                masked = bool(value & 1)
            else:
                assert masked

        assert machine.entry(TABLE, 0) == (0xFEE00000, 0x42, 0)

    def test_reaches_each_processor_of_the_owner(self) -> None:
        """Which one is the partition's choice, as it is an affinity of its own interrupts."""
        plan = TWINS.with_part(RIGHT, mmio=((0xFEB10000, 0x1000),), bars=(Bar(0, 0, 0xFEB10000, 0x1000),))
        machine = functions.machine()
        machine.functions[OTHERS] = Function(
            bars={0: (0, 0x1000)}, capabilities={0x40: functions.msix(64, 0, 0)}
        )
        core, _ = opened(plan, machine)

        assert Side(core, RIGHT).read(OTHERS, 0x42, 2) == 2 * SHOWN - 1
        for target in (1, 2):
            for at, value in enumerate((0xFEE00000 | target << 12, 0, 0x41, 0)):
                core.pci_table_write(RIGHT, 0xFEB10000 + 4 * at, value)

            assert machine.entry(0xFEB10000, 0) == (0xFEE00000 | target << 12, 0x41, 0)

    def test_are_all_entries_masked_at_a_start(self) -> None:
        core, machine = opened()
        for at, value in enumerate((0xFEE00000, 0, 0x41, 0)):
            core.pci_table_write(LEFT, TABLE + 4 * at, value)
        core.pci_stop(LEFT)
        core.reset(LEFT)
        core.pci_start(LEFT)

        assert [machine.entry(TABLE, index)[2] for index in range(32)] == [MASKED] * 32
        assert [core.pci_table_read(LEFT, TABLE + 4 * at) for at in range(4)] == [0, 0, 0, MASKED]

    def test_is_the_page_looked_at_and_no_other(self) -> None:
        core, _ = opened()

        assert core.mmio(LEFT, TABLE, 4) == core.mmio(LEFT, TABLE + PAGE - 4, 4) == "simulate"
        assert core.mmio(LEFT, TABLE - 4, 4) == core.mmio(LEFT, TABLE + PAGE, 4) == "allow"
        assert core.mmio(RIGHT, TABLE, 4) == "deny"

    def test_is_the_rest_of_the_page_the_functions_own(self) -> None:
        core, machine = opened()
        machine.memory[TABLE + 0x800] = 0x1234
        core.pci_table_write(LEFT, TABLE + 0xF00, 0x5678)

        assert core.pci_table_read(LEFT, TABLE + 0x800) == 0x1234
        assert machine.memory[TABLE + 0xF00] == 0x5678

    def test_does_somebody_elses_table_not_exist(self) -> None:
        core, machine = opened()
        machine.log.clear()
        core.pci_table_write(RIGHT, TABLE, 0xFEE00000)

        assert core.pci_table_read(RIGHT, TABLE) == ONES
        assert machine.log == []

    def test_has_the_control_register_what_the_owner_wrote(self) -> None:
        core, machine = opened()
        side = Side(core, LEFT)
        for value in (0xFFFF, 0x8000, 0xC000, 0x4000, 0):
            side.write(FIRST, MSIX + 2, value, 2)

            assert side.read(FIRST, MSIX + 2, 2) == value & 0xC000 | SHOWN - 1
            assert machine.functions[FIRST].read(MSIX) >> 16 == value & 0xC000 | 31

    def test_is_no_table_shown_that_is_beyond_its_bar(self) -> None:
        machine = functions.machine()
        machine.functions[FIRST].space[(MSIX + 4) // 4] = 0x1F00 | 1  # 32 entries want 512 bytes
        core, _ = opened(machine=machine)

        assert MSIX not in shown(Side(core, LEFT), FIRST)
        assert core.mmio(LEFT, 0xFEB01F00, 4) == "allow"


class TestSharing:
    def test_has_each_message_a_vector_of_the_controllers(self) -> None:
        core, machine = opened(sharing())
        taken = set()
        for index in range(16):
            for at, value in enumerate((0xFEE00000, 0, 0x41 + index, 0)):
                core.pci_table_write(LEFT, TABLE + 16 * index + 4 * at, value)
            address, vector, control = machine.entry(TABLE, index)
            taken.add(vector)

            assert (address, control) == (0xFEE00000, 0)
            assert 0x20 + BARS.computer.pins <= vector < 0xF0  # behind those of the pins
            assert core.host_message(vector) == (LEFT, 0x41 + index)
        assert len(taken) == 16

    def test_has_msi_one_too(self) -> None:
        core, machine = opened(sharing())
        for bdf, place, width in ((FIRST, MSI, 12), (SECOND, MSI_32, 8)):
            side = Side(core, LEFT)
            for offset, value in ((4, 0xFEE00000), (width, 0x51), (2, 1)):
                side.write(bdf, place + offset, value, 2 if offset == 2 else 4)

            assert core.host_message(machine.functions[bdf].read(place + width)) == (LEFT, 0x51)
            assert side.read(bdf, place + width, 2) == 0x51

    def test_are_only_as_many_offered_as_there_are_vectors(self) -> None:
        core, _ = opened(sharing())
        side = Side(core, LEFT)

        assert side.read(FIRST, MSIX + 2, 2) == 15
        core.pci_table_write(LEFT, TABLE + 16 * 20, 0xFEE00000)
        assert core.pci_table_read(LEFT, TABLE + 16 * 20) == 0

    def test_run_the_vectors_out_before_they_are_used_twice(self) -> None:
        """Sixteen functions with tables: the last ones have fewer messages, then none."""
        devices = range(2, 18)
        plan = sharing()
        plan = plan.with_part(
            LEFT,
            pci=tuple((device << 3, 16) for device in devices),
            mmio=((0xFEB00000, 0x20000),),
            bars=tuple(Bar(at, 0, 0xFEB00000 + PAGE * at, PAGE) for at in range(16)),
            gsis=(4, 16),
            ports=((0x3F8, 0x3FF),),
        ).with_part(RIGHT, pci=(), mmio=())
        machine = Machine({0: Function(bars={}, class_code=0x06000000)})
        for device in devices:
            machine.functions[device << 3] = Function(
                bars={0: (0, PAGE)},
                capabilities={0x40: functions.msix(64, 0, 0), 0x50: (functions.MSI_32, 0, 0)},
                sticky={0x54: ONES, 0x58: 0xFFFF},
            )
        core, _ = opened(plan, machine)
        side, found = Side(core, LEFT), []
        for at, device in enumerate(devices):
            places = shown(side, device << 3)
            for index in range(side.read(device << 3, 0x42, 2) + 1 if 0x40 in places else 0):
                for word, value in enumerate((0xFEE00000, 0, 0x60, 0)):
                    core.pci_table_write(LEFT, 0xFEB00000 + PAGE * at + 16 * index + 4 * word, value)
                found.append(machine.entry(0xFEB00000 + PAGE * at, index)[1])
            if 0x50 in places:
                for offset, value in ((4, 0xFEE00000), (8, 0x60), (2, 1)):
                    side.write(device << 3, 0x50 + offset, value, 2 if offset == 2 else 4)
                found.append(machine.functions[device << 3].read(0x58))

        assert sorted(found) == list(range(0x20 + 24, 0xF0))
        assert shown(side, 17 << 3) == {}

    def test_is_a_vector_of_a_pin_no_messages(self) -> None:
        core, _ = opened(sharing())

        assert [core.host_message(vector) for vector in range(0x38)] == [None] * 0x38
        assert core.host_message(0xEF) is None

    def test_are_those_of_dedicated_processors_not_the_controllers(self) -> None:
        core, _ = opened(replace(BARS))

        assert [core.host_message(vector) for vector in range(0x100)] == [None] * 0x100
