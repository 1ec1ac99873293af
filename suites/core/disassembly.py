"""An independent disassembler (Capstone), and what our decoder's answer looks like in its words.

Its text is compared by meaning: an immediate modulo its size, a segment after the rules for overrides.
"""

import re
from dataclasses import dataclass
from typing import NamedTuple

import capstone  # type: ignore[import-untyped]
import mrm_core

_MODES = {16: capstone.CS_MODE_16, 32: capstone.CS_MODE_32, 64: capstone.CS_MODE_64}

_WORDS = ("ax", "cx", "dx", "bx", "sp", "bp", "si", "di")
_BYTES = ("al", "cl", "dl", "bl", "spl", "bpl", "sil", "dil", *(f"r{n}b" for n in range(8, 16)))
_REGISTERS = {
    1: _BYTES,
    2: (*_WORDS, *(f"r{n}w" for n in range(8, 16))),
    4: (*(f"e{name}" for name in _WORDS), *(f"r{n}d" for n in range(8, 16))),
    8: (*(f"r{name}" for name in _WORDS), *(f"r{n}" for n in range(8, 16))),
}
_HIGH = ("ah", "ch", "dh", "bh")
_RIP = {4: "eip", 8: "rip"}
_SIZES = {"byte": 1, "word": 2, "dword": 4, "qword": 8}
_STRINGS = ("movs", "stos", "lods", "ins", "outs")
_SUFFIX = {1: "b", 2: "w", 4: "d", 8: "q"}
_STACK = re.compile(r"\[[er]?(bp|sp)(?!\*)\b")
_MEMORY = re.compile(r"^(?:(byte|word|dword|qword) ptr )?(?:(\w\w):)?(\[.*\])$")
_ABSOLUTE = re.compile(r"^\[(-?(?:0x)?[0-9a-f]+)\]$")
_ZERO_INDEX = re.compile(r"( \+ )?\b[er]iz(\*\d)?")
_OTHER_NAMES = {"mov": {"mov", "movabs"}, "movsx": {"movsx", "movsxd"}}
_SEGMENTS = (0x26, 0x2E, 0x36, 0x3E, 0x64, 0x65)
LEGACY_PREFIXES = frozenset((*_SEGMENTS, 0x66, 0x67, 0xF0, 0xF2, 0xF3))
REX_PREFIXES = range(0x40, 0x50)
NONE, RIP = 16, 17


class Answer(NamedTuple):
    """What Capstone says of an instruction."""

    length: int
    name: str
    operands: str


class Disassembler:
    """Capstone for a code segment of some bits."""

    def __init__(self, bits: int) -> None:
        self._engine = capstone.Cs(capstone.CS_ARCH_X86, _MODES[bits])

    def first(self, code: bytes) -> Answer | None:
        """The first instruction; None if it is none. Of the prefixes it prints, the name is freed."""
        for _, length, name, operands in self._engine.disasm_lite(code, 0, 1):
            return Answer(length, name.rpartition(" ")[2], operands)
        return None


def names_of(insn: mrm_core.Instruction) -> set[str]:
    """What Capstone may call it, prefixes aside."""
    if insn.op in _STRINGS:
        memory = insn.to if insn.to is not None and insn.to.place == "memory" else insn.source
        return {insn.op + _SUFFIX[memory.size if memory else 0]}
    return _OTHER_NAMES.get(insn.op, {insn.op})


def prefixes(code: bytes, bits: int) -> bytes:
    """The legacy prefixes in front of an instruction."""
    found = bytearray()
    for byte in code:
        if byte in LEGACY_PREFIXES:
            found.append(byte)
        elif bits != 64 or byte not in REX_PREFIXES:
            break
    return bytes(found)


def disagreement(code: bytes, bits: int, insn: mrm_core.Instruction, theirs: Answer) -> str | None:
    """How our answer differs from theirs, or None."""
    if insn.length != theirs.length:
        return f"length {insn.length}, not {theirs.length}"
    if theirs.name not in names_of(insn):
        return f"{insn.op}, not {theirs.name}"
    before = prefixes(code, bits)
    repeats = [byte for byte in before if byte in (0xF2, 0xF3)] if insn.op in _STRINGS else []
    if insn.lock != (0xF0 in before) or insn.rep != (repeats[-1] if repeats else 0):
        return f"lock {insn.lock}, rep {insn.rep:#x} after {before.hex()}"
    parts = theirs.operands.split(", ") if theirs.operands else []
    ours = [operand for operand in (insn.to, insn.source) if operand is not None]
    if len(parts) != len(ours):
        return f"{len(ours)} operands, not {theirs.operands}"
    for operand, text in zip(ours, parts, strict=True):
        if not _Operand(insn, operand, before, bits).is_like(text):
            return f"{insn}, not {text}"
    return None


@dataclass(frozen=True)
class _Operand:
    insn: mrm_core.Instruction
    operand: mrm_core.Operand
    prefixes: bytes
    bits: int

    def is_like(self, text: str) -> bool:
        place, reg, size = self.operand
        if place == "memory":
            return self._is_memory(text)
        if place == "immediate":
            mask = (1 << size * 8) - 1
            return int(text, 0) & mask == self.insn.imm & mask
        if place == "register":
            return text == _REGISTERS[size][reg]
        return text == {"high-byte": _HIGH[reg % 4], "control": f"cr{reg}", "debug": f"dr{reg}"}[place]

    def _is_memory(self, text: str) -> bool:
        match = _MEMORY.match(text)
        if match is None:
            return False
        word, segment, inner = match.groups()
        if word is not None and _SIZES[word] != self.operand.size:
            return False
        if self.insn.op in _STRINGS:
            return self._is_string_memory(segment, inner)
        width = (
            16 if self.bits == 16 else self.insn.address_bytes * 8
        )  # 16-bit code: Capstone cuts it to that
        return inner_text(self.insn, width) == _tidy(inner, width) and self._is_segment(segment, inner)

    def _is_segment(self, segment: str | None, inner: str) -> bool:
        overrides = [byte for byte in self.prefixes if byte in _SEGMENTS]
        if self.bits == 64 and len({byte in (0x64, 0x65) for byte in overrides}) == 2:
            return True  # APM vol. 3 §1.2.1: of two overrides, which one counts cannot be predicted
        if segment is not None and (self.bits != 64 or segment in ("fs", "gs")):
            return self.insn.segment == segment
        if self.insn.base == NONE and self.insn.scale == 1:
            return self.insn.segment == "ds"  # an index alone is written as a base is
        return self.insn.segment == ("ss" if _STACK.match(inner) else "ds")

    def _is_string_memory(self, segment: str | None, inner: str) -> bool:
        names = _REGISTERS[self.insn.address_bytes]
        if inner == f"[{names[7]}]":  # the destination, always in ES
            return segment in (None, "es")
        return inner == f"[{names[6]}]" and self._is_segment(segment, inner)


def _number(value: int) -> str:
    return str(value) if value < 10 else hex(value)


def inner_text(insn: mrm_core.Instruction, width: int) -> str:
    """The memory operand as Capstone writes it; an absolute address is cut to some bits."""
    names = _REGISTERS[insn.address_bytes]
    terms = []
    if insn.base == RIP:
        terms.append(_RIP[insn.address_bytes])
    elif insn.base != NONE:
        terms.append(names[insn.base])
    if insn.index_reg != NONE:
        terms.append(names[insn.index_reg] + (f"*{insn.scale}" if insn.scale > 1 else ""))
    if not terms:
        return f"[{_number(insn.displacement & ((1 << width) - 1))}]"
    text = " + ".join(terms)
    if insn.displacement:
        text += f" {'-' if insn.displacement < 0 else '+'} {_number(abs(insn.displacement))}"
    return f"[{text}]"


def _tidy(inner: str, width: int) -> str:
    """Leaves out an index that is none, written as a register that is always 0; cuts an absolute address."""
    text = _ZERO_INDEX.sub("", inner).replace("[ + ", "[").replace("[ - ", "[-") if "iz" in inner else inner
    if text == "[]":
        return "[0]"
    absolute = _ABSOLUTE.match(text)
    if absolute is None:
        return text
    return f"[{_number(int(absolute[1], 0) & ((1 << width) - 1))}]"
