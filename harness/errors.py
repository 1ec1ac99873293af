"""The errors of the harness. Each says what was wrong, why it matters and what to do, and who is to blame."""

from typing import ClassVar

from harness.verdict import Blame, Verdict


class MrmError(Exception):
    """Everything that can go wrong in a way that we foresaw.

    Args:
      what: what was wrong, with file, key, partition or step.
      why: why it matters.
      todo: what the reader can do about it.
    """

    verdict: ClassVar[Verdict] = Verdict.ERROR
    blame: ClassVar[Blame | None] = Blame.HARNESS
    """who kept the question from being asked; None where it was asked and the answer condemns"""

    def __init__(self, what: str, *, why: str = "", todo: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.why = why
        self.todo = todo
        self.last_step = ""
        """the last step that was reached, set where something waited"""

    def __str__(self) -> str:
        step = f"the last step reached: {self.last_step}" if self.last_step else ""
        return "\n".join(part for part in (self.what, step, self.why, self.todo) if part)


class UsageError(MrmError):
    """A wrong argument or input file. Nothing was started."""


class InfraError(MrmError):
    """The surroundings failed: QEMU did not start or was killed, a cable, a BMC."""

    blame = Blame.INFRA


class HarnessError(MrmError):
    """We used our own interfaces wrongly: a bug in the harness, in a fixture or in a test."""


class ImageError(MrmError):
    """The image under test cannot be built, packed or loaded."""

    blame = Blame.IMAGE


class MachineCrash(MrmError):
    """The system under test died: a panic, a reset nobody asked for, garbage, silence."""

    verdict = Verdict.CRASH
    blame = None


class Misbehaved(MrmError):
    """The system under test lives, but its answer is none that the architecture allows here."""

    verdict = Verdict.FAIL
    blame = None


class TimedOut(MrmError):
    """A deadline passed. Caught by this name; raised as one of the two below, which know who kept silent."""


class InfraTimedOut(TimedOut, InfraError):
    """Something around the system under test did not answer in time."""


class Silence(TimedOut, MachineCrash):
    """The system under test did not answer in time."""
