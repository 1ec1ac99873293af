"""Writes the archive that Linux unpacks as its first file system: cpio, form "newc".

The same content gives the same bytes, whoever writes it, where and when: sorted, owned by root, no times. It
is not compressed: unpacking would cost a start more instructions than it saves.
Source of the form: Linux, Documentation/driver-api/early-userspace/buffer-format.rst.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Self

_KIND, _FILE, _DIRECTORY, _LINK = 0o170000, 0o100000, 0o040000, 0o120000
_ALIGN = 4
_END = "TRAILER!!!"


@dataclass(frozen=True)
class Entry:
    """What lies at a path."""

    mode: int
    data: bytes = b""

    @property
    def is_file(self) -> bool:
        return self.mode & _KIND == _FILE

    @classmethod
    def file(cls, data: bytes, permissions: int = 0o755) -> Self:
        return cls(_FILE | permissions, data)

    @classmethod
    def directory(cls) -> Self:
        return cls(_DIRECTORY | 0o755)

    @classmethod
    def link(cls, target: str) -> Self:
        return cls(_LINK | 0o777, target.encode())


def archive(entries: Mapping[str, Entry]) -> bytes:
    """An archive of these; the directories that they lie in need not be named."""
    parents = {str(parent) for path in entries for parent in PurePosixPath(path).parents} - {"."}
    whole = {path: Entry.directory() for path in parents} | dict(entries)
    records = [_record(path, whole[path], number) for number, path in enumerate(sorted(whole), start=1)]
    return b"".join([*records, _record(_END, Entry(0), 0)])


def _record(path: str, entry: Entry, number: int) -> bytes:
    """Header, name and data of one entry, each filled up to a multiple of four bytes."""
    name = path.encode() + b"\0"
    links = 2 if entry.mode & _KIND == _DIRECTORY else 1
    owner, time, device, checksum = (0, 0), 0, (0, 0, 0, 0), 0
    fields = (number, entry.mode, *owner, links, time, len(entry.data), *device, len(name), checksum)
    header = b"070701" + b"".join(b"%08X" % field for field in fields)
    return _filled(header + name) + _filled(entry.data)


def _filled(data: bytes) -> bytes:
    return data + bytes(-len(data) % _ALIGN)
