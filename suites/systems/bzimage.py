"""The kernel inside a bzImage, and where it says that it rewrites its own text by what it finds.

Documentation/arch/x86/boot.rst has the header, and the forms that the payload may be packed in.
"""

import lzma
import struct
from collections.abc import Iterator
from dataclasses import dataclass

SECTOR = 512
SETUP_SECTORS, PAYLOAD = 0x1F1, 0x248
LZ4, XZ = b"\x02\x21\x4c\x18", b"\xfd7zXZ\x00"
ELF_64 = b"\x7fELF\x02"
ALTERNATIVE = struct.Struct("<iiHBB")
"""struct alt_instr: instruction and replacement, each from its own field on; feature; lengths of both."""
INVERTED = 1 << 15
"""Flag in the feature: replaced where the processor lacks it."""
STATIC_KEY = struct.Struct("<iiq")
"""struct jump_entry: instruction, target and key, each from its own field on."""
SHORT = (0x66, 0xEB)
"""First byte of a jump or NOP of two bytes; the others are of five."""


@dataclass(frozen=True)
class Site:
    """Instructions that Linux replaces by what it finds."""

    address: int
    size: int
    by: str
    """the processor's feature, by its number (arch/x86/include/asm/cpufeatures.h), or a static key"""


def unpacked(image: bytes) -> bytes | None:
    """Returns the ELF file that a bzImage holds; None if it is packed in a form that is not known here."""
    start = ((image[SETUP_SECTORS] or 4) + 1) * SECTOR
    offset, size = struct.unpack_from("<II", image, PAYLOAD)
    packed = image[start + offset :][:size]
    if packed.startswith(XZ):
        return lzma.LZMADecompressor().decompress(packed)
    if packed.startswith(LZ4):
        return b"".join(_lz4_blocks(packed))
    return None


def alternatives(elf: bytes) -> list[Site]:
    """Returns what a 64-bit kernel chooses by features of the processor: its section .altinstructions."""
    table = _section(elf, ".altinstructions")
    entries = ALTERNATIVE.iter_unpack(table.data[: len(table.data) // ALTERNATIVE.size * ALTERNATIVE.size])
    return [
        Site(table.address + number * ALTERNATIVE.size + where, size, f"feature-{feature & ~INVERTED}")
        for number, (where, _, feature, size, _) in enumerate(entries)
    ]


def static_keys(elf: bytes, first: int, end: int) -> list[Site]:
    """Returns what it switches while it runs, by devices for example: its table between two addresses."""
    text, found = _section(elf, ".text"), []
    for entry, (where, _, _) in zip(range(first, end, STATIC_KEY.size), _keys(elf, first, end), strict=True):
        at = entry + where - text.address
        if 0 <= at < len(text.data):
            found.append(Site(entry + where, 2 if text.data[at] in SHORT else 5, "static-key"))
    return found


def _keys(elf: bytes, first: int, end: int) -> Iterator[tuple[int, ...]]:
    table = next(
        part for part in _sections(elf) if part.address <= first and end <= part.address + len(part.data)
    )
    return STATIC_KEY.iter_unpack(table.data[first - table.address : end - table.address])


@dataclass(frozen=True)
class Section:
    """A part of an ELF file."""

    name: str
    address: int
    data: bytes


def _section(elf: bytes, name: str) -> Section:
    return next(part for part in _sections(elf) if part.name == name)


def _sections(elf: bytes) -> Iterator[Section]:
    """ELF-64 object file format, §5."""
    (headers,) = struct.unpack_from("<Q", elf, 40)
    size, count, names = struct.unpack_from("<HHH", elf, 58)
    every = [struct.unpack_from("<IIQQQQ", elf, headers + index * size) for index in range(count)]
    strings = every[names][4]
    for at, _, _, address, offset, length in every:
        name = elf[strings + at : elf.index(b"\0", strings + at)].decode()
        yield Section(name, address, elf[offset : offset + length])


def _lz4_blocks(packed: bytes) -> Iterator[bytes]:
    """The legacy frame: its magic, blocks with their sizes in front, and the size of all that Linux adds."""
    at, end = len(LZ4), len(packed) - 4
    while at < end:
        (size,) = struct.unpack_from("<I", packed, at)
        yield _lz4_block(packed[at + 4 : at + 4 + size])
        at += 4 + size


def _lz4_block(packed: bytes) -> bytes:
    """Sequences of literals and a match behind what was unpacked so far (LZ4 block format, 2022)."""
    out, at = bytearray(), 0
    while at < len(packed):
        token = packed[at]
        literals, at = _length(packed, at + 1, token >> 4)
        out += packed[at : at + literals]
        at += literals
        if at == len(packed):
            break
        distance = packed[at] | packed[at + 1] << 8
        match, at = _length(packed, at + 2, token & 15)
        match += 4
        pattern = bytes(out[-distance:][:match])
        out += (pattern * (match // len(pattern) + 1))[:match]
    return bytes(out)


def _length(packed: bytes, at: int, nibble: int) -> tuple[int, int]:
    """A length that begins in the token, and where the bytes that go on with it end."""
    length, more = nibble, nibble == 15
    while more:
        length, more, at = length + packed[at], packed[at] == 255, at + 1
    return length, at
