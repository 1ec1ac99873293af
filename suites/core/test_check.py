"""Does the check find every conflict, name it, and accept what has none? Paper §3.2."""

from collections.abc import Callable

import mrm_core
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.image.block import CFG, Struct
from suites.core.plans import BARS, MIB, PAGE, TWINS, ZERO, Bar, Plan
from suites.core.rules import conflicts, meet, ram
from suites.core.strategies import careless_plans, plans

Change = Callable[[Plan], Plan]


def _part(index: int, **changes: object) -> Change:
    return lambda plan: plan.with_part(index, **changes)


def _computer(**changes: object) -> Change:
    return lambda plan: plan.with_computer(**changes)


def _bars(*bars: Bar) -> Change:
    return _part(RIGHT, bars=bars)


def _keyboard_at_right(left: tuple[int, ...], right: tuple[int, ...]) -> Change:
    """The keyboard controller, and lines for both."""
    ports = ((0x2F8, 0x2FF), (0x60, 0x60), (0x64, 0x64))
    return lambda plan: plan.with_part(LEFT, gsis=left, pci=()).with_part(RIGHT, gsis=right, ports=ports)


LEFT, RIGHT = 0, 1
PIC = ((0x20, 0x21), (0xA0, 0xA1), (0x4D0, 0x4D1))
AT_RIGHT = ((0x10000000, 0x10000000, 0x4000000),)

# What is wrong, the change that makes it so, and the partitions and numbers that the sentence must name.
WRONG: list[tuple[str, Change, tuple[str, ...]]] = [
    ("bad-name", _part(RIGHT, name="left"), ("left",)),
    ("bad-name", _part(RIGHT, name=""), ("15 printable",)),
    ("bad-name", _part(RIGHT, name="x" * 16), ("15 printable",)),
    ("bad-name", _part(RIGHT, name="two words"), ("two words",)),
    ("bad-count", _part(RIGHT, memory=()), ("right", "RAM")),
    ("bad-count", _part(RIGHT, processors=()), ("right", "processor")),
    ("bad-value", _part(RIGHT, view=2), ("right", "view", "0x2")),
    ("bad-value", _part(RIGHT, rights=1 << 9), ("right", "rights", "0x200")),
    ("bad-value", _part(RIGHT, on_reset=2), ("right", "on_reset")),
    ("bad-value", _part(RIGHT, on_crash=2), ("right", "on_crash")),
    ("bad-value", _part(RIGHT, started=2), ("right", "started")),
    ("bad-value", _part(RIGHT, on_interrupt=2, slice_us=1000), ("right", "on_interrupt")),
    ("bad-value", _part(RIGHT, on_interrupt=CFG["PREEMPT"]), ("right", "on_interrupt", "0x1")),
    ("bad-value", _part(RIGHT, payload_kind=3), ("right", "payload", "0x3")),
    ("bad-value", _part(RIGHT, payload_module=0), ("right", "payload", "0x0")),
    ("bad-value", _computer(flags=1 << 31), ("the machine", "flags")),
    ("bad-value", _computer(apic_ids=(0, 1, 1, 3)), ("APIC id", "0x1")),
    ("bad-value", _computer(apic_ids=(0, 1, 2, 0xFF)), ("APIC id", "0xff")),
    ("bad-value", _computer(first_gsi=250), ("I/O APIC",)),
    ("unaligned", _part(RIGHT, memory=((0x10000800, 0x10000800, 0x1000),)), ("0x10000800-0x100017ff",)),
    ("unaligned", _part(RIGHT, memory=((0x10000000, 0x10000000, 0x800),)), ("0x10000000-0x100007ff",)),
    ("unaligned", _part(RIGHT, mmio=((0xFEB10000, 0x10),)), ("right", "MMIO", "0xfeb1000f")),
    ("unaligned", _computer(iommu=(0xFED80800, 0x4000, 8)), ("the machine", "IOMMU registers")),
    ("unaligned", _computer(controller=(0x8000010, PAGE)), ("the machine", "controller memory")),
    ("empty", _part(RIGHT, memory=((0x10000000, 0x10000000, 0),)), ("right", "RAM, entry 0")),
    ("empty", _part(RIGHT, mmio=((0xFEB10000, (1 << 64) - PAGE),)), ("right", "MMIO, entry 0")),
    ("empty", _part(RIGHT, ports=((0x2F8, 0x2FF), (0x90, 0x80))), ("right", "port, entry 1")),
    ("empty", _computer(controller=(0, 0)), ("the machine", "controller memory")),
    ("beyond-machine", _part(RIGHT, memory=((0x20000000, 0x20000000, PAGE),)), ("right", "0x20000fff")),
    ("beyond-machine", _part(RIGHT, memory=((0x1FFFF000, 0x1FFFF000, 2 * PAGE),)), ("0x20000fff",)),
    ("beyond-machine", _part(RIGHT, processors=(1, 4)), ("right", "processor", "0x4")),
    ("beyond-machine", _part(RIGHT, gsis=(3, 24)), ("right", "GSI", "0x18")),
    ("beyond-machine", _part(RIGHT, pci=((0x28, 99),)), ("right", "GSI", "0x63")),
    ("beyond-machine", _computer(controller=(0x1FF00000, 0x200000)), ("controller memory",)),
    ("beyond-machine", _computer(console=(0x2E8, 24)), ("the machine", "GSI")),
    ("beyond-machine", _computer(console=(0xFFFC, 7)), ("the machine", "port", "0x10003")),
    ("view-mismatch", _part(RIGHT, memory=((0x11000000, 0x10000000, MIB),)), ("right", "identity")),
    ("view-mismatch", _part(RIGHT, view=CFG["ZERO_BASED"]), ("right", "zero-based")),
    ("overlap-self", _part(RIGHT, memory=AT_RIGHT * 2), ("right", "0x10000000-0x13ffffff")),
    ("overlap-self", _part(RIGHT, ports=((0x2F8, 0x2FF), (0x2FF, 0x300))), ("right", "port 0x2ff")),
    ("overlap-self", _part(RIGHT, mmio=((0xFEB10000, 0x2000), (0xFEB11000, 0x1000))), ("0xfeb11fff",)),
    ("overlap-partition", _part(LEFT, memory=AT_RIGHT), ("left", "right", "0x10000000-0x13ffffff")),
    (
        "overlap-controller",
        _part(RIGHT, memory=((0x7000000, 0x7000000, 0x2000000),)),
        ("0x8000000-0x8ffffff",),
    ),
    ("overlap-firmware", _computer(firmware=((0x12000000, PAGE),)), ("right", "0x12000000-0x12000fff")),
    ("overlap-firmware", _computer(firmware=((0x8000000, PAGE),)), ("controller memory",)),
    ("two-at-zero", _part(RIGHT, memory=((0, 0, PAGE),)), ("left", "right", "host-physical 0")),
    ("processor-twice", _part(RIGHT, processors=(0, 1)), ("left", "right", "processor 0")),
    ("processor-twice", _part(RIGHT, processors=(1, 1)), ("right", "itself", "processor 1")),
    ("processor-twice", _part(RIGHT, processors=(0,), slice_us=1000), ("left", "right", "slice")),
    ("port-twice", _part(RIGHT, ports=((0x2F8, 0x2FF), (0x43, 0x50))), ("left", "right", "port 0x43")),
    ("port-reserved", _part(RIGHT, ports=((0x2F8, 0x2FF), (0x604, 0x604))), ("right", "0x604")),
    ("port-reserved", _part(RIGHT, ports=((0x2F8, 0x2FF), (0xCF0, 0xCF8))), ("right", "0xcf8")),
    ("device-split", _part(RIGHT, ports=((0x2F8, 0x2FF), (0x64, 0x64))), ("right", "0x60", "other ports")),
    ("device-split", _part(RIGHT, ports=((0x2F8, 0x2FF), (0x20, 0x21))), ("right", "0xa0-0xa1")),
    ("device-split", _part(RIGHT, ports=((0x2F8, 0x2FF), *PIC[:2])), ("right", "0x4d0-0x4d1")),
    (
        "pic-not-wired",
        _part(RIGHT, ports=((0x2F8, 0x2FF), *PIC), processors=(2, 1)),
        ("right", "processor 2"),
    ),
    ("pic-not-wired", _part(RIGHT, ports=((0x2F8, 0x2FF), *PIC), slice_us=1000), ("right", "processor 1")),
    ("bad-value", _computer(lint0=(4,)), ("the machine", "LAPIC", "0x10")),
    ("port-reserved", _part(RIGHT, ports=((0x2E0, 0x2FF),)), ("right", "0x2e8-0x2ef", "console")),
    ("mmio-twice", _part(RIGHT, mmio=((0xFEB03000, 0x1000),)), ("left", "right", "0xfeb03000")),
    ("mmio-reserved", _part(RIGHT, mmio=((0xFEC00000, 0x1000),)), ("right", "0xfec00000")),
    ("mmio-reserved", _part(RIGHT, mmio=((0xFEE00000, 0x1000),)), ("right", "0xfee00000")),
    ("mmio-reserved", _part(RIGHT, mmio=((0xB0000000, 0x1000),)), ("right", "0xb0000000")),
    ("mmio-reserved", _part(RIGHT, mmio=((0xFED83000, 0x1000),)), ("right", "0xfed83000", "IOMMU")),
    ("mmio-reserved", _part(RIGHT, mmio=((0x18000000, 0x1000),)), ("right", "RAM of the machine")),
    ("gsi-twice", _part(RIGHT, gsis=(3, 4)), ("left", "right", "GSI 4")),
    ("gsi-twice", _part(RIGHT, gsis=(3, 3)), ("right", "itself", "GSI 3")),
    ("gsi-reserved", _part(RIGHT, gsis=(3, 7)), ("right", "GSI 7", "console")),
    ("line-split", _keyboard_at_right(left=(4, 12), right=(3, 1)), ("right", "left", "GSI 12:")),
    ("line-split", _keyboard_at_right(left=(4, 1), right=(3, 12)), ("right", "left", "GSI 1:")),
    ("pci-twice", _part(RIGHT, pci=((0x28, 17), (0x20, 17))), ("left", "right", "00:04.0")),
    ("pci-reserved", _part(RIGHT, pci=((0, 17),)), ("right", "00:00.0", "host bridge")),
    ("pci-reserved", _part(RIGHT, pci=((0x08, 17),)), ("right", "00:01.0", "IOMMU")),
    (
        "needs-iommu",
        lambda plan: ZERO.with_computer(iommu=(0, 0, 0)),
        ("left", "00:03.0", "zero-based"),
    ),
    ("pci-line-shared", _part(RIGHT, pci=((0x28, 16),)), ("left", "right", "GSI 16")),
    ("pci-line-shared", _part(RIGHT, pci=((0x28, 4),)), ("left", "right", "GSI 4")),
    ("pci-line-shared", _part(RIGHT, pci=((0x28, 7),)), ("right", "the machine", "GSI 7")),
    ("pci-behind-bridge", _part(RIGHT, pci=((0x128, 17),)), ("right", "01:05.0", "bus 0")),
    ("bar-form", _bars(Bar(0, 0, 0xFEB10000, 0x30)), ("right", "memory BAR", "0xfeb10000-0xfeb1002f")),
    ("bar-form", _bars(Bar(0, 0, 0xFEB10000, 8)), ("right", "memory BAR", "0xfeb10000-0xfeb10007")),
    ("bar-form", _bars(Bar(0, 5, 0xFEB10010, 0x20)), ("right", "memory BAR", "0xfeb10010-0xfeb1002f")),
    ("bar-form", _bars(Bar(0, 0, 0x80, 1, ports=True)), ("right", "I/O BAR", "0x80")),
    ("bar-form", _bars(Bar(0, 0, 0x2000, 0x200, ports=True)), ("right", "I/O BAR", "0x2000-0x21ff")),
    ("bar-form", _bars(Bar(0, 5, 1 << 32, PAGE)), ("right", "memory BAR", "0x100000000-0x100000fff")),
    ("bar-form", _bars(Bar(0, 0, 1 << 32, PAGE), Bar(0, 1, 0xFEB10000, PAGE)), ("0x100000000-0x100000fff",)),
    ("bar-not-owned", _bars(Bar(0, 0, 0xFEB11000, 16)), ("right", "memory BAR", "0xfeb11000")),
    ("bar-not-owned", _bars(Bar(0, 0, 0xFEB10000, 2 * PAGE)), ("right", "memory BAR", "0xfeb10000")),
    ("bar-not-owned", _bars(Bar(0, 0, 0x80, 4, ports=True)), ("right", "I/O BAR", "0x80-0x83")),
    (
        "overlap-self",
        _bars(Bar(0, 0, 0xFEB10000, 0x100), Bar(0, 1, 0xFEB10800, 0x100)),
        ("right", "memory BAR", "0xfeb10000-0xfeb10fff"),
    ),
    (
        "overlap-self",
        _bars(Bar(0, 0, 0x2F8, 8, ports=True), Bar(0, 3, 0x2FC, 4, ports=True)),
        ("right", "I/O BAR", "0x2fc-0x2ff"),
    ),
    ("nmi-twice", _part(RIGHT, rights=CFG["RIGHT_NMI"]), ("left", "right", "NMI")),
    ("serial-not-owned", _part(RIGHT, serial=(0x2F9, 3)), ("right", "0x2f9-0x300")),
    ("serial-not-owned", _part(RIGHT, serial=(0x2F8, 4)), ("right", "GSI 0x4")),
    ("bad-value", _part(RIGHT, standins=1 << 5), ("right", "stand-ins", "0x20")),
    ("standin-owned", _part(LEFT, standins=CFG["STANDIN_PIT"]), ("left", "0x40-0x43", "stood in")),
    ("standin-owned", _part(RIGHT, ports=((0x2F8, 0x2FF), (0x71, 0x71)), standins=2), ("right", "0x71")),
]


def _faults(findings: list[mrm_core.Finding]) -> set[str]:
    return {finding.fault for finding in findings}


@pytest.mark.requirement("CORE-01")
@pytest.mark.parametrize("plan", [TWINS, ZERO, BARS], ids=["identity", "zero-based", "bars"])
def test_is_a_plan_without_conflict_accepted(plan: Plan) -> None:
    assert mrm_core.check(plan.pack()) == []


@pytest.mark.requirement("CORE-01")
@pytest.mark.parametrize(
    ("fault", "change", "words"), WRONG, ids=[f"{row}-{fault}" for row, (fault, _, _) in enumerate(WRONG)]
)
def test_is_a_conflict_found_and_named(fault: str, change: Change, words: tuple[str, ...]) -> None:
    findings = [item for item in mrm_core.check(change(TWINS).pack()) if item.fault == fault]

    assert findings
    assert any(all(word in item.text for word in words) for item in findings)


@pytest.mark.requirement("CORE-01")
def test_has_every_fault_a_conflict_here() -> None:
    """So that a fault added to the check cannot go without one; a wrong header is asked for below."""
    assert {fault for fault, _, _ in WRONG} | {"bad-header"} == set(mrm_core.FAULTS)


@pytest.mark.requirement("CORE-01")
@pytest.mark.parametrize("field", ["magic", "version", "size_bytes"])
def test_is_a_wrong_header_the_only_finding(field: str) -> None:
    data = bytearray(TWINS.with_part(RIGHT, gsis=(4,)).pack())
    Struct(data, "block").set(field, 0x1234)

    assert [item.fault for item in mrm_core.check(data)] == ["bad-header"]


@pytest.mark.requirement("CORE-01")
def test_are_all_conflicts_found_in_order() -> None:
    wrong = TWINS.with_part(
        RIGHT, memory=((0, 0, 0x9F800),), ports=((0x3F8, 0x3FF),), processors=(0, 9), gsis=(4,)
    )
    order = [mrm_core.FAULTS.index(item.fault) for item in mrm_core.check(wrong.pack())]

    assert _faults(mrm_core.check(wrong.pack())) == conflicts(wrong)
    assert len(conflicts(wrong)) == 8
    assert order == sorted(order)


@pytest.mark.requirement("CORE-01")
def test_has_a_function_six_base_address_registers() -> None:
    data = bytearray(BARS.pack())
    partition = Struct(data, "block").inner("partition", "partition", RIGHT)
    partition.inner("pci", "pci").set("port_bars", 1 << 6)
    (finding,) = mrm_core.check(data)

    assert (finding.fault, finding.field, finding.first) == ("bad-value", "I/O BAR", 1 << 6)


@pytest.mark.requirement("CORE-01")
def test_may_a_processor_be_shared_by_slices() -> None:
    shared = TWINS.with_part(LEFT, slice_us=1000).with_part(
        RIGHT, slice_us=500, processors=(0, 1), on_interrupt=CFG["PREEMPT"]
    )

    assert mrm_core.check(shared.pack()) == []


@pytest.mark.requirement("CORE-01")
def test_may_keyboard_controller_and_interrupt_controllers_have_an_owner() -> None:
    plan = TWINS.with_part(RIGHT, ports=((0x2F8, 0x2FF), *PIC, (0x60, 0x64)))

    assert mrm_core.check(plan.pack()) == []


@pytest.mark.requirement("CORE-01")
def test_may_low_memory_be_private_in_the_identity_view() -> None:
    low = ((0, 0x10000000, 0x100000), (0x11000000, 0x11000000, 0x1000000))

    assert mrm_core.check(TWINS.with_part(RIGHT, memory=low).pack()) == []


@pytest.mark.requirement("CORE-01")
@given(plans())
def test_is_any_plan_without_conflict_accepted(plan: Plan) -> None:
    assert mrm_core.check(plan.pack()) == []


@pytest.mark.requirement("CORE-01")
@settings(max_examples=500)
@given(careless_plans())
def test_does_the_check_agree_with_the_rules(plan: Plan) -> None:
    assert _faults(mrm_core.check(plan.pack())) == conflicts(plan)


BLOCK_BYTES = st.integers(0, CFG["BLOCK_BYTES"] - 1)


@pytest.mark.requirement("CORE-01")
@settings(max_examples=500)
@given(st.lists(st.tuples(BLOCK_BYTES, st.integers(0, 255)), min_size=1, max_size=6))
def test_is_a_damaged_block_refused_or_harmless(damage: list[tuple[int, int]]) -> None:
    data = bytearray(TWINS.pack())
    for offset, value in damage:
        data[offset] = value

    if mrm_core.check(data):
        with pytest.raises(ValueError, match=r"\w"):
            mrm_core.Core(data)
    else:
        _assert_apart(mrm_core.Core(data))


def _assert_apart(core: mrm_core.Core) -> None:
    """Nobody reaches the RAM of another or of the controller, page by page of the original plan's edges."""
    pieces = [piece for part in TWINS.parts for piece in ram(part)]
    for hpa in {at for piece in pieces for at in (piece.start, piece.stop - PAGE)} | {0x8000000, 0xBFFF000}:
        owners = [p for p in range(core.partition_count) if core.to_gpa(p, hpa, PAGE) is not None]

        assert len(owners) <= 1
        assert not (owners and meet(range(hpa, hpa + 1), range(0x8000000, 0xC000000)))
