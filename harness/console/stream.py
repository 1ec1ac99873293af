"""A byte stream to and from a machine. One small class a kind; consoles know no more than the Protocol."""

import socket
from typing import Protocol


class Stream(Protocol):
    """A byte stream that can be waited for with `select` and never blocks."""

    def fileno(self) -> int: ...

    def read(self) -> bytes | None:
        """Return what has come, b"" if nothing ever will again, None if nothing is there now."""

    def write(self, data: bytes) -> int:
        """Send as much as the other side takes now, and return how many bytes that was."""

    def close(self) -> None: ...


class SocketStream:
    """A connected stream socket, such as one end of a pair whose other end QEMU holds as a serial port."""

    CHUNK_BYTES = 65536

    def __init__(self, sock: socket.socket) -> None:
        sock.setblocking(False)
        self._sock = sock

    def fileno(self) -> int:
        return self._sock.fileno()

    def read(self) -> bytes | None:
        try:
            return self._sock.recv(self.CHUNK_BYTES)
        except BlockingIOError:
            return None
        except ConnectionError:  # the other side was killed with bytes of ours unread
            return b""

    def write(self, data: bytes) -> int:
        try:
            return self._sock.send(data)
        except BlockingIOError:
            return 0
        except ConnectionError:  # said by the next read, together with what the other side had still to say
            return len(data)

    def close(self) -> None:
        self._sock.close()
