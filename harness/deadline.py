"""Deadlines: every wait has one, and a part of a job never has longer than the job. The clock is injected."""

import time
from dataclasses import dataclass
from typing import Protocol

from harness.errors import InfraTimedOut


class Clock(Protocol):
    """Tells the time since some instant, in seconds."""

    def monotonic(self) -> float: ...


class SystemClock:
    """The clock of the host."""

    def monotonic(self) -> float:
        return time.monotonic()


@dataclass
class FakeClock:
    """A clock that only moves when told to, so that tests of time take none."""

    now: float = 0.0

    def monotonic(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds


class Deadline:
    """The instant at which a wait ends, `seconds` from now.

    Args:
      clock: tells the time.
      seconds: how long the job may take; 0 means that it may look, but not wait.
      parent: what this is a part of; its instant counts if it is earlier.
    """

    def __init__(self, clock: Clock, seconds: float, parent: "Deadline | None" = None) -> None:
        end = clock.monotonic() + seconds
        self.clock = clock
        self.seconds = seconds
        self.end: float = end if parent is None else min(end, parent.end)

    def child(self, seconds: float) -> "Deadline":
        """Return a deadline for a part of the job, which never outlives this one."""
        return Deadline(self.clock, seconds, self)

    def remaining(self) -> float:
        """Return the seconds that are left, never less than 0."""
        return max(0.0, self.end - self.clock.monotonic())

    @property
    def expired(self) -> bool:
        return self.remaining() == 0

    def check(self, doing: str) -> None:
        """Do nothing while there is time.

        Raises:
          InfraTimedOut: the deadline has passed.
        """
        if self.expired:
            raise InfraTimedOut(f"{doing} took longer than {self.seconds:g} s")
