"""Kernels of a few bytes for a PC: multiboot (specification 0.6.96), loaded at 1 MiB, 32-bit code."""

import struct
from pathlib import Path

_LOAD = 0x100000
_MAGIC = 0x1BADB002
_ADDRESSES_GIVEN = 1 << 16
_HEADER_BYTES = 32

COM1, COM4 = 0x3F8, 0x2E8

HALT = bytes.fromhex("fa f4 eb fc")  # cli; again: hlt; jmp again - 1
NO_TICKS = bytes.fromhex("b030 e643 b001 e640 e640")  # channel 0 of the PIT: once, and soon (8254, mode 0)
SOFT_OFF = bytes.fromhex("66ba0406 66b80120 66ef")  # outw $0x2001, $0x604: ACPI S5 on QEMU's PCs
RESET = bytes.fromhex("66baf90c b006 ee")  # outb $6, $0xcf9
NO_HANDLERS = bytes.fromhex("31c0 50 50 0f011c24")  # lidt of an empty table: any exception ends it
TRIPLE_FAULT = NO_HANDLERS + bytes.fromhex("0f0b")  # ud2
TAKE_NMI = bytes.fromhex(  # local APIC: on, and LINT1 delivers an NMI, as firmware with tables sets it up
    "c705f000e0feff010000 c7056003e0fe00040000"  # movl $0x1ff, 0xfee000f0; movl $0x400, 0xfee00360
)
WAIT = bytes.fromhex("66bafd03 ec a801 74fb")  # again: in $0x3fd, %al; test $1, %al; jz again


def say(text: str, port: int = COM1) -> bytes:
    """Return code that writes a text to a serial port, which QEMU's UART takes without being set up."""
    code = b"\x66\xba" + struct.pack("<H", port)  # mov $port, %dx
    for byte in text.encode():
        code += bytes([0xB0, byte, 0xEE])  # mov $byte, %al; out %al, %dx
    return code


def repeat(byte: bytes, count: int, port: int = COM1) -> bytes:
    """Return code that writes a byte so often to a serial port."""
    code = b"\x66\xba" + struct.pack("<H", port) + b"\xb9" + struct.pack("<I", count)  # mov dx; mov ecx
    return code + b"\xb0" + byte + bytes.fromhex("ee e2fd")  # mov al; again: out %al, %dx; loop again


def write_kernel(path: Path, code: bytes) -> Path:
    """Write a kernel that runs the code from its first instruction on."""
    entry = _LOAD + _HEADER_BYTES
    end = entry + len(code)
    checksum = -(_MAGIC + _ADDRESSES_GIVEN) & 0xFFFFFFFF
    header = struct.pack("<8I", _MAGIC, _ADDRESSES_GIVEN, checksum, _LOAD, _LOAD, end, end, entry)
    path.write_bytes(header + code)
    return path
