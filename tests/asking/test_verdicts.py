"""From what a test raised to a verdict: who is at fault decides."""

import pytest

from fixtures.verdict import Outcome, outcome
from harness.errors import HarnessError, ImageError, InfraError, MachineCrash, Misbehaved, Silence
from harness.evidence import slug
from harness.verdict import Blame, Verdict


def _judged(error: BaseException) -> Outcome:
    with pytest.raises(type(error)) as raised:
        raise error
    return outcome("call", raised)


def test_nothing_raised_is_a_pass() -> None:
    assert outcome("call", None) == Outcome(Verdict.PASS, "call")


@pytest.mark.parametrize(
    ("error", "verdict", "blame"),
    [
        (AssertionError("x"), Verdict.FAIL, None),
        (Misbehaved("x"), Verdict.FAIL, None),
        (MachineCrash("x"), Verdict.CRASH, None),
        (Silence("x"), Verdict.CRASH, None),
        (InfraError("x"), Verdict.ERROR, Blame.INFRA),
        (ImageError("x"), Verdict.ERROR, Blame.IMAGE),
        (HarnessError("x"), Verdict.ERROR, Blame.HARNESS),
        (KeyError("x"), Verdict.ERROR, Blame.HARNESS),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else None,
)
def test_the_one_at_fault_decides(error: BaseException, verdict: Verdict, blame: Blame | None) -> None:
    judged = _judged(error)

    assert (judged.verdict, judged.blame) == (verdict, blame)


def test_an_assertion_inside_the_harness_is_our_own_fault() -> None:
    with pytest.raises(AttributeError) as raised:
        slug(None)  # type: ignore[arg-type]
    assertion = AssertionError().with_traceback(raised.value.__traceback__)

    judged = outcome("call", pytest.ExceptionInfo.from_exception(assertion))

    assert (judged.verdict, judged.blame) == (Verdict.ERROR, Blame.HARNESS)


def test_a_skip_says_which_condition_was_not_met() -> None:
    with pytest.raises(pytest.skip.Exception) as raised:
        pytest.skip("no second I/O APIC")

    assert outcome("setup", raised) == Outcome(Verdict.SKIP, "setup", condition="no second I/O APIC")


def test_a_reason_is_the_same_in_every_run() -> None:
    judged = _judged(AssertionError("where <harness.machine.Machine object at 0x7f1234567890> is"))

    assert judged.reason.startswith("where <harness.machine.Machine object> is")
    assert "tests/asking/test_verdicts.py:" in judged.reason
