"""Stand-ins for what lies outside of the harness: time, and the other end of a line. They never sleep."""

import itertools
from collections import deque
from collections.abc import Callable
from pathlib import Path

from harness.console import Console, Listener
from harness.console.listener import Source
from harness.deadline import Deadline, FakeClock

_numbers = itertools.count(1000)


class FakeStream:
    """A line whose other end is the test: `push` what the machine says, look at `written`.

    `on_write` is called with all that is written, and may push.
    """

    def __init__(self) -> None:
        self.written = b""
        self.room = 1 << 20
        self.ended = False
        self.on_write: Callable[[bytes], None] = lambda data: None
        self._number = next(_numbers)
        self._chunks: deque[bytes] = deque()

    def push(self, chunk: bytes) -> None:
        self._chunks.append(chunk)

    @property
    def readable(self) -> bool:
        return bool(self._chunks) or self.ended

    def fileno(self) -> int:
        return self._number

    def read(self) -> bytes | None:
        if self._chunks:
            return self._chunks.popleft()
        return b"" if self.ended else None

    def write(self, data: bytes) -> int:
        taken = data[: self.room]
        self.written += taken
        self.on_write(taken)
        return len(taken)

    def close(self) -> None: ...


class FakePoller:
    """Waits by moving the clock: to the next thing that is planned to happen, or to the end of the wait."""

    def __init__(self, clock: FakeClock) -> None:
        self.plan: list[tuple[float, Callable[[], None]]] = []
        self.streams: dict[int, FakeStream] = {}
        self._clock = clock
        self._sources: dict[int, Source] = {}

    def add(self, source: Source) -> None:
        self._sources[source.fileno()] = source

    def remove(self, source: Source) -> None:
        del self._sources[source.fileno()]

    def wait(self, seconds: float) -> list[Source]:
        end = self._clock.now + seconds
        while not self._ready() and self.plan and self.plan[0][0] <= end:
            at, happen = self.plan.pop(0)
            self._clock.now = max(self._clock.now, at)
            happen()
        if not self._ready():
            self._clock.now = end
        return self._ready()

    def close(self) -> None: ...

    def _ready(self) -> list[Source]:
        return [source for number, source in self._sources.items() if self.streams[number].readable]


class Bench:
    """A machine's lines without the machine: a fake clock, a listener, consoles and their other ends."""

    def __init__(self, logs: Path) -> None:
        self.clock = FakeClock()
        self.poller = FakePoller(self.clock)
        self.listener = Listener(self.clock, self.poller)
        self.streams: dict[str, FakeStream] = {}
        self.logs = logs

    def console(self, name: str, speaks_for_all: bool = False) -> Console:
        stream = self.streams[name] = FakeStream()
        self.poller.streams[stream.fileno()] = stream
        log = self.logs / f"console-{name}.log"
        return Console(name, stream, self.listener, log, speaks_for_all=speaks_for_all)

    def says(self, name: str, *chunks: bytes, at: float = 0.0) -> None:
        """Plan what comes in on a line, at an instant."""
        for chunk in chunks:
            self.plan(at, lambda chunk=chunk: self.streams[name].push(chunk))  # type: ignore[misc]

    def ends(self, name: str, at: float = 0.0) -> None:
        """Plan the end of a line."""
        self.plan(at, lambda: setattr(self.streams[name], "ended", True))

    def plan(self, at: float, happen: Callable[[], None]) -> None:
        self.poller.plan.append((at, happen))
        self.poller.plan.sort(key=lambda planned: planned[0])

    def within(self, seconds: float) -> Deadline:
        return Deadline(self.clock, seconds)
