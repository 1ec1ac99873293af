"""A byte stream to and from a machine. One small class a kind; consoles know no more than the Protocol."""

import contextlib
import fcntl
import os
from pathlib import Path
from typing import Protocol


class Stream(Protocol):
    """A byte stream that can be waited for with `select` and never blocks."""

    def fileno(self) -> int: ...

    def read(self) -> bytes | None:
        """Return what has come, b"" if nothing ever will again, None if nothing is there now."""

    def write(self, data: bytes) -> int:
        """Send as much as the other side takes now, and return how many bytes that was."""

    def close(self) -> None: ...


class PipeStream:
    """A pair of named pipes as QEMU's `-chardev pipe` opens them: PATH.out to read from, PATH.in to write to.

    They are made here, and have ended when the process that opened them has.
    """

    CHUNK_BYTES = 65536
    CAPACITY_BYTES = 1 << 20
    """how much can be said while nobody listens; without privileges the kernel may leave it at 64 KiB"""

    def __init__(self, path: Path) -> None:
        incoming, outgoing = path.with_suffix(".out"), path.with_suffix(".in")
        os.mkfifo(incoming)
        os.mkfifo(outgoing)
        self._incoming = os.open(incoming, os.O_RDONLY | os.O_NONBLOCK)
        # Also for reading, as otherwise it could not be opened before the other side has been.
        self._outgoing = os.open(outgoing, os.O_RDWR | os.O_NONBLOCK)
        with contextlib.suppress(PermissionError):
            fcntl.fcntl(self._incoming, fcntl.F_SETPIPE_SZ, self.CAPACITY_BYTES)

    def fileno(self) -> int:
        return self._incoming

    def read(self) -> bytes | None:
        try:
            return os.read(self._incoming, self.CHUNK_BYTES)
        except BlockingIOError:
            return None

    def write(self, data: bytes) -> int:
        try:
            return os.write(self._outgoing, data)
        except BlockingIOError:
            return 0

    def close(self) -> None:
        os.close(self._incoming)
        os.close(self._outgoing)
