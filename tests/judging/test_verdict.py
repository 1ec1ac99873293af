"""The order of verdicts."""

from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from harness.verdict import Verdict, worst

VERDICTS = st.sampled_from(Verdict)


def test_order() -> None:
    names = ["NOT TESTED", "PASS", "SKIP", "ERROR", "FAIL", "CRASH"]
    assert [verdict.value for verdict in sorted(Verdict, key=lambda verdict: verdict.rank)] == names


def test_worst_of_two_is_the_later_one() -> None:
    for first, second in permutations(Verdict, 2):
        assert worst([first, second]) is (first if first.rank > second.rank else second)


def test_worst_of_nothing_is_not_tested() -> None:
    assert worst([]) is Verdict.NOT_TESTED


@given(st.lists(VERDICTS), st.lists(VERDICTS))
def test_more_verdicts_never_improve(some: list[Verdict], more: list[Verdict]) -> None:
    assert worst(some + more).rank >= worst(some).rank
    assert worst(some + more) is worst([worst(some), worst(more)])


def test_only_an_answer_condemns() -> None:
    assert {verdict for verdict in Verdict if verdict.condemns} == {Verdict.FAIL, Verdict.CRASH}
