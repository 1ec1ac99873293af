"""Runs one instruction on the real processor: the oracle for the simulation of what any program may do.

A page holds: load flags and all registers but RSP from a table, the instruction, store them back, return.
Everything in the page addresses the table relative to RIP, so no register is needed for that.
"""

import ctypes
import mmap
import platform

from suites.core.processor import RSP

CODE_BYTES, TABLE, FLAGS, STACK, DATA = 0x400, 0x400, 0x480, 0x488, 0x800
DATA_BYTES = 0x800
USED = [index for index in range(16) if index != RSP]
SAVE = bytes.fromhex("53 55 4154 4155 4156 4157 9c")  # push rbx, rbp, r12-r15, flags
RESTORE = bytes.fromhex("9d 415f 415e 415d 415c 5d 5b c3")


def is_possible() -> bool:
    """Whether this machine runs 64-bit x86 code."""
    return platform.machine() in ("x86_64", "AMD64")


class Native:
    """One page of code, its table and its data."""

    def __init__(self) -> None:
        self._page = mmap.mmap(-1, 0x1000, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
        self.address = ctypes.addressof(ctypes.c_char.from_buffer(self._page))
        self._call = ctypes.CFUNCTYPE(None)(self.address)

    @property
    def data_address(self) -> int:
        return self.address + DATA

    def run(
        self, instruction: bytes, gpr: list[int], flags: int, data: bytes
    ) -> tuple[list[int], int, bytes]:
        """Registers, flags and data after the instruction. RSP is the program's own and stays out of it."""
        self._page[:CODE_BYTES] = self._program(instruction).ljust(CODE_BYTES, b"\xcc")
        for index in USED:
            self._store(TABLE + index * 8, gpr[index])
        self._store(FLAGS, flags)
        self._page[DATA : DATA + len(data)] = data
        self._call()
        after = [self._load(TABLE + index * 8) if index != RSP else gpr[RSP] for index in range(16)]
        return after, self._load(FLAGS), self._page[DATA : DATA + len(data)]

    def _program(self, instruction: bytes) -> bytes:
        code = bytearray(SAVE)
        _relative(code, b"\x48\x89\x25", STACK)  # mov [stack], rsp
        _relative(code, b"\xff\x35", FLAGS)  # push [flags]
        code += b"\x9d"  # popfq
        for index in USED:
            _relative(code, _move(0x8B, index), TABLE + index * 8)
        code += instruction
        for index in USED:
            _relative(code, _move(0x89, index), TABLE + index * 8)
        code += b"\x9c"  # pushfq
        _relative(code, b"\x8f\x05", FLAGS)  # pop [flags]
        _relative(code, b"\x48\x8b\x25", STACK)  # mov rsp, [stack]
        return bytes(code + b"\xfc" + RESTORE)  # cld

    def _store(self, at: int, value: int) -> None:
        self._page[at : at + 8] = value.to_bytes(8, "little")

    def _load(self, at: int) -> int:
        return int.from_bytes(self._page[at : at + 8], "little")


def _move(opcode: int, register: int) -> bytes:
    """MOV between a register and memory relative to RIP, without the displacement."""
    return bytes((0x48 | (register >> 3) << 2, opcode, (register & 7) << 3 | 5))


def _relative(code: bytearray, start: bytes, target: int) -> None:
    end = len(code) + len(start) + 4
    code += start + (target - end).to_bytes(4, "little", signed=True)
