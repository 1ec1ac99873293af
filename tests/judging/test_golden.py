"""Small results directories, written by hand, and the verdicts that the rules give them."""

import tomllib
from pathlib import Path

import pytest

from harness.catalogue import load_catalogue
from harness.judge import judge
from harness.results import Outcome, Results
from harness.verdict import Verdict

GOLDEN = Path(__file__).parent / "golden"
CASES = sorted(path.parent.name for path in GOLDEN.glob("*/expected.toml"))


def judged(case: str) -> Results:
    return judge(GOLDEN / case, load_catalogue(GOLDEN / "requirements.toml"))


@pytest.mark.parametrize("case", CASES)
def test_verdicts_are_those_of_the_rules(case: str) -> None:
    expected = tomllib.loads((GOLDEN / case / "expected.toml").read_text())
    results = judged(case)

    assert {row.id: row.verdict.value for row in results.requirements} == expected["requirements"]
    assert {test.test: test.verdict.value for test in results.tests} == expected["tests"]
    assert results.outcome is Outcome(expected["outcome"])
    blamed = {test.test: test.blame.value for test in results.tests if test.blame}
    assert expected.get("blame", blamed) == blamed


@pytest.mark.parametrize("case", CASES)
def test_what_is_wrong_with_the_run_is_said(case: str) -> None:
    expected = tomllib.loads((GOLDEN / case / "expected.toml").read_text())
    results = judged(case)

    assert len(results.faults) == len(expected["faults"])
    for said, wanted in zip(results.faults, expected["faults"], strict=True):
        assert wanted in said.what
    assert len(results.notes) == len(expected["notes"])
    for note, wanted in zip(results.notes, expected["notes"], strict=True):
        assert wanted in note


@pytest.mark.parametrize("case", CASES)
def test_counts_add_up_to_the_catalogue(case: str) -> None:
    results = judged(case)

    assert sum(results.requirement_counts.values()) == 5
    assert sum(sum(area.counts.values()) for area in results.areas) == 5
    assert sum(results.test_counts.values()) == len(results.tests)
    assert results.test_counts[Verdict.NOT_TESTED] == 0


@pytest.mark.parametrize("case", CASES)
def test_the_same_evidence_gives_the_same_bytes(case: str) -> None:
    text = judged(case).to_json()

    assert text == judged(case).to_json()
    assert Results.model_validate_json(text).to_json() == text


def test_an_area_that_nobody_asked_is_named_with_a_way_out() -> None:
    why = judged("area-skipped").why

    assert "no test passed in MEM" in why
    assert "name images" in why
    assert "-k" in why


def test_exit_codes() -> None:
    assert [outcome.exit_code for outcome in Outcome] == [0, 1, 3]


def test_conditions_of_skips_are_kept() -> None:
    rows = {row.id: row for row in judged("worst-test-wins").requirements}

    assert rows["MEM-01"].conditions == ("no second disk",)
