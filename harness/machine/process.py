"""A process that is owned: we know how it ended and what it said last, and it never outlives us."""

import os
import shlex
import signal
import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path

from harness.deadline import Deadline
from harness.errors import HarnessError, InfraError

TAIL_BYTES = 2000
IF_PARENT_LIVES = 'test "$PPID" = "$0" && exec "$@"'


def bound_to(parent: int, command: Sequence[str]) -> list[str]:
    """Return a command that runs `command` if its parent is that process, and is killed when that ends.

    The parent may die before setpriv has asked the kernel for the signal: then nobody would be told, so the
    parent is looked at once more behind it.
    """
    return ["setpriv", "--pdeathsig", "KILL", "--", "sh", "-c", IF_PARENT_LIVES, str(parent), *command]


class OwnedProcess:
    """A child that the kernel kills when we die, however we die.

    It has a session of its own, so that Ctrl-C reaches us alone and we end it in our own order.

    Args:
      log: gets the command, and then all that the process prints.
      fds: what it inherits.
    """

    def __init__(self, command: Sequence[str], directory: Path, log: Path, fds: Sequence[int]) -> None:
        if threading.current_thread() is not threading.main_thread():
            raise HarnessError(
                f"{command[0]} must be started by the main thread",
                why="the kernel ends it when the thread that started it ends, not when the process does",
            )
        self.log = log
        self.name = command[0]
        with log.open("ab") as output:
            output.write(f"$ {shlex.join(command)}\n".encode())
            self._words_begin = output.tell()
            output.flush()
            self._child = self._start(command, directory, output.fileno(), fds)

    def ended(self, wait: float = 0.0) -> str:
        """Return how it ended, such as "killed by signal 9", or "" if it lives after `wait` seconds."""
        try:
            status = self._child.wait(wait)
        except subprocess.TimeoutExpired:
            return ""
        return f"killed by signal {-status}" if status < 0 else f"exit status {status}"

    def last_words(self) -> str:
        """Return the end of what it printed."""
        with self.log.open("rb") as log:
            start = log.seek(max(self._words_begin, log.seek(0, os.SEEK_END) - TAIL_BYTES))
            if start > self._words_begin:
                log.readline()  # the rest of a line that is cut
            return log.read().decode(errors="backslashreplace").strip()

    def kill(self, deadline: Deadline) -> None:
        """End it now.

        Raises:
          InfraError: it does not end.
        """
        self._child.send_signal(signal.SIGKILL)
        if not self.ended(deadline.remaining()):
            raise InfraError(
                f"{self.name} (process {self.pid}) does not end within {deadline.seconds:g} s of SIGKILL",
                why="it still holds memory and a processor of the host",
            )

    @property
    def pid(self) -> int:
        return self._child.pid

    @staticmethod
    def _start(
        command: Sequence[str], directory: Path, output: int, fds: Sequence[int]
    ) -> subprocess.Popen[bytes]:
        try:
            return subprocess.Popen(
                bound_to(os.getpid(), command),
                cwd=directory,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                pass_fds=fds,
            )
        except OSError as error:
            raise InfraError(
                f"setpriv does not start: {error}",
                why="with it the kernel ends the emulator when we die",
                todo="install the package util-linux",
            ) from error
