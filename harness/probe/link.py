"""The link to one probe: requests, answers and events over a line that may lose and garble.

The one thing that is ever tried again is the sending of a request, with the same number, so that the probe carries
it out at most once: at once when the probe says that it came damaged, and when patience ends.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from harness.console import Console
from harness.deadline import Clock, Deadline
from harness.errors import HarnessError, MachineCrash, Silence
from harness.probe.record import Record
from harness.probe.transcript import Transcript
from harness.probe.wire import Answer, Argument, Damaged, Event, Noise, decode_line, encode_request

PATIENCE_SECONDS = 2.0
"""How long an answer may take before the request is sent again. Longer than any answer that is not lost takes."""
ANSWER_SECONDS = 10.0
"""How long an answer may take at all, unless the caller says otherwise."""
GARBAGE_LIMIT = 16
"""How many damaged lines, in either direction, one request may cost before the line is called garbage."""

T = TypeVar("T")


@dataclass
class LinkStatistics:
    """What the line did to us. Not part of the transcript: on a real line it differs from run to run."""

    requests: int = 0
    repeated: int = 0
    garbled: int = 0
    """requests that reached the probe damaged"""
    damaged: int = 0
    """answers and events that reached us damaged"""
    stale: int = 0
    """answers to requests that were answered already, or given up"""
    lost_events: int = 0
    noise: int = 0
    """lines that are no frames"""


@dataclass(frozen=True)
class Reply:
    """The answer to a request as it came: `status` is "ok", "fault" or "bad"."""

    status: str
    values: tuple[str, ...]

    def number(self, index: int = 0) -> int:
        """Return a value as a number."""
        return number(self.values[index])

    def numbers(self) -> tuple[int, ...]:
        """Return all values as numbers."""
        return tuple(map(number, self.values))


def number(value: str) -> int:
    """Return the number that a field of a frame is.

    Raises:
      HarnessError: it is none.
    """
    try:
        return int(value, 16)
    except ValueError:
        raise HarnessError(
            f"a probe answered {value!r} where the protocol has a number",
            todo="compare the probe with targets/probe/PROTOCOL.md",
        ) from None


class Pending(Generic[T]):
    """A request that is under way. Made by `Link.send`."""

    def __init__(
        self, link: "Link", sequence: int, text: str, line: bytes, read: Callable[[Reply], T]
    ) -> None:
        self.sequence = sequence
        self.text = text
        """the request in words, for messages"""
        self.line = line
        self.begun = False
        self.reply: Reply | None = None
        self.losses = 0
        self.patience = Deadline(link.clock, PATIENCE_SECONDS)
        self._link = link
        self._read = read

    def wait_begun(self, deadline: Deadline | None = None) -> None:
        """Wait for the event `begun`: the probe has set everything up and is in its loop."""
        self._link.wait(lambda: self.begun or self.reply is not None, f"begin `{self.text}`", deadline)

    def result(self, deadline: Deadline | None = None) -> T:
        """Wait for the answer and return it.

        Raises:
          Silence: no answer came in time.
          MachineCrash: the partition has restarted, or the probe or the machine died.
          HarnessError: the probe says that the request makes no sense.
        """
        self._link.wait(lambda: self.reply is not None, f"answer `{self.text}`", deadline)
        assert self.reply is not None
        return self._read(self.reply)


class Link:
    """Sends one request at a time and takes what comes back.

    Args:
      name: what the probe is called in messages, such as its partition's name.
    """

    def __init__(self, console: Console, clock: Clock, name: str, transcript: Transcript) -> None:
        self.console = console
        self.clock = clock
        self.name = name
        self.statistics = LinkStatistics()
        self.hello_expected = False
        self.hello: Event | None = None
        """a `hello` that was expected and not yet taken"""
        self.survived: Event | None = None
        """a `survived` that was not yet taken"""
        self._transcript = transcript
        self._next_sequence = 0
        self._next_event = 0
        self._pending: Pending[object] | None = None
        self._given_up: set[int] = set()
        """numbers to which an answer may still come that nobody waits for"""

    def send(self, verb: str, arguments: tuple[Argument, ...], read: Callable[[Reply], T]) -> Pending[T]:
        """Send a request; `read` makes its result of the reply."""
        raise NotImplementedError

    def give_up(self) -> None:
        """Stop waiting for the answer to the request that is under way."""
        raise NotImplementedError

    def wait(self, done: Callable[[], bool], doing: str, deadline: Deadline | None = None) -> None:
        """Take frames until `done`. Says in its errors that the probe did not `doing`."""
        raise NotImplementedError
