"""The process that asks: pytest, owned by us, ended by us, with all that it started."""

import ctypes
import os
import select
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path

from harness.deadline import Deadline, SystemClock
from harness.errors import InfraError

ORDERLY_SECONDS = 20.0
"""After an interrupt pytest closes its machines; no longer than this."""
REAP_SECONDS = 10.0
_PR_SET_CHILD_SUBREAPER = 36  # prctl(2): processes whose parent died become our children, not init's


class Asker:
    """Runs a command to its end.

    It has a session of its own, so that Ctrl-C reaches us alone and we end it in our own order. Should we be
    killed, the kernel kills it; should it be killed, `end` finds and kills what it left behind.

    Args:
      command: what to run.
      directory: where to run it.
      log: gets all that it prints.
    """

    def __init__(self, command: Sequence[str], directory: Path, log: Path) -> None:
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        self._strangers = _children()
        with log.open("ab") as output:
            self._child = subprocess.Popen(
                ["setpriv", "--pdeathsig", "KILL", "--", *command],
                cwd=directory,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._ended = os.pidfd_open(self._child.pid)

    def wait(self, seconds: float) -> int | None:
        """Waits until it ends, so many seconds at most; its exit status, negative for a signal, or None."""
        select.select([self._ended], [], [], seconds)
        return self._child.poll()

    def interrupt(self) -> None:
        """Asks it to end in good order; what is not over after a while is killed by `end`."""
        self._child.send_signal(signal.SIGINT)

    def end(self) -> int:
        """Ends it and all that is left of what it started; its exit status, negative for a signal.

        Raises:
          InfraError: something does not end.
        """
        self._child.kill()
        status = self._child.wait()
        os.close(self._ended)
        deadline = Deadline(SystemClock(), REAP_SECONDS)
        while left := _children() - self._strangers:
            for pid in left:
                os.kill(pid, signal.SIGKILL)
            for pid in left:
                _reap(pid, deadline)
        return status


def _children() -> set[int]:
    """Our children, the adopted ones too."""
    pid = os.getpid()
    return {int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}


def _reap(pid: int, deadline: Deadline) -> None:
    """Takes the exit status of a child that was killed, so that no trace of it is left."""
    ended = os.pidfd_open(pid)
    try:
        if not select.select([ended], [], [], deadline.remaining())[0]:
            raise InfraError(
                f"process {pid}, left behind by the run, does not end within {REAP_SECONDS:g} s of SIGKILL",
                why="it still holds memory and a processor of the host",
                todo="look at it with ps; it may hang in a driver",
            )
        os.waitpid(pid, 0)
    finally:
        os.close(ended)
