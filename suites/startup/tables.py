"""ACPI tables as an operating system finds them in memory, from the root pointer on (ACPI 6.5 §5.2)."""

import struct
from collections.abc import Iterator

from harness.probe import Probe

SEARCHED = range(0xE0000, 0x100000)
"""Where firmware of a PC leaves the root pointer, at a multiple of 16 (§5.2.5.1)."""
PEEK_BYTES = 256
"""What one answer of the probe holds."""
SIGNATURE = b"RSD PTR "
FIRST_BYTES, ROOT_BYTES = 20, 36
"""What the checksums of a root pointer cover: the older part, and all of it (table 5.3)."""
HEADER_BYTES = 36
DSDT, X_DSDT = 40, 140
"""Where a FADT says where the DSDT is, in 4 and in 8 bytes (table 5.9)."""
MADT_HEADER_BYTES = 44
MADT_PROCESSOR = 0
"""Type of a MADT entry that is a processor's local APIC; its flag bit 0 is Enabled (§5.2.12.2)."""


def root(probe: Probe) -> bytes | None:
    """Returns the root pointer that a search finds; None if there is none."""
    for address in SEARCHED[::PEEK_BYTES]:
        page = read(probe, address, PEEK_BYTES)
        at = next((at for at in range(0, PEEK_BYTES, 16) if page.startswith(SIGNATURE, at)), None)
        if at is not None:
            return read(probe, address + at, ROOT_BYTES)
    return None


def tables(probe: Probe, root: bytes) -> Iterator[bytes]:
    """Yields the tables that a root pointer leads to, beginning with the one of all the others."""
    first, width = (struct.unpack_from("<Q", root, 24)[0], 8) if root[15] else (_number(root, 16, 4), 4)
    index = _table(probe, first)
    yield index
    for at in range(HEADER_BYTES, len(index), width):
        table = _table(probe, _number(index, at, width))
        yield table
        if table.startswith(b"FACP"):
            wide = len(table) >= X_DSDT + 8 and _number(table, X_DSDT, 8)
            yield _table(probe, wide or _number(table, DSDT, 4))


def processors(madt: bytes) -> Iterator[int]:
    """Yields the APIC ids of the processors that a MADT says are there."""
    at = MADT_HEADER_BYTES
    while at < len(madt):
        kind, length = madt[at], madt[at + 1]
        if kind == MADT_PROCESSOR and madt[at + 4] & 1:
            yield madt[at + 3]
        at += length


def read(probe: Probe, address: int, size: int) -> bytes:
    """Returns bytes of memory that the probe has to be able to read."""
    pieces = [
        probe.peek(at, min(PEEK_BYTES, address + size - at))
        for at in range(address, address + size, PEEK_BYTES)
    ]
    assert all(isinstance(piece, bytes) for piece in pieces), f"no memory at {address:#x}: {pieces}"
    return b"".join(piece for piece in pieces if isinstance(piece, bytes))


def _table(probe: Probe, address: int) -> bytes:
    return read(probe, address, _number(read(probe, address, HEADER_BYTES), 4, 4))


def _number(table: bytes, at: int, width: int) -> int:
    return int.from_bytes(table[at : at + width], "little")
