"""The link to one probe: requests, answers and events over a line that may lose and garble.

The one thing that is ever tried again is the sending of a request, with the same number, so that the probe
carries it out at most once: at once when the probe says that it came damaged, and when patience ends.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from harness.console import Console
from harness.deadline import Clock, Deadline
from harness.errors import HarnessError, MachineCrash, Silence
from harness.probe.answer import Reply, record
from harness.probe.transcript import Transcript
from harness.probe.wire import Answer, Argument, Damaged, Event, decode_line, encode_request

PATIENCE_SECONDS = 4.0
"""How long an answer may take before the request is sent again; longer than one that is not lost takes, also
on a host with more to do than it can."""
LOOP_PATIENCE_SECONDS = 30.0
"""The same for a request whose loop has begun: another line could end the loop, or wait behind it."""
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


class Pending(Generic[T]):
    """A request that is under way. Made by `Link.send`."""

    def __init__(self, link: "Link", text: str, line: bytes, read: Callable[[Reply], T]) -> None:
        self.text = text
        """the request in words, for messages"""
        self.line = line
        self.begun = False
        self.reply: Reply | None = None
        self.ends_by_line = False
        """whether it goes on until the probe gets another line"""
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
        if self.ends_by_line and self.reply is None:
            self._link.send_nothing()
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
        self._sequence = 0
        self._event_sequence = 0
        self._pending: Pending[Any] | None = None
        self._late: set[int] = set()
        """numbers of requests that may be answered once more than anybody waits for"""

    def send(self, verb: str, arguments: Sequence[Argument], read: Callable[[Reply], T]) -> Pending[T]:
        """Send a request; `read` makes its result of the reply.

        Raises:
          HarnessError: another request is under way, or this one does not fit into a frame.
        """
        if self._pending is not None:
            raise HarnessError(
                f"probe {self.name} was asked `{verb}` while `{self._pending.text}` is under way",
                todo="take the result of the first request before the second one is made",
            )
        line = encode_request(self._sequence, verb, arguments)
        sign_and_number, *fields = line.decode().split()[:-1]
        pending = Pending(self, " ".join(fields), line, read)
        self._pending = pending
        self._transcript.add(f"{sign_and_number} {pending.text}")
        self.statistics.requests += 1
        self.console.write(line)
        return pending

    def send_nothing(self) -> None:
        """Send an empty line, which a probe ignores, but for a loop that ends with the next line."""
        self.console.write(b"\n")
        self._renew_patience(PATIENCE_SECONDS)

    def give_up(self) -> None:
        """Stop waiting for the answer to the request that is under way."""
        if self._pending is not None:
            self._late.add(self._sequence)
            self._finish()

    def wait(self, done: Callable[[], bool], doing: str, deadline: Deadline | None = None) -> None:
        """Take frames until `done`. Errors say that the probe did not `doing`.

        Raises:
          Silence, MachineCrash, InfraError: see `Pending.result`.
        """
        deadline = deadline or Deadline(self.clock, ANSWER_SECONDS)
        while not done():
            try:
                self._take(self.console.readline(self._patience(deadline)))
            except Silence as error:
                if deadline.expired:
                    raise self._silence(doing, deadline) from error
                self._repeat()

    def reply(self, fields: Sequence[str], question: str) -> Reply:
        """Return a reply of a status and its values, with who was asked what."""
        status, *values = fields
        return Reply(status, tuple(values), f"probe {self.name}, asked {question},")

    def crashed(self, what: str, why: str = "") -> MachineCrash:
        """Return the error for a probe, and so a partition, that has died."""
        error = MachineCrash(f"probe {self.name} {what}", why=why, todo=f"look at {self.console.log}")
        error.last_step = self.console.listener.last_step
        return error

    def close(self) -> None:
        """Close the transcript."""
        self._transcript.close()

    def _patience(self, deadline: Deadline) -> Deadline:
        """Return until when to wait for the next line before the request is sent again."""
        return deadline.child(self._pending.patience.remaining()) if self._pending else deadline

    def _silence(self, doing: str, deadline: Deadline) -> Silence:
        error = self.console.silence(deadline, "an answer")
        error.what = f"silence: probe {self.name} did not {doing} within {deadline.seconds:g} s"
        return error

    def _repeat(self) -> None:
        if self._pending is not None:
            self.statistics.repeated += 1
            self._late.add(self._sequence)
            self._renew_patience(PATIENCE_SECONDS)
            self.console.write(self._pending.line)

    def _renew_patience(self, seconds: float) -> None:
        if self._pending is not None:
            self._pending.patience = Deadline(self.clock, seconds)

    def _take(self, line: str) -> None:
        frame = decode_line(line)
        if isinstance(frame, Answer):
            self._take_answer(frame)
        elif isinstance(frame, Event):
            self._take_event(frame)
        elif isinstance(frame, Damaged):
            self.statistics.damaged += 1
            self._count_loss(line)
        elif line:
            self.statistics.noise += 1

    def _take_answer(self, answer: Answer) -> None:
        if self._pending is not None and answer.sequence == self._sequence:
            self._transcript.add(f"<{answer.sequence:02x} {' '.join((answer.status, *answer.values))}")
            self.console.listener.reached(f"probe {self.name} answered `{self._pending.text}`")
            self._pending.reply = self.reply((answer.status, *answer.values), f"`{self._pending.text}`")
            self._finish()
        elif answer.sequence in self._late:
            self.statistics.stale += 1
        else:
            raise self.crashed(
                f"sent garbage: an answer with the number {answer.sequence:02x}, which nobody asked for"
            )

    def _take_event(self, event: Event) -> None:
        self._count_events(event)
        if event.name == "garbled":
            self.statistics.garbled += 1
            self._count_loss("")
            self._repeat()
            return
        self._transcript.add(f"!{event.sequence:02x} {' '.join((event.name, *event.values))}")
        self.console.listener.reached(f"probe {self.name} said `{event.name}`")
        match event.name:
            case "hello":
                self._take_hello(event)
            case "begun" if self._pending is not None:
                self._pending.begun = True
                self._renew_patience(LOOP_PATIENCE_SECONDS)
            case "survived":
                self.survived = event
                self.hello_expected = False
            case "lost":
                met = self.reply(("ok", *event.values), "`lost`").read(record)
                raise self.crashed(f"is lost: it met exception {met.vector} at {met.rip:#x}", why=str(met))

    def _take_hello(self, event: Event) -> None:
        if not self.hello_expected:
            self.give_up()
            raise self.crashed("said `hello` again: its partition has restarted, and nobody asked for that")
        self.hello = event

    def _count_events(self, event: Event) -> None:
        """Notice lost events by their numbers, which begin anew with each `hello`."""
        if event.name != "hello":
            self.statistics.lost_events += (event.sequence - self._event_sequence) & 0xFF
        self._event_sequence = event.sequence + 1

    def _count_loss(self, line: str) -> None:
        if self._pending is None:
            return
        self._pending.losses += 1
        if self._pending.losses >= GARBAGE_LIMIT:
            raise self.crashed(
                f"is not understood: `{self._pending.text}` cost {GARBAGE_LIMIT} damaged lines",
                why=f"the last one that we got was {line!r}",
            )

    def _finish(self) -> None:
        self._pending = None
        self._sequence = (self._sequence + 1) & 0xFF
