"""The report to read: one self-contained page that a failing run can be understood from, alone.

No script, nothing fetched from anywhere, and a policy in the page that forbids both. What is shown is cut:
see `reports.excerpt` for how much of a log, `MAX_EXCERPTED` for how many failures come with logs at all.
"""

import fnmatch
import re
import shlex
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, pairwise
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pydantic import JsonValue

from harness.attempts import PYTEST_LOG
from harness.results import AreaResult, Measurement, RequirementResult, Results, TestResult
from harness.verdict import Verdict
from reports.excerpt import Excerpt, excerpt
from reports.sidebyside import BARE, side_by_side
from reports.visible import visible

MAX_EXCERPTED = 60
"""Failures shown with the ends of their logs; the ones beyond name their logs only."""
_SHOWN = ("console-*.log", "probe-*.txt", "*.txt", "*.log")
"""Logs that are shown, in this order: consoles, transcripts, traces, and what the emulator said."""
_NAMED = re.compile(r"logs/[\w./-]*[\w]")
"""A log that a reason names, such as one of the bare machine."""

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True, slots=True)
class Failure:
    """Tests that ended alike: one with logs of its own, or all without that have the same reason."""

    verdict: Verdict
    tests: tuple[TestResult, ...]
    requirements: tuple[RequirementResult, ...]
    excerpts: tuple[Excerpt, ...]
    again: str
    """command that asks the first of them again"""

    @property
    def first(self) -> TestResult:
        """The one that is told in full."""
        return self.tests[0]


@dataclass(frozen=True, slots=True)
class CostTable:
    """What was measured of one image: a row a quantity, a column a partition, the bare machine last."""

    image: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, str, tuple[str, ...]], ...]
    """name, unit, one cell a column"""


def render_html(results: Results, directory: Path) -> str:
    """Returns the content of `report.html`.

    Args:
      results: what to tell.
      directory: where the logs are that the results name.
    """
    return _TEMPLATES.get_template("report.html").render(
        results=results,
        Verdict=Verdict,
        pytest_log=_pytest_log(results, directory),
        failures=list(_failures(results, directory)),
        skips=_skips(results.tests),
        rows_of=_rows_by_area(results),
        verdict_of={test.test: test.verdict for test in results.tests},
        costs=list(_costs(results.measurements)),
        beside=side_by_side(results.measurements),
        boards=sorted({test.board for test in results.tests if test.board}),
        images=sorted({test.image for test in results.tests if test.image}),
        provenance=[(name, list(_flat(value))) for name, value in results.provenance.items()],
        command=shlex.join(results.run.command),
        max_excerpted=MAX_EXCERPTED,
        visible=visible,
        ordered=_ordered,
    )


def _ordered(counts: dict[Verdict, int]) -> list[tuple[Verdict, int]]:
    """For reading: what was not asked comes last."""
    return sorted(counts.items(), key=lambda item: item[0] is Verdict.NOT_TESTED)


def _failures(results: Results, directory: Path) -> Iterator[Failure]:
    """All that is neither PASS nor SKIP, the worst first."""
    rows = {row.id: row for row in results.requirements}
    groups: dict[tuple[str, ...], list[TestResult]] = defaultdict(list)
    for test in results.tests:
        if test.verdict.rank > Verdict.SKIP.rank:
            groups[(test.test,) if test.files else ("", test.verdict.value, test.reason)].append(test)
    ordered = sorted(groups.values(), key=lambda group: (-group[0].verdict.rank, group[0].test))
    for number, group in enumerate(ordered):
        cited = sorted({name for test in group for name in test.requirements if name in rows})
        yield Failure(
            verdict=group[0].verdict,
            tests=tuple(group),
            requirements=tuple(rows[name] for name in cited),
            excerpts=tuple(_excerpts(group[0], directory)) if number < MAX_EXCERPTED else (),
            again=_again(group[0], results.run.command),
        )


def _pytest_log(results: Results, directory: Path) -> Excerpt | None:
    """What pytest said last, where something is wrong with the run as a whole."""
    path = directory / PYTEST_LOG
    return excerpt(path, PYTEST_LOG, "") if results.faults and path.is_file() else None


def _excerpts(test: TestResult, directory: Path) -> Iterator[Excerpt]:
    """The logs that the reason names and those of the test itself."""
    own = [f"{test.logs}/{name}" for pattern in _SHOWN for name in fnmatch.filter(test.files, pattern)]
    for name in dict.fromkeys([*_NAMED.findall(test.reason), *own]):
        path = (directory / name).resolve()
        if path.is_file() and path.stat().st_size and path.is_relative_to(directory.resolve()):
            yield excerpt(path, name, test.reason)


def _again(test: TestResult, command: tuple[str, ...]) -> str:
    """How to ask one test again, on the board and with the images of the run."""
    asked = [pair for pair in pairwise(command) if pair[0] in ("--board", "--image")]
    known = [("--board", test.board), ("--image", test.image)]
    options = asked or [(option, value) for option, value in known if value]
    return shlex.join([".venv/bin/pytest", test.test, *chain.from_iterable(options)])


def _skips(tests: Iterable[TestResult]) -> list[tuple[str, list[TestResult]]]:
    """Skipped tests by the condition that was not met."""
    by_condition: dict[str, list[TestResult]] = defaultdict(list)
    for test in tests:
        if test.verdict is Verdict.SKIP:
            by_condition[test.condition or ""].append(test)
    return sorted(by_condition.items())


def _rows_by_area(results: Results) -> list[tuple[AreaResult, list[RequirementResult]]]:
    return [(area, [row for row in results.requirements if row.area == area.id]) for area in results.areas]


def _costs(measurements: Iterable[Measurement]) -> Iterator[CostTable]:
    by_image: dict[str, list[Measurement]] = defaultdict(list)
    for measurement in measurements:
        by_image[measurement.image].append(measurement)
    for image, its in sorted(by_image.items()):
        columns = sorted({m.partition or "" for m in its}, key=lambda name: (name == BARE, name))
        names = sorted({(m.name, m.unit) for m in its})
        rows = [(name, unit, tuple(_cell(its, name, unit, at) for at in columns)) for name, unit in names]
        yield CostTable(image, tuple(columns), tuple(rows))


def _cell(its: Iterable[Measurement], name: str, unit: str, column: str) -> str:
    """The value; the range, where it was measured more than once and differs."""
    values = [m.value for m in its if (m.name, m.unit, m.partition or "") == (name, unit, column)]
    if not values:
        return ""
    low, high = _number(min(values)), _number(max(values))
    return low if low == high else f"{low} – {high}"


def _number(value: float) -> str:
    return f"{value:,.0f}" if value == int(value) else f"{value:,.2f}"


def _flat(value: JsonValue, key: str = "") -> Iterator[tuple[str, str]]:
    """Facts as lines of a table: nested keys joined by spaces, short lists in one line."""
    match value:
        case dict():
            for name, inner in value.items():
                yield from _flat(inner, f"{key} › {name}" if key else name)
        case list() if all(isinstance(item, str) for item in value):
            yield key, shlex.join(str(item) for item in value)
        case list():
            for number, inner in enumerate(value):
                yield from _flat(inner, f"{key}[{number}]")
        case bool() | None:
            yield key, {True: "yes", False: "no", None: "unknown"}[value]
        case _:
            yield key, str(value)
