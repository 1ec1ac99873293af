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
    """the file, relative to the results directory"""
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
    before = f"{size - TAIL_BYTES:,} bytes" if size > TAIL_BYTES else ""
    return Excerpt(name, size, tuple(_telling(lines, before)))


def _line(text: str, reason: str) -> Line:
    text = text.rstrip("\r")
    core = text.strip()
    hit = find_crash(text) is not None or (len(core) >= WORTH_MATCHING and core in reason)
    shown = visible(text[: LINE_CHARACTERS + 1])
    return Line(shown[:LINE_CHARACTERS] + "…" if len(shown) > LINE_CHARACTERS else shown, hit)


def _telling(lines: list[Line], before: str) -> list[Line]:
    """The tail, and above it the surroundings of the first hit if the tail does not show it."""
    start = max(0, len(lines) - TAIL_LINES)
    first = next((number for number, line in enumerate(lines[:start]) if line.hit), None)
    if first is None:
        return [*_gap(before, start), *lines[start:]]
    begin, end = max(0, first - AROUND_LINES), min(start, first + AROUND_LINES + 1)
    return [*_gap(before, begin), *lines[begin:end], *_gap("", start - end), *lines[start:]]


def _gap(before: str, count: int) -> list[Line]:
    """The line for what is left out: bytes that were not looked at, and lines that were."""
    lines = f"{count} line{'s' if count > 1 else ''}" if count else ""
    what = " and ".join(part for part in (before, lines) if part)
    return [Line(f"… {what} left out …", gap=True)] if what else []
