"""The verdicts, their order, and who is to blame when a question could not be asked."""

from collections.abc import Iterable
from enum import Enum


class Verdict(Enum):
    """What came of a question. They are defined in their order: a later one is worse, and the worst one wins.

    The bottom is NOT TESTED, the worst of nothing. It is never a pass, and only a requirement can have it: a
    test that was planned and not reached is an ERROR.
    """

    NOT_TESTED = "NOT TESTED"
    """no test asked about this requirement"""
    PASS = "PASS"
    """asked, and the answer was the one that is required"""
    SKIP = "SKIP"
    """not asked, because a condition was not met; the condition is on record"""
    ERROR = "ERROR"
    """could not be asked; says nothing about the system under test, see `Blame`"""
    FAIL = "FAIL"
    """the system under test broke a requirement"""
    CRASH = "CRASH"
    """the system under test died: a panic on a console, an unexpected reset, silence"""

    @property
    def rank(self) -> int:
        """Its place in the order; a higher one is worse."""
        return _ORDER.index(self)

    @property
    def condemns(self) -> bool:
        """Whether the system under test is not as it has to be."""
        return self in (Verdict.FAIL, Verdict.CRASH)


class Blame(Enum):
    """Who kept a question from being asked. Every ERROR has one, nothing else has."""

    INFRA = "infra"
    """the surroundings: a BMC, a cable, an emulator that did not start, a gap in a console"""
    HARNESS = "harness"
    """we: a bug in harness, fixture or test, or a process of ours that died"""
    IMAGE = "image"
    """the image under test, which could not be built, packed or loaded"""


_ORDER = list(Verdict)


def worst(verdicts: Iterable[Verdict]) -> Verdict:
    """The worst of some verdicts; NOT TESTED if there are none."""
    return max(verdicts, key=lambda verdict: verdict.rank, default=Verdict.NOT_TESTED)
