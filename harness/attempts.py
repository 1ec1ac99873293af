"""From lines of evidence to attempts: every test that was planned or begun, and what came of it each time."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from harness.records import Begin, Closed, End, Evidence, Measure, Planned, Record, Session
from harness.verdict import Blame, Verdict

CERTIFY = "certify"
"""Name of the worker under which `mrm certify` itself writes."""
PYTEST_LOG = "logs/pytest.log"
"""Where `mrm certify` keeps what pytest printed."""
SEE_LOG = f"{PYTEST_LOG} has what it said"


@dataclass(frozen=True, slots=True)
class Attempt:
    """A test was asked once, or was to be asked."""

    end: End
    requirements: tuple[str, ...] = ()
    image: str = ""
    board: str = ""
    measures: list[Measure] = field(default_factory=list)

    @property
    def test(self) -> str:
        """Node id of the test."""
        return self.end.test


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that is wrong with the run as a whole, so that its verdicts cannot be trusted."""

    what: str
    blame: Blame


def attempts(evidence: Evidence) -> tuple[list[Attempt], list[Fault]]:
    """Pairs beginnings with ends. What has no end, or was planned and never begun, is an ERROR attempt."""
    found: list[Attempt] = []
    faults: list[Fault] = []
    for name, records in evidence.files.items():
        items = list(_pair(name, records))
        found += [item for item in items if isinstance(item, Attempt)]
        faults += [item for item in items if isinstance(item, Fault)]
    found += _not_reached(evidence, {attempt.test for attempt in found})
    return found, faults + list(_run_faults(evidence))


def _pair(name: str, records: Iterable[Record]) -> Iterator[Attempt | Fault]:
    """The attempts of one worker, which asks one test at a time."""
    begin: Begin | None = None
    measures: list[Measure] = []
    for record in records:
        match record:
            case Begin():
                if begin is not None:
                    yield _abandoned(begin, measures)
                begin, measures = record, []
            case Measure() if begin is not None and begin.test == record.test:
                measures.append(record)
            case End() if begin is not None and begin.test == record.test:
                yield Attempt(record, begin.requirements, begin.image, begin.board, measures)
                begin = None
            case Measure() | End():
                yield Fault(f'{name}: "{record.type}" of {record.test}, which has not begun', Blame.HARNESS)
    if begin is not None:
        yield _abandoned(begin, measures)


def _abandoned(begin: Begin, measures: list[Measure]) -> Attempt:
    reason = f"no verdict: the process that asked (worker {begin.worker}) ended in the middle of this test"
    end = _error(begin.test, reason)
    return Attempt(end, begin.requirements, begin.image, begin.board, measures)


def _not_reached(evidence: Evidence, begun: set[str]) -> Iterator[Attempt]:
    requirements: dict[str, tuple[str, ...]] = {}
    for record in evidence:
        if isinstance(record, Planned):
            requirements |= {test: record.requirements.get(test, ()) for test in record.tests}
    for test in sorted(requirements.keys() - begun):
        yield Attempt(_error(test, "not reached: the run ended before this test began"), requirements[test])


def _error(test: str, reason: str) -> End:
    return End(test=test, verdict=Verdict.ERROR, blame=Blame.HARNESS, reason=reason, phase="run", seconds=0)


def _run_faults(evidence: Evidence) -> Iterator[Fault]:
    """What the lines themselves, and the run's own beginning and end, say against it."""
    for damage in evidence.damage:
        if not damage.torn:
            yield Fault(f"{damage.where} is no line of evidence: {damage.what}", Blame.HARNESS)
    closed = [record for record in evidence if isinstance(record, Closed)]
    opened = [record for record in evidence if isinstance(record, Session) and record.worker == CERTIFY]
    if len(closed) < len(opened):
        yield Fault("the run was not closed: mrm certify itself was ended", Blame.INFRA)
    for record in closed:
        yield from _ending_faults(record)


_PYTEST_EXIT = {2: "was interrupted", 3: "had an internal error", 4: "was used wrongly"}
"""Exit statuses that tell of trouble. What 0, 1 (some failed) and 5 (none found) say, the tests say too."""


def _ending_faults(closed: Closed) -> Iterator[Fault]:
    if closed.reason:
        yield Fault(closed.reason, Blame.INFRA)
    elif closed.exit < 0:
        yield Fault(f"pytest was ended by signal {-closed.exit}", Blame.INFRA)
    elif closed.exit not in (0, 1, 5):
        what = _PYTEST_EXIT.get(closed.exit, f"ended with status {closed.exit}")
        yield Fault(f"pytest {what}; {SEE_LOG}", Blame.HARNESS)
