"""What holds for every set of evidence lines, in whatever order and however damaged."""

import json
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from harness.catalogue import load_catalogue
from harness.judge import judge
from harness.results import Outcome, Results
from harness.verdict import Verdict, worst

CATALOGUE = load_catalogue(Path(__file__).parent / "golden" / "requirements.toml")
TIME = "2026-01-01T00:00:00Z"
IDS = [*CATALOGUE.by_id(), "MEM-99"]
SEVERITY = [Outcome.CONFORMANT, Outcome.COULD_NOT_ASK, Outcome.NOT_CONFORMANT]

Line = dict[str, Any]

tests = st.sampled_from([f"m.py::t{number}" for number in range(6)])
cited = st.lists(st.sampled_from(IDS), max_size=3)


@st.composite
def sessions(draw: st.DrawFn) -> Line:
    selection = draw(st.sampled_from(["", "-k x"]))
    return {"type": "session", "worker": "gw0", "pid": 1, "argv": [], "time": TIME, "selection": selection}


@st.composite
def plans(draw: st.DrawFn) -> Line:
    planned = draw(st.dictionaries(tests, cited))
    return {"type": "planned", "tests": list(planned), "requirements": planned}


@st.composite
def begins(draw: st.DrawFn) -> Line:
    head = {"type": "begin", "test": draw(tests), "requirements": draw(cited)}
    return head | {"image": "i", "board": "b", "time": TIME, "worker": "gw0"}


@st.composite
def ends(draw: st.DrawFn) -> Line:
    verdict = draw(st.sampled_from(["PASS", "SKIP", "ERROR", "FAIL", "CRASH"]))
    return {
        "type": "end",
        "test": draw(tests),
        "verdict": verdict,
        "blame": draw(st.sampled_from(["infra", "harness", "image"])) if verdict == "ERROR" else None,
        "reason": draw(st.text(max_size=8)),
        "condition": "c" if verdict == "SKIP" else None,
        "phase": "call",
        "seconds": 0.1,
    }


@st.composite
def attempts(draw: st.DrawFn) -> list[Line]:
    """A beginning and its end, as they mostly come."""
    begin, end = draw(begins()), draw(ends())
    return [begin, end | {"test": begin["test"]}]


def encoded(line: Line) -> bytes:
    return json.dumps(line).encode() + b"\n"


chunks = st.one_of(
    st.builds(encoded, st.one_of(sessions(), plans(), begins(), ends())),
    attempts().map(lambda lines: b"".join(map(encoded, lines))),
    st.binary(max_size=12),
)
files = st.lists(st.lists(chunks, max_size=12).map(b"".join), max_size=3)


def judged(contents: list[bytes]) -> Results:
    with tempfile.TemporaryDirectory() as directory:
        evidence = Path(directory) / "evidence"
        evidence.mkdir()
        for number, content in enumerate(contents):
            (evidence / f"attempts-gw{number}.jsonl").write_bytes(content)
        return judge(Path(directory), CATALOGUE)


@given(files)
def test_any_evidence_is_judged_and_counts_add_up(contents: list[bytes]) -> None:
    results = judged(contents)

    assert sum(results.requirement_counts.values()) == len(CATALOGUE) == len(results.requirements)
    assert sum(results.test_counts.values()) == len(results.tests)
    assert judged(contents).to_json() == results.to_json()


@given(files)
def test_worst_test_gives_the_requirement_its_verdict(contents: list[bytes]) -> None:
    results = judged(contents)
    verdicts = {test.test: test.verdict for test in results.tests}

    for row in results.requirements:
        citing = [test.verdict for test in results.tests if row.id in test.requirements]
        assert row.verdict is worst(citing)
        assert [verdicts[name] for name in row.tests] == citing


@given(files)
def test_conformant_is_never_said_over_a_deciding_test_that_did_not_pass(contents: list[bytes]) -> None:
    results = judged(contents)
    if results.outcome is Outcome.CONFORMANT:
        musts = [row for row in results.requirements if row.level == "must"]

        assert not results.faults
        assert {row.verdict for row in musts} <= {Verdict.PASS, Verdict.SKIP, Verdict.NOT_TESTED}
        assert any(test.verdict is Verdict.PASS for test in results.tests)


@given(files, st.sampled_from(list(CATALOGUE.by_id())), st.sampled_from(["FAIL", "CRASH"]))
def test_a_failure_more_never_improves(contents: list[bytes], cites: str, verdict: str) -> None:
    begin = {"type": "begin", "test": "m.py::more", "requirements": [cites], "image": "i", "board": "b"}
    end = {"type": "end", "test": "m.py::more", "verdict": verdict, "phase": "call", "seconds": 0.1}
    more = encoded(begin | {"time": TIME, "worker": "gw9"}) + encoded(end)
    before, after = judged(contents), judged([*contents, more])

    for old, new in zip(before.requirements, after.requirements, strict=True):
        assert new.verdict.rank >= old.verdict.rank
    assert {row.id: row.verdict.condemns for row in after.requirements}[cites]
    assert SEVERITY.index(after.outcome) >= SEVERITY.index(before.outcome)
    if CATALOGUE.by_id()[cites].level == "must":
        assert after.outcome is Outcome.NOT_CONFORMANT
