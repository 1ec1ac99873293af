"""Has a simulated instruction the effect that the processor gives it? Paper §3.3(2)A.

Moves, arithmetic and strings are compared with the processor under this test; see test_simulate_privileged
for the rest.
"""

from random import Random

import mrm_core
import pytest
from hypothesis import given
from hypothesis import strategies as st

from suites.core.native import DATA_BYTES, Native, is_possible
from suites.core.processor import (
    AF,
    DF,
    PF_VECTOR,
    RBX,
    RCX,
    RDI,
    RESERVED_FLAG,
    RSI,
    RSP,
    STATUS,
    Bus,
    Processor,
)

REAL = pytest.mark.skipif(not is_possible(), reason="this machine does not run 64-bit x86 code")

MIDDLE = DATA_BYTES // 2
BY_MODRM = [base + form for base in (0x00, 0x08, 0x20, 0x28, 0x30, 0x38) for form in range(4)]
BY_MODRM += [0x80, 0x81, 0x83, *range(0x84, 0x8C), 0xC6, 0xC7, 0xF6, 0xF7]
AFTER_0F = [0xB6, 0xB7, 0xBE, 0xBF]
PLAIN = [base + form for base in (0x04, 0x0C, 0x24, 0x2C, 0x34, 0x3C) for form in (0, 1)]
PLAIN += [*range(0x91, 0x98), 0xA8, 0xA9, *range(0xB0, 0xC0)]
STRINGS = [0xA4, 0xA5, 0xAA, 0xAB, 0xAC, 0xAD]
LOGICAL = {"and", "or", "xor", "test"}
EDGES = [
    0,
    1,
    0x7F,
    0x80,
    0xFF,
    0x7FFF,
    0x8000,
    0xFFFF,
    0x7FFFFFFF,
    0x80000000,
    0xFFFFFFFF,
    1 << 63,
    (1 << 64) - 1,
]


def _value(random: Random) -> int:
    return random.choice(EDGES) if random.random() < 0.5 else random.getrandbits(64)


def _instruction(random: Random) -> bytes:
    """One instruction on registers, or on memory at RBX with a short displacement."""
    before = b"\x66" * (random.random() < 0.3)
    in_memory = random.random() < 0.6
    rex = 0x40 | random.getrandbits(4) if random.random() < 0.6 else 0
    if in_memory:
        rex &= ~1  # the base is RBX, not R11
    kind = random.random()
    if kind < 0.2:
        tail = bytes((random.choice(PLAIN),))
    else:
        opcode = bytes((0x0F, random.choice(AFTER_0F))) if kind < 0.3 else bytes((random.choice(BY_MODRM),))
        modrm = random.getrandbits(3) << 3 | (0x43 if in_memory else 0xC0 | random.getrandbits(3))
        tail = opcode + bytes((modrm,)) + (random.randbytes(1) if in_memory else b"")
    return before + bytes((rex,) if rex else ()) + tail + random.randbytes(8)


def _uses_stack_pointer(insn: mrm_core.Instruction) -> bool:
    operands = (insn.to, insn.source)
    return any(item is not None and item.place == "register" and item.reg == RSP for item in operands)


def _compare(
    native: Native, code: bytes, insn: mrm_core.Instruction, gpr: list[int], flags: int, data: bytes
) -> None:
    processor = Processor(rflags=flags, rip=0x1000)
    processor.gpr = gpr
    bus = Bus(native.data_address, data)
    result, _, _ = processor.step(code[: insn.length], bus)
    gpr_after, flags_after, data_after = native.run(code[: insn.length], gpr, flags, data)
    compared = STATUS & ~AF if insn.op in LOGICAL else STATUS

    assert result == "done"
    assert processor.gpr == gpr_after
    assert bus.memory == data_after
    assert (processor.get("rflags") ^ flags_after) & compared == 0
    assert processor.get("rip") == 0x1000 + insn.length


@REAL
@pytest.mark.requirement("CORE-08")
@pytest.mark.parametrize("seed", range(4))
def test_do_moves_and_arithmetic_what_this_processor_does(seed: int) -> None:
    random, native, done = Random(seed), Native(), 0
    while done < 5000:
        code = _instruction(random)
        insn = mrm_core.decode(code, 64)
        if insn is None or _uses_stack_pointer(insn):
            continue
        gpr = [_value(random) for _ in range(16)]
        gpr[RBX] = native.data_address + MIDDLE
        _compare(
            native,
            code,
            insn,
            gpr,
            RESERVED_FLAG | random.getrandbits(12) & STATUS,
            random.randbytes(DATA_BYTES),
        )
        done += 1


@REAL
@pytest.mark.requirement("CORE-08")
def test_do_locked_instructions_what_this_processor_does() -> None:
    random, native = Random(1), Native()
    for opcode in (0x00, 0x01, 0x08, 0x09, 0x20, 0x21, 0x28, 0x29, 0x30, 0x31, 0x86, 0x87):
        code = bytes((0xF0, opcode, 0x4B, 0x10))  # on [rbx + 0x10], with cl or ecx
        insn = mrm_core.decode(code, 64)
        assert insn is not None
        gpr = [_value(random) for _ in range(16)]
        gpr[RBX] = native.data_address + MIDDLE
        _compare(native, code, insn, gpr, RESERVED_FLAG, random.randbytes(DATA_BYTES))


@REAL
@pytest.mark.requirement("CORE-08")
@pytest.mark.parametrize("opcode", STRINGS, ids=["movsb", "movsd", "stosb", "stosd", "lodsb", "lodsd"])
def test_do_strings_what_this_processor_does(opcode: int) -> None:
    random, native = Random(opcode), Native()
    for _ in range(300):
        before = random.choice((b"", b"\x66")) + random.choice((b"", b"\xf3", b"\xf2"))
        code = before + random.choice((b"", b"\x48")) + bytes((opcode,))
        insn = mrm_core.decode(code, 64)
        assert insn is not None
        gpr = [_value(random) for _ in range(16)]
        gpr[RCX] = random.randrange(60)
        gpr[RSI] = native.data_address + MIDDLE + random.randrange(-64, 64)
        gpr[RDI] = native.data_address + MIDDLE + random.randrange(-64, 64)
        _compare(
            native, code, insn, gpr, RESERVED_FLAG | random.choice((0, DF)), random.randbytes(DATA_BYTES)
        )


@pytest.mark.requirement("CORE-08")
@pytest.mark.parametrize("count", [0, 1, 63, 64, 65, 200])
def test_is_a_repeated_string_done_in_bounded_parts(count: int) -> None:
    processor = Processor()
    processor.set("gpr", count, RCX)
    processor.set("gpr", 0x1000, RDI)
    bus, steps = Bus(0x1000, bytes(256)), 0
    while (result := processor.step(b"\xf3\xaa", bus)[0]) == "again":
        steps += 1
        assert processor.get("rip") == 0

    assert result == "done"
    assert steps == max(0, count - 1) // 64
    assert len(bus.log) == count
    assert processor.get("gpr", RCX) == 0
    assert processor.get("rip") == 2


@pytest.mark.requirement("CORE-08")
@given(st.integers(0, 19), st.booleans())
def test_does_a_fault_inside_a_string_keep_what_is_done(fault_at: int, backwards: bool) -> None:
    """Ten elements, a read and a write each: an element counts once its write is done."""
    processor = Processor(rflags=RESERVED_FLAG | (DF if backwards else 0))
    for register, value in ((RCX, 10), (RSI, 0x1010), (RDI, 0x1030)):
        processor.set("gpr", value, register)
    result, vector, _ = processor.step(b"\xf3\xa4", Bus(0x1000, bytes(64), fault_at))
    done = fault_at // 2
    step = -done if backwards else done

    assert (result, vector) == ("fault", PF_VECTOR)
    assert [processor.get("gpr", register) for register in (RCX, RSI, RDI)] == [
        10 - done,
        0x1010 + step,
        0x1030 + step,
    ]
    assert processor.get("rip") == 0


FAULTING = [
    "8b03",
    "8903",
    "0103",
    "310b",
    "f00903",
    "8703",
    "c70378563412",
    "3903",
    "0fb603",
    "ff"[:0] + "8003ff",
]


@pytest.mark.requirement("CORE-08")
@pytest.mark.parametrize("code", FAULTING)
@pytest.mark.parametrize("fault_at", [0, 1])
def test_does_a_fault_change_nothing(code: str, fault_at: int) -> None:
    processor, bus = Processor(rip=0x1234), Bus(0x1000, bytes(range(16)), fault_at)
    processor.gpr = [0x5A5A5A5A5A5A5A5A] * 16
    processor.set("gpr", 0x1000, RBX)
    before = bytes(processor.memory)
    result, vector, error = processor.step(bytes.fromhex(code), bus)
    if result == "done":
        assert fault_at == 1  # it has one access only
        return

    assert (result, vector, error) == ("fault", PF_VECTOR, fault_at + 1)
    assert processor.memory == before
    assert bus.memory == bytes(range(16))


@pytest.mark.requirement("CORE-08")
@pytest.mark.parametrize(
    ("bits", "code", "registers", "linear"),
    [
        (16, "8b00", {RBX: 0xFFFF, RSI: 2}, 0x10001),  # wraps at 64 KiB, then the segment's base
        (16, "8b4680", dict.fromkeys((5,), 16), 0x2FF90),  # BP: the stack segment
        (32, "8b00", {0: 0x1_FFFF_FFF0}, 0xFFF0),  # the upper half is not there; the sum wraps at 4 GiB
        (32, "648b00", {0: 0x10}, 0x40010),
        (64, "8b0510000000", {}, 0x1000 + 6 + 0x10),
        (64, "678b0510000000", {}, 0x1000 + 7 + 0x10),
        (64, "648b00", {0: 0x10}, 0x40010),
        (64, "8b448810", {0: 0x100, RCX: (1 << 64) - 1}, 0x10C),
        (64, "678b00", {0: 0x1_0000_0010}, 0x10),
        (64, "a188776655443322ff", {}, 0xFF22334455667788),
    ],
    ids=["16-wrap", "16-stack", "32-wrap", "32-fs", "rip", "eip", "64-fs", "index", "64-addr32", "absolute"],
)
def test_where_is_a_memory_operand(bits: int, code: str, registers: dict[int, int], linear: int) -> None:
    processor = Processor(bits, rip=0x1000)
    for segment, base in enumerate((0x50000, 0x10000, 0x20000, 0x10000, 0x40000, 0)):  # ES CS SS DS FS GS
        processor.set("segment_base", base, segment)
    for register, value in registers.items():
        processor.set("gpr", value, register)
    bus = Bus(linear, bytes(8))
    processor.step(bytes.fromhex(code), bus)

    assert [entry[:2] for entry in bus.log] == [("read", linear)]


@pytest.mark.requirement("CORE-08")
@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("e460", ("in", 0x60, 1, 0xA5)),
        ("ec", ("in", 0x3F8, 1, 0xA5)),
        ("ed", ("in", 0x3F8, 4, 0xA5)),
        ("66ed", ("in", 0x3F8, 2, 0xA5)),
        ("e660", ("out", 0x60, 1, 0x78)),
        ("ee", ("out", 0x3F8, 1, 0x78)),
        ("ef", ("out", 0x3F8, 4, 0x12345678)),
        ("66ef", ("out", 0x3F8, 2, 0x5678)),
    ],
)
def test_does_port_access_what_it_says(code: str, expected: tuple[str, int, int, int]) -> None:
    processor, bus = Processor(), Bus()
    bus.ports = {0x60: 0xA5, 0x3F8: 0xA5}
    processor.set("gpr", 0xFFFFFFFF12345678, 0)
    processor.set("gpr", 0xFFFF03F8, 2)
    result, _, _ = processor.step(bytes.fromhex(code), bus)
    reads = {"ed": 0xA5, "66ed": 0xFFFFFFFF123400A5}.get(code, 0xFFFFFFFF123456A5)

    assert result == "done"
    assert bus.log == [expected]
    assert processor.get("gpr", 0) == (reads if expected[0] == "in" else 0xFFFFFFFF12345678)


@pytest.mark.requirement("CORE-08")
def test_do_string_ports_move_bytes_both_ways() -> None:
    processor, bus = Processor(), Bus(0x1000, b"paper\0\0\0\0\0")
    bus.ports = {0x3F8: 0x2A}
    processor.gpr = [0, 5, 0x3F8, 0, 0, 0, 0x1000, 0x1005, *[0] * 8]

    assert processor.step(b"\xf3\x6e", bus)[0] == "done"
    assert [entry[3] for entry in bus.log if entry[0] == "out"] == list(b"paper")
    processor.set("gpr", 5, RCX)
    assert processor.step(b"\xf3\x6c", bus)[0] == "done"
    assert bus.memory == b"paper*****"
    assert processor.get("gpr", RDI) == 0x100A
