"""Do simulated privileged instructions what the manual says (APM vol. 3)? Paper §3.3(2)A."""

from collections.abc import Callable

import pytest

from suites.core.processor import GP, IF, RAX, RBX, RCX, RDX, UD, Bus, Processor

PE, TS, ET, NW, CD, PG = (1 << bit for bit in (0, 3, 4, 29, 30, 31))
TSD, DE = 1 << 2, 1 << 3
NP = 11
TSC, TSC_AUX = 0x10, 0xC0000103
GDT = 0x1000

SUPERVISOR_ONLY = {
    "mov cr0": "0f22c0",
    "mov from cr0": "0f20c0",
    "mov dr7": "0f23f8",
    "mov from dr7": "0f21f8",
    "lgdt": "0f0113",
    "lidt": "0f011b",
    "lldt": "0f00d0",
    "ltr": "0f00d8",
    "lmsw": "0f01f0",
    "clts": "0f06",
    "invlpg": "0f013b",
    "invd": "0f08",
    "wbinvd": "0f09",
    "rdmsr": "0f32",
    "wrmsr": "0f30",
    "hlt": "f4",
}


def _run(processor: Processor, code: str, bus: Bus | None = None) -> tuple[str, int | None, int | None]:
    return processor.step(bytes.fromhex(code), bus or Bus())


def _protected(bits: int = 64, **registers: int) -> Processor:
    processor = Processor(bits, **registers)
    processor.set("cr", PE | ET, 0)
    return processor


@pytest.mark.requirement("CORE-08")
@pytest.mark.parametrize("name", SUPERVISOR_ONLY)
def test_is_a_privileged_instruction_refused_to_a_program(name: str) -> None:
    processor = _protected(cpl=3)
    before = bytes(processor.memory)

    assert _run(processor, SUPERVISOR_ONLY[name]) == ("fault", GP, 0)
    assert processor.memory == before


@pytest.mark.requirement("CORE-08")
@pytest.mark.parametrize(
    ("code", "register", "value", "kept"),
    [
        ("0f22c0", 0, PE, PE | ET),
        ("0f22c0", 0, PE | PG | CD | NW, PE | PG | CD | NW | ET),
        ("0f22d0", 2, 0xFFFF800000001234, 0xFFFF800000001234),
        ("0f22d8", 3, 0x12345000, 0x12345000),
        ("0f22e0", 4, 0x6F0, 0x6F0),
        ("440f22c0", 8, 15, 15),
    ],
)
def test_is_a_control_register_written_and_read(code: str, register: int, value: int, kept: int) -> None:
    processor = _protected()
    processor.set("gpr", value, RAX)
    back = {8: "440f20c1"}.get(register, f"0f20{0xC1 | register << 3:02x}")  # to RCX

    assert _run(processor, code) == ("done", None, None)
    assert processor.get("cr", register) == kept
    assert _run(processor, back) == ("done", None, None)
    assert processor.get("gpr", RCX) == kept


@pytest.mark.requirement("CORE-08")
@pytest.mark.parametrize(
    ("code", "value"),
    [
        ("0f22c0", PG),  # paging without protection
        ("0f22c0", PE | NW),  # write-through off with the cache on
        ("0f22c0", PE | 1 << 32),
        ("0f22e0", 1 << 32),
        ("440f22c0", 16),
        ("0f23f0", 1 << 32),
        ("0f23f8", 1 << 32),
    ],
    ids=["pg", "nw", "cr0-high", "cr4-high", "cr8", "dr6-high", "dr7-high"],
)
def test_is_an_impossible_value_a_general_protection_fault(code: str, value: int) -> None:
    processor = _protected()
    processor.set("gpr", value, RAX)
    before = bytes(processor.memory)

    assert _run(processor, code) == ("fault", GP, 0)
    assert processor.memory == before


@pytest.mark.requirement("CORE-08")
def test_are_debug_registers_4_and_5_the_others_names() -> None:
    processor = _protected()
    processor.set("gpr", 0x400, RAX)

    assert _run(processor, "0f23e8")[0] == "done"  # mov dr5, rax
    assert processor.get("dr", 7) == 0x400
    processor.set("cr", DE, 4)
    assert _run(processor, "0f23e8") == ("fault", UD, 0)
    assert _run(processor, "0f21e0") == ("fault", UD, 0)  # mov rax, dr4


@pytest.mark.requirement("CORE-08")
@pytest.mark.parametrize(
    ("before", "value", "after"), [(PE | 0x60, 0, PE | 0x60), (0x60, 0xFFF1, 0x61), (PE, 0xE, 0xF)]
)
def test_does_lmsw_set_four_bits_and_never_leave_protected_mode(before: int, value: int, after: int) -> None:
    processor = Processor(16)
    processor.set("cr", before, 0)
    processor.set("gpr", value, RAX)

    assert _run(processor, "0f01f0")[0] == "done"
    assert processor.get("cr", 0) == after | ET


@pytest.mark.requirement("CORE-08")
def test_does_smsw_store_and_clts_clear() -> None:
    processor, bus = _protected(), Bus(0x1000, bytes(8))
    processor.set("cr", PE | TS | PG, 0)
    processor.set("gpr", 0x1000, RBX)

    assert _run(processor, "0f0123", bus)[0] == "done"
    assert bus.log == [("write", 0x1000, 2, PE | TS)]
    assert _run(processor, "480f01e0")[0] == "done"
    assert processor.get("gpr", RAX) == PE | TS | PG
    assert _run(processor, "0f06")[0] == "done"
    assert processor.get("cr", 0) == PE | PG


TABLE_FORMS = [
    (64, "", 10, (1 << 64) - 0x1000, (1 << 64) - 0x1000),
    (32, "", 6, 0xFFEEDDCC, 0xFFEEDDCC),
    (32, "66", 6, 0xFFEEDDCC, 0x00EEDDCC),  # 24 bits with a 16-bit operand size
    (16, "", 6, 0xFFEEDDCC, 0x00EEDDCC),
    (16, "66", 6, 0xFFEEDDCC, 0xFFEEDDCC),
]


@pytest.mark.requirement("CORE-08")
@pytest.mark.parametrize(("bits", "prefix", "length", "base", "loaded"), TABLE_FORMS)
@pytest.mark.parametrize("name", ["gdt", "idt"])
def test_are_table_registers_loaded_and_stored(
    name: str, bits: int, prefix: str, length: int, base: int, loaded: int
) -> None:
    load, store = {"gdt": (2, 0), "idt": (3, 1)}[name]
    image = (0x7FF).to_bytes(2, "little") + base.to_bytes(length - 2, "little")
    bus, processor = Bus(0x1000, image), Processor(bits)
    operand = {16: "07", 32: "03", 64: "03"}[bits]  # [bx], [ebx], [rbx]
    processor.set("gpr", 0x1000, RBX)
    modrm = int(operand, 16)

    assert _run(processor, f"{prefix}0f01{modrm | load << 3:02x}", bus)[0] == "done"
    assert processor.table("gdt" if name == "gdt" else "idt") == (loaded, 0x7FF)
    assert _run(processor, f"{prefix}0f01{modrm | store << 3:02x}", bus)[0] == "done"
    assert bus.memory == (0x7FF).to_bytes(2, "little") + loaded.to_bytes(length - 2, "little")


@pytest.mark.requirement("CORE-08")
def test_is_a_table_at_no_canonical_address_refused() -> None:
    processor, bus = Processor(), Bus(0x1000, bytes(2) + (1 << 47).to_bytes(8, "little"))
    processor.set("gpr", 0x1000, RBX)

    assert _run(processor, "0f0113", bus) == ("fault", GP, 0)


def _descriptor(kind: int, present: bool = True) -> bytes:
    return ((kind | present << 7) << 40 | 0x67).to_bytes(8, "little")


LTR, LLDT = "0f00d8", "0f00d0"
LDT_TYPE, TSS_TYPE, BUSY_TSS, CODE_TYPE = 2, 9, 11, 0x1B


@pytest.mark.requirement("CORE-08")
@pytest.mark.parametrize(
    ("code", "selector", "descriptor", "answer"),
    [
        (LTR, 8, _descriptor(TSS_TYPE), ("done", None, None)),
        (LTR, 8, _descriptor(BUSY_TSS), ("fault", GP, 8)),
        (LTR, 8, _descriptor(CODE_TYPE), ("fault", GP, 8)),
        (LTR, 8, _descriptor(TSS_TYPE, False), ("fault", NP, 8)),
        (LTR, 0, _descriptor(TSS_TYPE), ("fault", GP, 0)),
        (LTR, 12, _descriptor(TSS_TYPE), ("fault", GP, 12)),  # in the local table
        (LTR, 16, _descriptor(TSS_TYPE), ("fault", GP, 16)),  # behind the limit
        (LLDT, 8, _descriptor(LDT_TYPE), ("done", None, None)),
        (LLDT, 8, _descriptor(TSS_TYPE), ("fault", GP, 8)),
        (LLDT, 3, _descriptor(TSS_TYPE), ("done", None, None)),  # null: no table
    ],
)
def test_are_system_selectors_checked(
    code: str, selector: int, descriptor: bytes, answer: tuple[str, int | None, int | None]
) -> None:
    processor, bus = _protected(), Bus(GDT, bytes(8) + descriptor)
    processor.set_table("gdt", GDT, 15)
    processor.set("gpr", selector, RAX)

    assert _run(processor, code, bus) == answer
    loaded = selector if answer[0] == "done" else 0
    assert processor.get("task_selector" if code == LTR else "ldt_selector") == loaded
    busy = answer[0] == "done" and code == LTR
    assert bus.memory[8:] == (_descriptor(BUSY_TSS) if busy else descriptor)


@pytest.mark.requirement("CORE-08")
@pytest.mark.parametrize("code", [LTR, LLDT, "0f00c0", "0f00c8"], ids=["ltr", "lldt", "sldt", "str"])
def test_has_real_mode_no_system_selectors(code: str) -> None:
    assert _run(Processor(16), code) == ("fault", UD, 0)


@pytest.mark.requirement("CORE-08")
def test_are_selectors_stored() -> None:
    processor = _protected(task_selector=0x28, ldt_selector=0x30)

    assert _run(processor, "0f00c8")[0] == "done"  # str eax
    assert processor.get("gpr", RAX) == 0x28
    assert _run(processor, "0f00c1")[0] == "done"  # sldt ecx
    assert processor.get("gpr", RCX) == 0x30


@pytest.mark.requirement("CORE-08")
def test_do_msr_moves_use_both_halves() -> None:
    processor, bus = _protected(), Bus()
    bus.msrs = {0x174: 0x1122334455667788}
    processor.gpr = [(1 << 64) - 1] * 16
    processor.set("gpr", 0xFFFFFFFF00000174, RCX)

    assert _run(processor, "0f32", bus)[0] == "done"
    assert (processor.get("gpr", RAX), processor.get("gpr", RDX)) == (0x55667788, 0x11223344)
    processor.set("gpr", 0xAAAAAAAA00000001, RAX)
    assert _run(processor, "0f30", bus)[0] == "done"
    assert bus.msrs == {0x174: 0x1122334400000001}
    processor.set("gpr", 0x175, RCX)
    assert _run(processor, "0f32", bus) == ("fault", GP, 0)
    assert _run(processor, "0f30", bus) == ("fault", GP, 0)


@pytest.mark.requirement("CORE-08")
def test_is_time_read_unless_it_is_disabled() -> None:
    processor, bus = _protected(cpl=3), Bus()
    bus.msrs = {TSC: 0x0000000500000007, TSC_AUX: 3}

    assert _run(processor, "0f01f9", bus)[0] == "done"
    assert [processor.get("gpr", index) for index in (RAX, RDX, RCX)] == [7, 5, 3]
    assert _run(processor, "0f31", bus)[0] == "done"
    processor.set("cr", TSD, 4)
    assert _run(processor, "0f31", bus) == ("fault", GP, 0)
    assert _run(processor, "0f01f9", bus) == ("fault", GP, 0)


@pytest.mark.requirement("CORE-08")
def test_does_cpuid_fill_four_registers() -> None:
    processor = _protected(cpl=3)
    processor.gpr = [0xFFFFFFFF00000007, 0xFFFFFFFF00000002, *[(1 << 64) - 1] * 14]

    assert _run(processor, "0fa2")[0] == "done"
    assert processor.gpr[:4] == [7, 0xC0FFEE, 0xFFFFFFFF, 2]


@pytest.mark.requirement("CORE-08")
@pytest.mark.parametrize(
    ("privilege", "cpl", "allowed"), [(0, 0, True), (0, 3, False), (3, 3, True), (1, 2, False)]
)
def test_is_the_interrupt_flag_guarded_by_the_privilege_level(
    privilege: int, cpl: int, allowed: bool
) -> None:
    processor = _protected(cpl=cpl, rflags=2 | privilege << 12)
    answer = ("done", None, None) if allowed else ("fault", GP, 0)

    assert _run(processor, "fb") == answer
    assert bool(processor.get("rflags") & IF) == allowed
    processor.set("rflags", 2 | IF | privilege << 12)
    assert _run(processor, "fa") == answer
    assert bool(processor.get("rflags") & IF) == (not allowed)


@pytest.mark.requirement("CORE-08")
def test_does_hlt_halt_behind_itself() -> None:
    processor = _protected(rip=0x1000)

    assert _run(processor, "f4")[0] == "done"
    assert (processor.get("halted"), processor.get("rip")) == (1, 0x1001)


@pytest.mark.requirement("CORE-08")
@pytest.mark.parametrize(
    ("bits", "rip", "after"), [(16, 0xFFFE, 0), (32, 0xFFFFFFFE, 0), (64, 0xFFFFFFFE, 1 << 32)]
)
def test_does_rip_wrap_as_the_mode_does(bits: int, rip: int, after: int) -> None:
    processor = _protected(bits, rip=rip)

    assert _run(processor, "0fa2")[0] == "done"
    assert processor.get("rip") == after


@pytest.mark.requirement("CORE-08")
@pytest.mark.parametrize("code", ["0f01d9", "cc", "ff20"], ids=["vmmcall", "int3", "jmp"])
def test_is_what_it_does_not_carry_out_left_alone(code: str) -> None:
    processor = _protected(rip=0x1000)
    before = bytes(processor.memory)

    assert _run(processor, code) == ("unhandled", None, None)
    assert processor.memory == before


@pytest.mark.requirement("CORE-08")
@pytest.mark.parametrize(
    "broken", [lambda: 1 / 0, lambda: "text", lambda: -1, lambda: 1 << 32, lambda: (1,), lambda: (300, 0)]
)
def test_does_an_error_behind_the_bus_come_out_as_it_is(broken: Callable[[], object]) -> None:
    """The bus is Python: what it raises is its caller's, not the simulated processor's."""
    processor, bus = _protected(), Bus()
    bus.read = lambda linear, size: broken()  # type: ignore[method-assign, assignment, return-value]
    before = bytes(processor.memory)
    with pytest.raises((ZeroDivisionError, TypeError, OverflowError)):
        _run(processor, "8b00", bus)

    assert processor.memory == before
