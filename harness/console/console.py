"""One serial line of a machine: its log, its lines, and the crashes that show in them."""

import re
from collections import deque
from collections.abc import Sequence
from pathlib import Path

from harness.console.crash import CRASH_RULES, CrashRule, find_crash
from harness.console.listener import GRACE_SECONDS, Listener
from harness.console.reader import LineReader
from harness.console.stream import Stream
from harness.deadline import Deadline
from harness.errors import MachineCrash, MrmError, Silence


class Console:
    """A line to and from a machine. Lines are taken in the order in which they came, each once.

    Args:
      name: the board's name of the line, such as "com1".
      stream: where the bytes come from.
      listener: listens to it, and to all other lines of the machine.
      log: file to which every byte is appended as it comes.
      rules: how to tell that the one who speaks here has died.
      speaks_for_all: a crash here is the end of the machine: this is the controller's own console.
    """

    def __init__(
        self,
        name: str,
        stream: Stream,
        listener: Listener,
        log: Path,
        rules: Sequence[CrashRule] = CRASH_RULES,
        speaks_for_all: bool = False,
    ) -> None:
        self.name = name
        self.log = log
        self.settle_at: float | None = None
        self.listener = listener
        self._stream = stream
        self._rules = rules
        self._speaks_for_all = speaks_for_all
        self._file = log.open("ab", buffering=0)
        self._reader = LineReader()
        self._lines: deque[str] = deque()
        self._last_line = ""
        listener.attach(self)

    def fileno(self) -> int:
        return self._stream.fileno()

    # What the users of a console call.

    def readline(self, deadline: Deadline) -> str:
        """Return the next line without its end. Bytes that are no UTF-8 come as backslash escapes.

        Raises:
          Silence: no line came in time.
          MachineCrash: the line says that the one who speaks here has died, or the machine as a whole has.
          ImageError: the controller refused its configuration.
          InfraError: the machine is gone.
        """
        while not self._lines:
            self.listener.check()
            if deadline.expired:
                raise self.silence(deadline, "a line")
            self.listener.turn(deadline.remaining())
        line = self._lines.popleft()
        crash = find_crash(line, self._rules)
        if crash:
            raise self._crashed(crash, line)
        return line

    def expect(self, pattern: str | re.Pattern[str], deadline: Deadline) -> re.Match[str]:
        """Take lines until one contains the pattern, and return the match. Raises what `readline` raises."""
        while True:
            try:
                line = self.readline(deadline)
            except Silence as error:
                wanted = pattern if isinstance(pattern, str) else pattern.pattern
                raise self.silence(deadline, f"a line with {wanted!r}") from error
            match = re.search(pattern, line)
            if match:
                return match

    def write(self, data: bytes) -> None:
        """Send bytes.

        Raises:
          MachineCrash: the other side has not read for so long that the line is full.
        """
        sent = self._stream.write(data)
        if sent < len(data):
            raise MachineCrash(
                f"{self.name} takes no more bytes",
                why="whoever should read there has not done so for a long time",
                todo=f"look at {self.log}",
            )

    def silence(self, deadline: Deadline, wanted: str) -> Silence:
        """Return the error for something that did not come in time on this line."""
        last = f"the last line was {self._last_line!r}" if self._last_line else "not one line ever came"
        error = Silence(
            f"silence: {wanted} did not come on {self.name} within {deadline.seconds:g} s",
            why=f"on {self.name} {last}",
            todo=f"look at {self.log}",
        )
        error.last_step = self.listener.last_step
        return error

    def read_raw(self) -> bytes:
        """Return what has come, line or not, without waiting: for a person who looks at the line as it is."""
        return self._pull()

    # What the listener calls.

    def ready(self) -> None:
        """Take what has come: into the log, and into lines."""
        self._take(self._reader.feed(self._pull()))
        unfinished = self._text(self._reader.rest)
        if not find_crash(unfinished, self._rules):
            self.settle_at = None
        elif self.settle_at is None:
            self.settle_at = self.listener.clock.monotonic() + GRACE_SECONDS

    def settle(self) -> None:
        """Take an unfinished line for finished: it looks like a crash, and its end does not come."""
        self.settle_at = None
        self._take(self._reader.feed(b"\n"))

    def drain(self) -> None:
        """Take what is still to be had from a machine that has ended, for the log."""
        while self._pull():
            pass

    def close(self) -> None:
        self.listener.detach(self)
        self._stream.close()
        self._file.close()

    def _pull(self) -> bytes:
        chunk = self._stream.read()
        if chunk == b"":
            self.listener.detach(self)
            self.listener.died(self.listener.obituary(self.name))
        elif chunk:
            self._file.write(chunk)
        return chunk or b""

    def _take(self, lines: list[bytes]) -> None:
        for line in map(self._text, lines):
            self._lines.append(line)
            if line:
                self._last_line = line[:200]
                self.listener.reached(f"{self.name} said {self._last_line!r}")
            crash = find_crash(line, self._rules) if self._speaks_for_all else None
            if crash:
                self.listener.died(self._crashed(crash, line))

    def _crashed(self, rule: CrashRule, line: str) -> MrmError:
        error = rule.error(f"{rule.name} on {self.name}: {line.strip()}", todo=f"look at {self.log}")
        error.last_step = self.listener.last_step
        return error

    @staticmethod
    def _text(line: bytes) -> str:
        return line.decode("utf-8", errors="backslashreplace")
