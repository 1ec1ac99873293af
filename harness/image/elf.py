"""Where an ELF file of 32 bits, as multiboot loaders take it, wants to be (ELF 1.2, figures 1-3, 2-1)."""

import struct
from pathlib import Path

from harness.errors import ImageError
from harness.image.fields import Range

_IDENT = b"\x7fELF\x01\x01"  # 32 bits, little-endian
_HEADER = struct.Struct("<16s2H5I6H")
_SEGMENT = struct.Struct("<8I")
_LOAD = 1  # PT_LOAD


def segments(path: Path) -> list[Range]:
    """The physical addresses of its loadable segments, ascending.

    Raises:
      ImageError: this is no such file.
    """
    data = path.read_bytes()
    if len(data) < _HEADER.size or not data.startswith(_IDENT):
        raise ImageError(
            f"{path} is no ELF file of 32 bits",
            why="multiboot loaders refuse every other form",
            todo="link it for 64 bits if need be, and convert it with objcopy -O elf32-i386",
        )
    header = _HEADER.unpack_from(data)
    table, entry_size, entries = header[5], header[9], header[10]
    found = []
    for index in range(entries):
        kind, _, _, address, _, size, *_ = _SEGMENT.unpack_from(data, table + index * entry_size)
        if kind == _LOAD and size:
            found.append(Range(base=address, size=size))
    return sorted(found, key=lambda item: item.base)
