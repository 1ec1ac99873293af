"""What two runs differ in, of all that has to be the same in deterministic ones (docs/determinism.md).

Durations, dates and process ids are left out: they are the host's. So are the files that name them, and the
logs of bare twins: one that is being switched off says some bytes more or less before QEMU stops it. What the
twins answered is in the verdicts.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

from harness.errors import UsageError
from harness.results import Measurement, Results, TestResult

SAME_FILES = ("probe-*.txt", "console-*.log")
"""Below `logs/`: what was said on the probes' lines, and every byte that came out of a serial port."""
BARE = "bare"
"""The folder below `logs/` of the bare twins."""


@dataclass(frozen=True)
class Difference:
    """One thing that is not the same. A side is empty where it has no such thing."""

    where: str
    """the test, measurement or file"""
    first: str
    second: str


@dataclass(frozen=True)
class Comparison:
    """What was compared, and what was found."""

    compared: dict[str, int]
    """how many of each kind"""
    differences: tuple[Difference, ...]


def compare(first: Path, second: Path) -> Comparison:
    """Compares two results directories.

    Raises:
      UsageError: one of them holds no results.
    """
    ours, theirs = _said(first), _said(second)
    differences = [difference for kind in ours for difference in _differences(ours[kind], theirs[kind])]
    compared = {kind: len(ours[kind].keys() | theirs[kind].keys()) for kind in ours}
    return Comparison(compared, tuple(differences))


def _said(directory: Path) -> dict[str, dict[str, str]]:
    """What a run said, by kind and name."""
    results = _results(directory)
    return {
        "verdicts": {test.test: _verdict(test) for test in results.tests},
        "measurements": {_measured(one): f"{one.value} {one.unit}" for one in results.measurements},
        "transcripts and consoles": _files(directory),
    }


def _results(directory: Path) -> Results:
    try:
        return Results.model_validate_json((directory / "results.json").read_bytes())
    except (OSError, ValueError) as error:
        raise UsageError(
            f"{directory} holds no results that can be read: {error}",
            why="two finished runs are compared by their results.json and logs",
            todo=f"name a directory that `mrm certify --out` wrote, or try `mrm report {directory}`",
        ) from None


def _verdict(test: TestResult) -> str:
    blame = test.blame.value if test.blame else None
    said = (test.verdict.value, blame, test.reason, test.condition, test.last_step)
    return " | ".join(word for word in said if word)


def _measured(one: Measurement) -> str:
    return f"{one.test} {one.name}" + (f" ({one.partition})" if one.partition else "")


def _files(directory: Path) -> dict[str, str]:
    tests = (path for path in directory.glob("logs/*") if path.name != BARE)
    found = (path for test in tests for pattern in SAME_FILES for path in test.rglob(pattern))
    return {
        path.relative_to(directory).as_posix(): path.read_bytes().decode("ascii", "backslashreplace")
        for path in found
    }


def _differences(first: Mapping[str, str], second: Mapping[str, str]) -> Iterator[Difference]:
    for name in sorted(first.keys() | second.keys()):
        if first.get(name) != second.get(name):
            yield Difference(name, *_where_they_part(first.get(name), second.get(name)))


def _where_they_part(first: str | None, second: str | None) -> tuple[str, str]:
    """The first line that is not the same, of each; empty where there is none."""
    lines = zip_longest((first or "").splitlines(), (second or "").splitlines(), fillvalue="")
    return next((pair for pair in lines if pair[0] != pair[1]), (first or "", second or ""))
