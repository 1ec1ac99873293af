"""Errors: three parts, and who is to blame."""

import pytest

from harness.errors import (
    HarnessError,
    ImageError,
    InfraError,
    InfraTimedOut,
    MachineCrash,
    Misbehaved,
    MrmError,
    Silence,
    TimedOut,
    UsageError,
)
from harness.verdict import Blame, Verdict


class TestText:
    def test_has_all_parts_in_their_order(self) -> None:
        error = MrmError("it is broken", why="so nothing works", todo="mend it")
        error.last_step = "the start"

        assert str(error).splitlines() == [
            "it is broken",
            "the last step reached: the start",
            "so nothing works",
            "mend it",
        ]

    def test_leaves_out_what_is_not_known(self) -> None:
        assert str(MrmError("it is broken", todo="mend it")) == "it is broken\nmend it"


@pytest.mark.parametrize(
    ("kind", "verdict", "blame"),
    [
        (UsageError, Verdict.ERROR, Blame.HARNESS),
        (InfraError, Verdict.ERROR, Blame.INFRA),
        (HarnessError, Verdict.ERROR, Blame.HARNESS),
        (ImageError, Verdict.ERROR, Blame.IMAGE),
        (InfraTimedOut, Verdict.ERROR, Blame.INFRA),
        (MachineCrash, Verdict.CRASH, None),
        (Silence, Verdict.CRASH, None),
        (Misbehaved, Verdict.FAIL, None),
    ],
)
def test_blame_goes_where_it_belongs(kind: type[MrmError], verdict: Verdict, blame: Blame | None) -> None:
    assert (kind.verdict, kind.blame) == (verdict, blame)


def test_both_kinds_of_silence_are_time_outs() -> None:
    assert issubclass(Silence, TimedOut)
    assert issubclass(InfraTimedOut, TimedOut)
