"""Files that loaders start, made byte by byte: Linux boot images, ELF files, multiboot headers."""

import struct
from collections.abc import Iterable
from dataclasses import dataclass

MAGIC_1, MAGIC_2 = 0x1BADB002, 0xE85250D6
SECTOR = 512
ELF_BYTES, PROGRAM_BYTES = 52, 32


@dataclass(frozen=True)
class BzImage:
    """A Linux boot image (Documentation/arch/x86/boot.rst)."""

    protected_bytes: int = 0x3000
    sectors: int = 4
    """besides the first one; 0 means 4"""
    version: int = 0x020F
    loadflags: int = 1
    code32_start: int = 0x100000
    initrd_max: int = 0x7FFFFFFF
    alignment: int = 0x200000
    relocatable: int = 1
    xloadflags: int = 1
    init_size: int = 0x800000
    magic: bytes = b"HdrS"

    def pack(self) -> bytes:
        head = bytearray(((self.sectors or 4) + 1) * SECTOR)
        head[0x1F1] = self.sectors
        struct.pack_into("<H", head, 0x1FE, 0xAA55)
        head[0x201] = 0x6A
        head[0x202:0x206] = self.magic
        struct.pack_into("<H", head, 0x206, self.version)
        head[0x211] = self.loadflags
        struct.pack_into("<I", head, 0x214, self.code32_start)
        struct.pack_into("<I", head, 0x22C, self.initrd_max)
        struct.pack_into("<I", head, 0x230, self.alignment)
        head[0x234] = self.relocatable
        struct.pack_into("<H", head, 0x236, self.xloadflags)
        struct.pack_into("<I", head, 0x260, self.init_size)
        return bytes(head) + b"\x90" * self.protected_bytes


def checked(words: Iterable[int]) -> bytes:
    """Words, and the one that makes their sum 0."""
    words = list(words)
    return struct.pack(f"<{len(words) + 1}I", *words, -sum(words) & 0xFFFFFFFF)


def header_1(flags: int = 0, addresses: tuple[int, ...] = ()) -> bytes:
    """Multiboot 0.6.96 §3.1. addresses: of header, load, load end, bss end, entry."""
    given = flags | (0x10000 if addresses else 0)
    return checked((MAGIC_1, given)) + struct.pack(f"<{len(addresses)}I", *addresses)


def tag(kind: int, data: bytes = b"", optional: bool = False) -> bytes:
    """Multiboot 2.0 §3.1.3."""
    packed = struct.pack("<HHI", kind, int(optional), 8 + len(data)) + data
    return packed + bytes(-len(packed) % 8)


def header_2(*tags: bytes, architecture: int = 0) -> bytes:
    """Multiboot 2.0 §3.1, with the tag that ends it."""
    body = b"".join((*tags, tag(0)))
    return checked((MAGIC_2, architecture, 16 + len(body))) + body


def words(*numbers: int) -> bytes:
    return struct.pack(f"<{len(numbers)}I", *numbers)


@dataclass(frozen=True)
class Elf:
    """An ELF file of 32 bits (ELF 1.2): segments are (address, bytes in memory, bytes of the file)."""

    segments: tuple[tuple[int, int, int], ...]
    entry: int
    header: bytes = b""
    """a multiboot header, behind the program headers"""
    machine: int = 3

    def pack(self) -> bytes:
        count = len(self.segments)
        at = -(-(ELF_BYTES + count * PROGRAM_BYTES) // 8) * 8
        data = at + len(self.header)
        head = struct.pack(
            "<16s2H5I6H",
            *(b"\x7fELF\x01\x01\x01", 2, self.machine, 1, self.entry, ELF_BYTES, 0, 0),
            *(ELF_BYTES, PROGRAM_BYTES, count, 0, 0, 0),
        )
        programs, body = b"", b""
        for address, memory, size in self.segments:
            programs += struct.pack("<8I", 1, data + len(body), address, address, size, memory, 7, 0x1000)
            body += b"\x90" * size
        return (head + programs).ljust(at, b"\0") + self.header + body


SEEDS = (
    BzImage().pack(),
    Elf(((0x100000, 0x100, 0x80),), 0x100000, header_1(3)).pack(),
    header_1(3, (0x100000, 0x100000, 0, 0x101000, 0x100030)) + bytes(64),
    Elf(((0x100000, 0x100, 0x80),), 0x100000, header_2(tag(1, words(1, 6, 15)), tag(6))).pack(),
    header_2(tag(2, words(0x100000, 0x100000, 0, 0)), tag(3, words(0x100040))) + bytes(64),
)
"""One of each form, for whoever wants to damage them."""
