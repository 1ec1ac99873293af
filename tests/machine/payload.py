"""Kernels of a few bytes for a PC: multiboot (0.6.96), loaded at 1 MiB, 32-bit code."""

import struct
from pathlib import Path

_LOAD = 0x100000
_MAGIC = 0x1BADB002
_ADDRESSES_GIVEN = 1 << 16
_HEADER_BYTES = 32

HALT = bytes.fromhex("faf4ebfc")  # cli; again: hlt; jmp again
SOFT_OFF = bytes.fromhex(
    "66ba0406 66b80120 66ef".replace(" ", "")
)  # outw $0x2001, $0x604: ACPI S5 on QEMU's PCs
RESET = bytes.fromhex("66baf90c b006 ee".replace(" ", ""))  # outb $6, $0xcf9


def say(text: str, port: int = 0x3F8) -> bytes:
    """Return code that writes a text to a serial port, which QEMU's UART takes without being set up."""
    code = b"\x66\xba" + struct.pack("<H", port)  # mov $port, %dx
    for byte in text.encode():
        code += bytes([0xB0, byte, 0xEE])  # mov $byte, %al; out %al, %dx
    return code


def write_kernel(path: Path, code: bytes) -> Path:
    """Write a kernel that runs the code from its first instruction on."""
    end = _LOAD + _HEADER_BYTES + len(code)
    checksum = -(_MAGIC + _ADDRESSES_GIVEN) & 0xFFFFFFFF
    entry = _LOAD + _HEADER_BYTES
    path.write_bytes(
        struct.pack("<8I", _MAGIC, _ADDRESSES_GIVEN, checksum, _LOAD, _LOAD, end, end, entry) + code
    )
    return path
