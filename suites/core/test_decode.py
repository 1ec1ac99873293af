"""Does the decoder agree with an independent disassembler on every instruction it accepts? Paper §3.3(2)A.

A million generated instructions: mostly ours with all prefixes, and some of anything. Where we accept, the
length, operation and operands must be theirs; what they know as one of ours, we must not refuse. The
exceptions are declared here, each with its reason.
"""

from collections import Counter
from collections.abc import Callable
from random import Random

import mrm_core
import pytest
from hypothesis import given
from hypothesis import strategies as st

from suites.core.disassembly import LEGACY_PREFIXES, Answer, Disassembler, disagreement, prefixes

SHARDS, PER_SHARD = 12, 84_000
"""For each of three modes a third of the shards: 1 008 000 instructions."""
BITS = (16, 32, 64)
LONGEST = 15

ARITHMETIC = [base + form for base in (0x00, 0x08, 0x20, 0x28, 0x30, 0x38) for form in range(6)]
ONE_BYTE = [*ARITHMETIC, 0x63, *range(0x6C, 0x70), *range(0x80, 0x8C), *range(0x90, 0x98), *range(0xA0, 0xA6)]
ONE_BYTE += [
    *range(0xA8, 0xC0),
    0xC6,
    0xC7,
    *range(0xE4, 0xE8),
    *range(0xEC, 0xF0),
    0xF4,
    0xF6,
    0xF7,
    0xFA,
    0xFB,
]
SECOND = [0x00, 0x01, 0x06, 0x08, 0x09, *range(0x20, 0x24), 0x30, 0x31, 0x32, 0xA2, 0xB6, 0xB7, 0xBE, 0xBF]
TWO_BYTE = [bytes((0x0F, second)) for second in SECOND] + [b"\x0f\x01\xd9", b"\x0f\x01\xf9"]
PREFIXES = sorted(LEGACY_PREFIXES)

# fmt: off
OPS = {
    "mov", "movzx", "movsx", "xchg", "add", "or", "and", "sub", "xor", "cmp", "test", "in", "out", "movs",
    "stos", "lods", "ins", "outs", "lgdt", "lidt", "sgdt", "sidt", "lldt", "ltr", "sldt", "str", "lmsw",
    "smsw", "clts", "invlpg", "invd", "wbinvd", "rdmsr", "wrmsr", "rdtsc", "rdtscp", "cpuid", "hlt", "cli",
    "sti", "vmmcall",
}
# fmt: on
STRINGS = {"movs", "stos", "lods", "ins", "outs"}
THEIR_NAMES = OPS - STRINGS | {name + suffix for name in STRINGS for suffix in "bwdq"} | {"movabs", "movsxd"}
LOCKABLE = {"add", "or", "and", "sub", "xor", "xchg"}
SEGMENT_REGISTERS = {"es", "cs", "ss", "ds", "fs", "gs"}
MISSING_SPECIAL = {f"cr{n}" for n in (1, 5, 6, 7, *range(9, 16))} | {f"dr{n}" for n in range(8, 16)}


def _generate(random: Random) -> bytes:
    """One instruction and what may follow it: prefixes, opcode, and random bytes for the rest."""
    code = bytearray(random.choices(PREFIXES, k=random.choice((0, 0, 0, 1, 1, 2, 4))))
    if random.random() < 0.4:
        code.append(0x40 | random.getrandbits(4))
    kind = random.random()
    if kind < 0.6:
        code.append(random.choice(ONE_BYTE))
    elif kind < 0.9:
        code += random.choice(TWO_BYTE)
    elif kind < 0.95:
        code += bytes((0x0F, random.getrandbits(8)))
    return bytes(code) + random.randbytes(LONGEST)


def _is_locked_wrongly(before: bytes, theirs: Answer) -> bool:
    return 0xF0 in before and not (theirs.name in LOCKABLE and "[" in theirs.operands.split(", ")[0])


def _has_repeat(before: bytes) -> bool:
    return 0xF2 in before or 0xF3 in before


# Why we may refuse what Capstone accepts.
Refusal = Callable[[bytes, bytes, Answer], bool]
REFUSALS: dict[str, Refusal] = {
    "LOCK raises #UD but on a memory destination; Capstone does not look": lambda code, before, theirs: (
        _is_locked_wrongly(before, theirs)
    ),
    "moves to and from segment registers are no part of enum dec_op": lambda code, before, theirs: (
        theirs.name == "mov" and not SEGMENT_REGISTERS.isdisjoint(theirs.operands.split(", "))
    ),
    "control registers 1, 5-7, 9-15 and debug registers 8-15 do not exist": lambda code, before, theirs: (
        theirs.name == "mov" and not MISSING_SPECIAL.isdisjoint(theirs.operands.split(", "))
    ),
    "F6 /1 and F7 /1 are not documented as TEST": lambda code, before, theirs: (
        theirs.name == "test" and code[_opcode_at(code) + 1] >> 3 & 7 == 1
    ),
    "F2 and F3 make VMMCALL VMGEXIT, F3 makes WBINVD WBNOINVD; we refuse both": lambda code, before, theirs: (
        theirs.name in ("vmmcall", "wbinvd", "rdtscp") and _has_repeat(before)
    ),
    "F3 90 is PAUSE, with REX.B as well": lambda code, before, theirs: (
        theirs.name == "xchg" and code[_opcode_at(code)] == 0x90 and _has_repeat(before)
    ),
    "without REX.W, AMD and Intel do not agree on MOVSXD": lambda code, before, theirs: (
        theirs.name == "movsxd"
    ),
}


def _opcode_at(code: bytes) -> int:
    return next(
        at for at, byte in enumerate(code) if byte not in LEGACY_PREFIXES and byte not in range(0x40, 0x50)
    )


def _is_theirs_alone(insn: mrm_core.Instruction, code: bytes, bits: int) -> bool:
    """Capstone takes F2, F3 or 66 before an opcode of two bytes for a part of it, and knows none such."""
    before = prefixes(code, bits)
    return code[_opcode_at(code)] == 0x0F and (_has_repeat(before) or 0x66 in before)


def _is_wide_port(insn: mrm_core.Instruction, before: bytes) -> bool:
    """REX.W overrides 66 (APM vol. 3 §1.2.3), so a port access has 32 bits; Capstone lets 66 win."""
    return insn.op in ("in", "out", "ins", "outs") and insn.operand_bytes == 8 and 0x66 in before


def _verdict(code: bytes, bits: int, theirs: Answer | None) -> str | None:
    """What is wrong with our answer, or None."""
    insn, before = mrm_core.decode(code, bits), prefixes(code, bits)
    if insn is None:
        if theirs is None or theirs.name not in THEIR_NAMES or "xmm" in theirs.operands:
            return None
        excused = any(reason(code, before, theirs) for reason in REFUSALS.values())
        return None if excused else f"we refuse {theirs}"
    if theirs is None:
        return None if _is_theirs_alone(insn, code, bits) else f"they refuse {insn}"
    return None if _is_wide_port(insn, before) else disagreement(code, bits, insn, theirs)


@pytest.mark.requirement("CORE-07")
@pytest.mark.parametrize("shard", range(SHARDS))
def test_agrees_with_an_independent_disassembler(shard: int) -> None:
    random, bits = Random(shard), BITS[shard % len(BITS)]
    disassembler, accepted = Disassembler(bits), Counter[str]()
    for _ in range(PER_SHARD):
        code = _generate(random)
        problem = _verdict(code, bits, disassembler.first(code))

        assert problem is None, f"{bits} bits, {code[:LONGEST].hex()}: {problem}"
        insn = mrm_core.decode(code, bits)
        if insn is not None:
            accepted[insn.op] += 1
    assert sum(accepted.values()) > PER_SHARD // 3
    assert set(accepted) == OPS


@pytest.mark.requirement("CORE-07")
@pytest.mark.parametrize("bits", BITS)
def test_is_an_instruction_that_is_cut_refused(bits: int) -> None:
    """At every byte: what is missing is never made up, and what follows never read."""
    random = Random(bits)
    for code in (_generate(random) for _ in range(5000)):
        insn = mrm_core.decode(code, bits)
        if insn is None:
            continue
        assert mrm_core.decode(code[: insn.length], bits) == insn
        assert all(mrm_core.decode(code[:cut], bits) is None for cut in range(insn.length))


@pytest.mark.requirement("CORE-07")
@pytest.mark.parametrize("bits", BITS)
def test_is_an_instruction_longer_than_15_bytes_refused(bits: int) -> None:
    assert mrm_core.decode(b"\x2e" * 13 + b"\x8b\x00", bits) is not None
    assert mrm_core.decode(b"\x2e" * 14 + b"\x8b\x00", bits) is None


@pytest.mark.requirement("CORE-07")
@given(st.binary(max_size=20), st.sampled_from(BITS))
def test_is_any_answer_within_its_bounds(code: bytes, bits: int) -> None:
    insn = mrm_core.decode(code, bits)

    if insn is not None:
        assert 1 <= insn.length <= min(len(code), LONGEST)
        assert insn.op in OPS
        assert all(
            operand is None or operand.size in (1, 2, 4, 6, 8, 10) for operand in (insn.to, insn.source)
        )
