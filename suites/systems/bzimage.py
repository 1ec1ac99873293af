"""The kernel inside a bzImage, and where it says that it rewrites its own text by what processor it finds.

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
ENTRY = struct.Struct("<iiHBB")
"""struct alt_instr: instruction and replacement, each from the entry's field on; feature; lengths of both."""


@dataclass(frozen=True)
class Site:
    """Instructions that Linux replaces where the processor has, or lacks, a feature."""

    address: int
    size: int
    feature: int
    """number of the feature (arch/x86/include/asm/cpufeatures.h)"""


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


def sites(elf: bytes) -> list[Site]:
    """Returns what the section .altinstructions of a 64-bit kernel lists."""
    address, offset, size = _section(elf, b".altinstructions")
    table = elf[offset : offset + size // ENTRY.size * ENTRY.size]
    entries = enumerate(ENTRY.iter_unpack(table))
    return [
        Site(address + number * ENTRY.size + where, length, feature)
        for number, (where, _, feature, length, _) in entries
    ]


def _section(elf: bytes, name: bytes) -> tuple[int, int, int]:
    """Address, place in the file and size of a section (ELF-64 object file format, §5)."""
    (headers,) = struct.unpack_from("<Q", elf, 40)
    size, count, names = struct.unpack_from("<HHH", elf, 58)
    every = [struct.unpack_from("<IIQQQQ", elf, headers + index * size) for index in range(count)]
    strings = every[names][4]
    for at, _, _, address, offset, length in every:
        if elf.startswith(name + b"\0", strings + at):
            return address, offset, length
    raise ValueError(f"no section {name.decode()}")


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
