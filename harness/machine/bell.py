"""Wakes a listener from another thread."""

import contextlib
import socket
from collections.abc import Callable


class Bell:
    """A source of a `harness.console.Listener` that is ready once it was rung.

    Args:
      answer: called by the listener, in its thread.
    """

    settle_at = None

    def __init__(self, answer: Callable[[], None]) -> None:
        self._answer = answer
        self._inside, self._outside = socket.socketpair()
        self._inside.setblocking(False)
        self._outside.setblocking(False)

    def ring(self) -> None:
        with contextlib.suppress(BlockingIOError):  # it rings already
            self._outside.send(b"!")

    def fileno(self) -> int:
        return self._inside.fileno()

    def ready(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self._inside.recv(4096)
        self._answer()

    def settle(self) -> None:
        """Nothing is ever unfinished here."""

    def close(self) -> None:
        self._inside.close()
        self._outside.close()
