"""Listens to all lines of a machine at once, so that a panic on one ends the wait on another."""

import selectors
from collections.abc import Callable
from typing import Protocol

from harness.deadline import Clock, SystemClock
from harness.errors import InfraError, MrmError

GRACE_SECONDS = 0.25
"""How long an unfinished line that looks like a crash may take to end, so that its reason is complete."""


class Source(Protocol):
    """Something that a listener waits for."""

    @property
    def settle_at(self) -> float | None:
        """When `settle` is due, by the listener's clock; None if it is not."""

    def fileno(self) -> int: ...

    def ready(self) -> None:
        """Take what has come."""

    def settle(self) -> None:
        """Take what has come so far for complete."""


class Poller(Protocol):
    """Waits until some of the sources have something."""

    def add(self, source: Source) -> None: ...

    def remove(self, source: Source) -> None: ...

    def wait(self, seconds: float) -> list[Source]: ...

    def close(self) -> None: ...


class SelectPoller:
    """Waits in real time, by the selector of the host."""

    def __init__(self) -> None:
        self._selector = selectors.DefaultSelector()

    def add(self, source: Source) -> None:
        self._selector.register(source, selectors.EVENT_READ, source)

    def remove(self, source: Source) -> None:
        self._selector.unregister(source)

    def wait(self, seconds: float) -> list[Source]:
        return [key.data for key, _ in self._selector.select(seconds)]

    def close(self) -> None:
        self._selector.close()


class Listener:
    """All that a machine says, on whatever line.

    It keeps the first cause of the machine's death, if it died, and the last step that was reached, for the
    errors of whoever waits.

    Args:
      obituary: asked with the name of a line when that line has ended: says what happened to the machine.
    """

    def __init__(
        self,
        clock: Clock | None = None,
        poller: Poller | None = None,
        obituary: Callable[[str], MrmError] | None = None,
    ) -> None:
        self.clock = clock or SystemClock()
        self.last_step = "nothing"
        self.obituary = obituary or (lambda name: InfraError(f"{name} has ended"))
        self._poller = poller or SelectPoller()
        self._sources: list[Source] = []
        self._death: MrmError | None = None

    def attach(self, source: Source) -> None:
        self._sources.append(source)
        self._poller.add(source)

    def detach(self, source: Source) -> None:
        """Stop listening to a source; no matter if it was not listened to."""
        if source in self._sources:
            self._sources.remove(source)
            self._poller.remove(source)

    def reached(self, step: str) -> None:
        """Keep the last step that was reached."""
        self.last_step = step

    def died(self, cause: MrmError) -> None:
        """The machine as a whole is dead. Only the first cause is kept: what follows is its consequence."""
        if self._death is None:
            cause.last_step = self.last_step
            self._death = cause

    def check(self) -> None:
        """Raise the cause of the machine's death, if it is dead."""
        if self._death is not None:
            raise self._death.with_traceback(None)

    def close(self) -> None:
        self._poller.close()

    def turn(self, seconds: float) -> None:
        """Wait at most so long for anything on any line, and take it in."""
        now = self.clock.monotonic()
        due = [source.settle_at - now for source in self._sources if source.settle_at is not None]
        for source in self._poller.wait(max(0.0, min([seconds, *due]))):
            source.ready()
        now = self.clock.monotonic()
        for source in list(self._sources):
            if source.settle_at is not None and source.settle_at <= now:
                source.settle()
