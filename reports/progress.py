"""Live progress, from the evidence as it grows: a line for each module that is through, failures at once.

On a terminal a line below counts; in a log it is written from time to time, so that silence means trouble.
"""

import shutil
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TextIO

from harness.deadline import Clock
from harness.records import Begin, End, Planned, Record, parse
from harness.verdict import Verdict
from reports.visible import first_line, visible

LOG_SECONDS = 10.0
"""In a log, silence lasts no longer than this."""
REASON_CHARACTERS = 300


class Follower:
    """Reads the records that were appended to a results directory since it last looked."""

    def __init__(self, directory: Path) -> None:
        self._folder = directory / "evidence"
        self._read: dict[Path, int] = defaultdict(int)

    def news(self) -> Iterator[Record]:
        """The new records. A line that is not whole yet waits for next time, a damaged one for the judge."""
        for path in sorted(self._folder.glob("attempts-*.jsonl")):
            with path.open("rb") as file:
                file.seek(self._read[path])
                whole, newline, _ = file.read().rpartition(b"\n")
            self._read[path] += len(whole) + len(newline)
            for line in whole.splitlines():
                try:
                    yield parse(line)
                except ValueError:
                    continue


class Progress:
    """Shows how far a run is.

    Args:
      out: where to show it.
      terminal: whether that is a terminal, where a line can be written over.
      clock: tells how long it has taken.
    """

    def __init__(self, out: TextIO, terminal: bool, clock: Clock) -> None:
        self._out = out
        self._terminal = terminal
        self._clock = clock
        self._began = self._shown = clock.monotonic()
        self._counts: Counter[Verdict] = Counter()
        self._open: dict[str, set[str]] = defaultdict(set)
        self._modules: dict[str, Counter[Verdict]] = defaultdict(Counter)
        self._planned: set[str] = set()
        self._current = ""

    def take(self, records: Iterable[Record]) -> bool:
        """Shows what is new; whether anything was."""
        any_new = False
        for record in records:
            any_new = True
            match record:
                case Planned():
                    self._plan(record)
                case Begin():
                    self._current = record.test
                case End():
                    self._end(record)
        self._count()
        return any_new

    def close(self) -> None:
        """Leaves the terminal clean."""
        if self._terminal:
            self._out.write("\r\x1b[K")
            self._out.flush()

    def _plan(self, record: Planned) -> None:
        for test in set(record.tests) - self._planned:
            self._open[_module(test)].add(test)
        self._planned.update(record.tests)

    def _end(self, end: End) -> None:
        module = _module(end.test)
        self._counts[end.verdict] += 1
        self._modules[module][end.verdict] += 1
        self._open[module].discard(end.test)
        if end.verdict.rank > Verdict.SKIP.rank:
            blame = f" ({end.blame.value})" if end.blame else ""
            self._line(f"{end.verdict.value}{blame} {visible(end.test)}")
            self._line(f"      {first_line(end.reason, REASON_CHARACTERS)}")
        if not self._open[module]:
            self._line(f"{self._position()}  {visible(module)}: {_summary(self._modules[module])}")

    def _position(self) -> str:
        minutes, seconds = divmod(int(self._clock.monotonic() - self._began), 60)
        done = self._counts.total()
        return f"{minutes:2}:{seconds:02}  {done:4}/{max(done, len(self._planned))}"

    def _line(self, text: str) -> None:
        self._out.write(f"\r\x1b[K{text}\n" if self._terminal else f"{text}\n")
        self._out.flush()
        self._shown = self._clock.monotonic()

    def _count(self) -> None:
        """The line that counts."""
        text = f"{self._position()}  {_summary(self._counts) or 'collecting'}  {visible(self._current)}"
        if self._terminal:
            self._out.write(f"\r\x1b[K{text[: shutil.get_terminal_size().columns - 1]}")
            self._out.flush()
        elif self._clock.monotonic() - self._shown >= LOG_SECONDS:
            self._line(text)


def _module(test: str) -> str:
    return test.partition("::")[0]


def _summary(counts: Counter[Verdict]) -> str:
    return ", ".join(f"{counts[verdict]} {verdict.value}" for verdict in Verdict if counts[verdict])
