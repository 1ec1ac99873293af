"""Verdicts: computed here, from the evidence alone, and nowhere else. `results.json` is `Results`.

The same evidence and catalogue give the same results, byte for byte, at any time and on any machine.
"""

import json
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from harness.attempts import CERTIFY, SEE_LOG, Attempt, Fault, attempts
from harness.catalogue import Catalogue, Requirement
from harness.evidence import slug
from harness.records import Closed, Evidence, Session, read_evidence
from harness.verdict import Blame, Verdict, worst


class Outcome(Enum):
    """What a run says as a whole.

    A test *decides* unless all requirements it cites are of level "should". In this order:

    1. NOT CONFORMANT if a deciding test has FAIL or CRASH.
    2. COULD NOT ASK if any test has ERROR, or the run itself has a fault: evidence that cannot be read,
       a test that cites a requirement nobody knows, a run that was ended from outside.
    3. COULD NOT ASK if in an area that had to be asked no test passed. These are the areas that are due
       in the catalogue's release; in a narrowed run, those that the selected tests cite, and at least one.
    4. CONFORMANT otherwise: all deciding tests have PASS, or SKIP with the condition that was not met.

    A requirement that no test cites is NOT TESTED: listed, never counted as PASS. By itself it does not
    keep a run from being conformant.
    """

    CONFORMANT = "conformant"
    NOT_CONFORMANT = "not conformant"
    COULD_NOT_ASK = "could not ask"

    @property
    def exit_code(self) -> int:
        """Exit status of the commands that judge; 2 is left to wrong usage."""
        return {Outcome.CONFORMANT: 0, Outcome.NOT_CONFORMANT: 1, Outcome.COULD_NOT_ASK: 3}[self]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class TestResult(_Part):
    """A test: the worst of its attempts."""

    __test__ = False  # not for pytest to collect

    test: str
    """node id"""
    verdict: Verdict
    blame: Blame | None
    """who kept it from being asked, if the verdict is ERROR"""
    reason: str
    condition: str | None
    """what was not met, if the verdict is SKIP"""
    phase: str
    last_step: str | None
    requirements: tuple[str, ...]
    image: str
    board: str
    seconds: float
    attempts: int
    logs: str | None
    """folder of its logs, relative to the results directory"""
    files: tuple[str, ...]
    """evidence files in that folder"""


class RequirementResult(_Part):
    """A row of the catalogue: the worst of the tests that cite it."""

    id: str
    area: str
    text: str
    paper: str
    level: Literal["must", "should"]
    since: str
    verdict: Verdict
    tests: tuple[str, ...]
    conditions: tuple[str, ...]
    """conditions that were not met, of its skipped tests"""


class AreaResult(_Part):
    """An area of the catalogue; its counts add up to its requirements."""

    id: str
    title: str
    due: bool
    """whether a full run has to ask here"""
    counts: dict[Verdict, int]


class Measurement(_Part):
    """A number that a test measured."""

    test: str
    board: str
    image: str
    partition: str | None
    name: str
    value: int | float
    unit: str


class RunFault(_Part):
    """Something wrong with the run as a whole."""

    what: str
    blame: Blame


class Run(_Part):
    """How the questions were asked."""

    command: tuple[str, ...]
    selection: str
    """what narrowed the run; empty if it was a full one"""
    began: datetime | None
    seconds: float | None
    """wall time of the whole, if `mrm certify` closed it"""
    median_seconds: float | None
    """of a test that began"""


class Results(_Part):
    """Everything a report may say."""

    schema_: Literal["mrm-results/1"] = Field(default="mrm-results/1", alias="schema")
    outcome: Outcome
    why: str
    """the rule that led to the outcome, in a sentence"""
    release: str
    """of the catalogue"""
    requirement_counts: dict[Verdict, int]
    """by verdict; they add up to the size of the catalogue"""
    test_counts: dict[Verdict, int]
    run: Run
    faults: tuple[RunFault, ...]
    notes: tuple[str, ...]
    """what is worth knowing and changes no verdict"""
    areas: tuple[AreaResult, ...]
    requirements: tuple[RequirementResult, ...]
    tests: tuple[TestResult, ...]
    measurements: tuple[Measurement, ...]
    provenance: dict[str, JsonValue]
    """what was judged and with what, as the run wrote it down"""

    def to_json(self) -> str:
        """The content of `results.json`."""
        return self.model_dump_json(by_alias=True, indent=2) + "\n"


def judge(directory: Path, catalogue: Catalogue) -> Results:
    """Computes all verdicts of a results directory from its raw evidence."""
    evidence = read_evidence(directory)
    tried, faults = attempts(evidence)
    provenance, unreadable = _provenance(directory)
    known = catalogue.by_id()
    tests = tuple(_tests(tried, directory))
    requirements = tuple(_requirement(requirement, tests) for requirement in catalogue.requirement)
    faults += [*unreadable, *_unknown(tests, known.keys()), *_unaccounted(evidence, tests)]
    run = _run(evidence, tests)
    to_ask = _areas_of(tests, known) if run.selection else set(catalogue.due_areas())
    outcome, why = _decide(tests, faults, known, to_ask)
    results = Results(
        outcome=outcome,
        why=why,
        release=catalogue.release,
        requirement_counts=_counts(row.verdict for row in requirements),
        test_counts=_counts(test.verdict for test in tests),
        run=run,
        faults=tuple(RunFault(what=fault.what, blame=fault.blame) for fault in faults),
        notes=tuple(f"{damage.where}: {damage.what}" for damage in evidence.damage if damage.torn),
        areas=tuple(_areas(catalogue, requirements)),
        requirements=requirements,
        tests=tests,
        measurements=tuple(_measurements(tried)),
        provenance=provenance,
    )
    assert sum(results.requirement_counts.values()) == len(catalogue), (
        "a requirement was lost or counted twice"
    )
    return results


def _tests(tried: Iterable[Attempt], directory: Path) -> Iterator[TestResult]:
    by_test: dict[str, list[Attempt]] = defaultdict(list)
    for attempt in tried:
        by_test[attempt.test].append(attempt)
    for _, its in sorted(by_test.items()):
        verdict = worst(attempt.end.verdict for attempt in its)
        decisive = next(attempt for attempt in its if attempt.end.verdict is verdict)
        yield _test(decisive, its, directory)


def _test(decisive: Attempt, its: list[Attempt], directory: Path) -> TestResult:
    end = decisive.end
    logs, files = _logs(directory, end.logs or f"logs/{slug(end.test)}")
    return TestResult(
        test=end.test,
        verdict=end.verdict,
        blame=end.blame,
        reason=end.reason,
        condition=end.condition,
        phase=end.phase,
        last_step=end.last_step,
        requirements=tuple(sorted({name for attempt in its for name in attempt.requirements})),
        image=decisive.image,
        board=decisive.board,
        seconds=end.seconds,
        attempts=len(its),
        logs=logs,
        files=files,
    )


def _logs(directory: Path, named: str) -> tuple[str | None, tuple[str, ...]]:
    """The folder, if it is there and inside the results directory, and the files below it."""
    folder = (directory / named).resolve()
    if not folder.is_dir() or not folder.is_relative_to(directory.resolve()):
        return None, ()
    files = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return folder.relative_to(directory.resolve()).as_posix(), tuple(files)


def _requirement(requirement: Requirement, tests: Iterable[TestResult]) -> RequirementResult:
    its = [test for test in tests if requirement.id in test.requirements]
    return RequirementResult(
        id=requirement.id,
        area=requirement.area,
        text=requirement.text,
        paper=requirement.paper,
        level=requirement.level,
        since=requirement.since,
        verdict=worst(test.verdict for test in its),
        tests=tuple(test.test for test in its),
        conditions=tuple(sorted({test.condition for test in its if test.condition})),
    )


def _counts(verdicts: Iterable[Verdict]) -> dict[Verdict, int]:
    counter = Counter(verdicts)
    return {verdict: counter[verdict] for verdict in Verdict}


def _areas(catalogue: Catalogue, rows: Iterable[RequirementResult]) -> Iterator[AreaResult]:
    due = catalogue.due_areas()
    verdicts: dict[str, list[Verdict]] = defaultdict(list)
    for row in rows:
        verdicts[row.area].append(row.verdict)
    for area, title in catalogue.areas.items():
        yield AreaResult(id=area, title=title, due=area in due, counts=_counts(verdicts[area]))


def _measurements(tried: Iterable[Attempt]) -> list[Measurement]:
    found = [
        Measurement(
            test=attempt.test,
            board=attempt.board,
            image=attempt.image,
            partition=measure.partition,
            name=measure.name,
            value=measure.value,
            unit=measure.unit,
        )
        for attempt in tried
        for measure in attempt.measures
    ]
    return sorted(found, key=lambda m: (m.name, m.image, m.partition or "", m.test, m.value))


def _run(evidence: Evidence, tests: Iterable[TestResult]) -> Run:
    sessions = [record for record in evidence if isinstance(record, Session)]
    sessions = [session for session in sessions if session.worker == CERTIFY] or sessions
    closed = [record for record in evidence if isinstance(record, Closed)]
    first = min(sessions, key=lambda session: session.time, default=None)
    seconds = [test.seconds for test in tests if test.seconds > 0]
    return Run(
        command=first.argv if first else (),
        selection="; ".join(sorted({session.selection for session in sessions if session.selection})),
        began=first.time if first else None,
        seconds=sum(record.seconds for record in closed) if closed else None,
        median_seconds=statistics.median(seconds) if seconds else None,
    )


def _provenance(directory: Path) -> tuple[dict[str, JsonValue], list[Fault]]:
    found: dict[str, JsonValue] = {}
    faults = []
    for path in sorted((directory / "evidence").glob("provenance-*.json")):
        try:
            found[path.stem.removeprefix("provenance-")] = json.loads(path.read_bytes())
        except ValueError as error:
            faults.append(Fault(f"evidence/{path.name} cannot be read: {error}", Blame.HARNESS))
    return found, faults


def _unknown(tests: Iterable[TestResult], known: Iterable[str]) -> list[Fault]:
    cited = {(name, test.test) for test in tests for name in set(test.requirements).difference(known)}
    return [
        Fault(f"{test} cites {name}, which is not in the catalogue", Blame.HARNESS)
        for name, test in sorted(cited)
    ]


def _unaccounted(evidence: Evidence, tests: Iterable[TestResult]) -> Iterator[Fault]:
    """pytest counted failures on its own; none of them may be missing from the evidence."""
    failed = any(isinstance(record, Closed) and record.exit == 1 for record in evidence)
    if failed and all(test.verdict in (Verdict.PASS, Verdict.SKIP) for test in tests):
        yield Fault(f"pytest saw a failure that the evidence does not hold; {SEE_LOG}", Blame.HARNESS)


def _areas_of(tests: Iterable[TestResult], known: dict[str, Requirement]) -> set[str]:
    return {known[name].area for test in tests for name in test.requirements if name in known}


def _decide(
    tests: Iterable[TestResult],
    faults: list[Fault],
    known: dict[str, Requirement],
    to_ask: set[str],
) -> tuple[Outcome, str]:
    """The rule of `Outcome`."""
    condemned = [test for test in tests if test.verdict.condemns and _decides(test, known)]
    if condemned:
        return Outcome.NOT_CONFORMANT, f"{_many(condemned, 'test')} found the system not as required"
    errors = [test for test in tests if test.verdict is Verdict.ERROR]
    if errors or faults:
        said = [f"{_many(errors, 'test')} could not be asked"] if errors else []
        said += [f"{_many(faults, 'fault')} in the run as a whole"] if faults else []
        return Outcome.COULD_NOT_ASK, ", ".join(said)
    passed = [test for test in tests if test.verdict is Verdict.PASS]
    asked = _areas_of(passed, known)
    if not asked or to_ask - asked:
        where = ", ".join(sorted(to_ask - asked)) or "any area"
        return Outcome.COULD_NOT_ASK, f"no test passed in {where}: nothing was asked there"
    skipped = [test for test in tests if test.verdict is Verdict.SKIP]
    why = f"{_many(passed, 'test')} passed, {len(skipped)} skipped, none that decides failed"
    return Outcome.CONFORMANT, why


def _decides(test: TestResult, known: dict[str, Requirement]) -> bool:
    levels = {known[name].level if name in known else "must" for name in test.requirements}
    return levels != {"should"}


def _many(things: Sequence[object], noun: str) -> str:
    return f"{len(things)} {noun}" + ("" if len(things) == 1 else "s")
