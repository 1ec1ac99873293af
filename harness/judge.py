"""Verdicts: computed here, from the evidence alone, and nowhere else.

The same evidence and catalogue give the same results, byte for byte, at any time and on any machine.
"""

import json
import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from pydantic import JsonValue

from harness.attempts import CERTIFY, SEE_LOG, Attempt, Fault, attempts
from harness.catalogue import Catalogue, Requirement
from harness.evidence import slug
from harness.records import Closed, Evidence, Session, read_evidence
from harness.results import (
    AreaResult,
    Measurement,
    Outcome,
    RequirementResult,
    Results,
    Run,
    RunFault,
    TestResult,
)
from harness.verdict import Blame, Verdict, worst

WAYS_OUT = "name images whose probes can answer it, too, or say by -k what is meant to be asked"


def judge(directory: Path, catalogue: Catalogue) -> Results:
    """Computes all verdicts of a results directory from its raw evidence."""
    evidence = read_evidence(directory)
    tried, faults = attempts(evidence)
    provenance, unreadable = _provenance(directory)
    known = catalogue.by_id()
    tests = tuple(_tests(tried, directory))
    requirements = tuple(_requirement(row, catalogue, tests) for row in catalogue.requirement)
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
        notes=(*_torn(evidence), *_left_out(requirements, run)),
        areas=tuple(_areas(catalogue, requirements)),
        requirements=requirements,
        tests=tests,
        measurements=tuple(_measurements(tried)),
        provenance=provenance,
    )
    assert sum(results.requirement_counts.values()) == len(catalogue), "a requirement is lost"
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


def _requirement(
    requirement: Requirement, catalogue: Catalogue, tests: Iterable[TestResult]
) -> RequirementResult:
    its = [test for test in tests if requirement.id in test.requirements]
    return RequirementResult(
        id=requirement.id,
        area=requirement.area,
        text=requirement.text,
        paper=requirement.paper,
        level=requirement.level,
        since=requirement.since,
        due=catalogue.is_due(requirement),
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


def _torn(evidence: Evidence) -> list[str]:
    return [f"{damage.where}: {damage.what}" for damage in evidence.damage if damage.torn]


def _left_out(rows: Iterable[RequirementResult], run: Run) -> Iterator[str]:
    """A full run says what it should have asked, and did not."""
    missing = [row.id for row in rows if row.due and row.verdict is Verdict.NOT_TESTED]
    if missing and not run.selection:
        yield f"due, and no test asks about it: {', '.join(missing)}"


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
        why = f"no test passed in {where}: nothing is shown there ({WAYS_OUT})"
        return Outcome.COULD_NOT_ASK, why
    skipped = [test for test in tests if test.verdict is Verdict.SKIP]
    why = f"{_many(passed, 'test')} passed, {len(skipped)} skipped, none that decides failed"
    return Outcome.CONFORMANT, why


def _decides(test: TestResult, known: dict[str, Requirement]) -> bool:
    levels = {known[name].level if name in known else "must" for name in test.requirements}
    return levels != {"should"}


def _many(things: Sequence[object], noun: str) -> str:
    return f"{len(things)} {noun}" + ("" if len(things) == 1 else "s")
