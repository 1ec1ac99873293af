"""The disks of a machine: fresh for each, sparse, and gone with it.

A disk is a file in memory without a name. So nothing is left behind, whoever is killed in whatever order, and
no two machines can meet in one. What it holds at the start is copied in: the original is never opened for
writing, and what the machine sees is plain bytes, with no overlay format in between. Copying what a boot
disk holds takes some milliseconds.
"""

import os
from pathlib import Path

COPY_BYTES = 1 << 20


def open_disk(name: str, size: int, contents: Path | None) -> int:
    """Return a descriptor of a new disk.

    Args:
      size: in bytes.
      contents: what it holds from its first byte on; the rest, or all of it, is zero.
    """
    disk = os.memfd_create(name)
    os.truncate(disk, size)
    if contents is not None:
        with contents.open("rb") as source:
            _copy(source.fileno(), disk)
    return disk


def _copy(source: int, disk: int) -> None:
    """Copies a file to the same place in another, but for what is zero: there the disk stays sparse."""
    offset, zeros = 0, bytes(COPY_BYTES)
    while piece := os.pread(source, COPY_BYTES, offset):
        if piece != zeros[: len(piece)]:
            os.pwrite(disk, piece, offset)
        offset += len(piece)
