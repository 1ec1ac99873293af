"""The telling part of a log: its end, and the line that gave the death away if that is further up."""

from dataclasses import dataclass
from pathlib import Path

from harness.console.crash import find_crash
from reports.visible import visible

TAIL_BYTES = 64 << 10
"""How much of a log is looked at."""
TAIL_LINES = 30
AROUND_LINES = 8
"""Lines shown on each side of a hit that lies above the tail."""
LINE_CHARACTERS = 240
WORTH_MATCHING = 8
"""A line of fewer characters is in a reason by chance."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a log, fit to be shown."""

    text: str
    hit: bool = False
    """it is quoted by the reason, or is what a crash looks like"""
    gap: bool = False
    """it stands for lines that are left out, and says how many"""


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Some lines of a log."""

    name: str
    """the file, relative to the folder of the test's logs"""
    size: int
    """bytes of the whole file"""
    lines: tuple[Line, ...]


def excerpt(path: Path, name: str, reason: str) -> Excerpt:
    """Reads the telling part of a log.

    Args:
      path: the log; it may hold any bytes.
      name: what to call it.
      reason: why the test came to its verdict; a line that it quotes is a hit.
    """
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - TAIL_BYTES))
        tail = file.read()
    texts = tail.decode("utf-8", errors="backslashreplace").split("\n")
    if not texts[-1]:
        texts.pop()
    lines = [_line(text, reason) for text in texts]
    head = [_gap(f"{size - TAIL_BYTES} bytes")] if size > TAIL_BYTES else []
    return Excerpt(name, size, tuple(head + _telling(lines)))


def _line(text: str, reason: str) -> Line:
    text = text.rstrip("\r")
    core = text.strip()
    hit = find_crash(text) is not None or (len(core) >= WORTH_MATCHING and core in reason)
    shown = visible(text[: LINE_CHARACTERS + 1])
    return Line(shown[:LINE_CHARACTERS] + "…" if len(shown) > LINE_CHARACTERS else shown, hit)


def _telling(lines: list[Line]) -> list[Line]:
    """The tail, and before it the surroundings of the first hit if the tail does not show it."""
    start = max(0, len(lines) - TAIL_LINES)
    first = next((number for number, line in enumerate(lines[:start]) if line.hit), None)
    if first is None:
        return ([_gap(_count(start))] if start else []) + lines[start:]
    begin, end = max(0, first - AROUND_LINES), min(start, first + AROUND_LINES + 1)
    before = [_gap(_count(begin))] if begin else []
    between = [_gap(_count(start - end))] if end < start else []
    return before + lines[begin:end] + between + lines[start:]


def _count(lines: int) -> str:
    return "1 line" if lines == 1 else f"{lines} lines"


def _gap(what: str) -> Line:
    return Line(f"… {what} left out …", gap=True)
