"""The probe as Python sees it: one typed method a verb of the protocol, with the same name."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from harness.console import Console
from harness.deadline import Clock, Deadline
from harness.errors import Silence
from harness.probe import answer
from harness.probe.answer import Reply, only, or_fault
from harness.probe.link import Link, LinkStatistics, Pending
from harness.probe.record import (
    Cost,
    Cpuid,
    Fault,
    Hello,
    Lag,
    MemoryRange,
    Ran,
    Record,
    Regs,
    Seen,
    Stray,
    Verified,
    Watch,
)
from harness.probe.transcript import Transcript
from harness.probe.wire import Argument

T = TypeVar("T")

LOOP_SECONDS = 60.0
"""How long a request that loops may take, unless the caller says otherwise."""


class Probe:
    """A probe on a console.

    A method that can return `Fault` does so when the machine raised an exception. In every other method an
    exception is no answer but misbehaviour of the system under test (`Misbehaved`). What the probe calls
    `bad` is our mistake: HarnessError. All of them raise what `Pending.result` raises.

    Args:
      console: the line that it speaks on.
      clock: what patience and default deadlines go by.
      name: its partition's name, or "bare".
      logs: directory for the transcript, `probe-<name>.txt`; the console's own if left out.
    """

    def __init__(self, console: Console, clock: Clock, name: str, logs: Path | None = None) -> None:
        self.name = name
        self.transcript = (logs or console.log.parent) / f"probe-{name}.txt"
        self._clock = clock
        self._link = Link(console, clock, name, Transcript(self.transcript))

    @property
    def statistics(self) -> LinkStatistics:
        """What the line did so far."""
        return self._link.statistics

    def wait_hello(self, deadline: Deadline) -> Hello:
        """Wait until the probe says that it has started: after power on, or after a restart that was wanted.

        Anywhere else a `hello` means that the partition has restarted, and is a MachineCrash.
        """
        link = self._link
        link.hello_expected = True
        link.wait(lambda: link.hello is not None, "say `hello`", deadline)
        assert link.hello is not None
        values, link.hello, link.hello_expected = link.hello.values, None, False
        return link.reply(("ok", *values), "for its `hello`").read(answer.hello)

    def ask(self, verb: str, *arguments: Argument, deadline: Deadline | None = None) -> Reply:
        """Send a request and return its answer as it came, be it `ok`, `fault` or `bad`."""
        return self._ask(answer.raw, verb, *arguments, deadline=deadline)

    def begin(self, verb: str, *arguments: Argument) -> Pending[Reply]:
        """Send a request and return at once; one may be under way at a time."""
        return self._link.send(verb, arguments, answer.raw)

    def stop(self) -> None:
        """Send a line that asks nothing: it ends a `watch`."""
        self._link.send_nothing()

    def last(self, verb: str, *arguments: Argument) -> None:
        """Have the probe do something that it may not come back from. From then on `hello` is no surprise."""
        self._ask(only(answer.nothing), "last", verb, *arguments)
        self._link.hello_expected = True
        self._link.survived = None

    def wait_survived(self, deadline: Deadline) -> Reply:
        """Wait for the event that the last `last` came back, and return what it would have answered."""
        link = self._link
        link.wait(lambda: link.survived is not None, "come back from `last`", deadline)
        assert link.survived is not None
        values, link.survived = link.survived.values, None
        return link.reply(values, "`last`")

    def silent(self, wait: float | Deadline) -> bool:
        """Ask `hello`, and return whether no answer, and no sign of a restart, came in that time."""
        deadline = wait if isinstance(wait, Deadline) else Deadline(self._clock, wait)
        link = self._link
        link.give_up()
        asked = link.send("hello", (), answer.raw)
        try:
            link.wait(lambda: asked.reply is not None or link.hello is not None, "answer `hello`", deadline)
        except Silence:
            return True
        finally:
            link.give_up()
        return False

    def close(self) -> None:
        """Close the transcript."""
        self._link.close()

    # The probe itself.

    def hello(self) -> Hello:
        return self._ask(only(answer.hello), "hello")

    def echo(self, data: bytes) -> bytes:
        return self._ask(only(answer.octets), "echo", data)

    def say(self, data: bytes) -> None:
        return self._ask(only(answer.nothing), "say", data)

    # Memory.

    def load(self, width: int, address: int) -> int | Fault:
        return self._ask(or_fault(answer.number), "load", width, address)

    def store(self, width: int, address: int, value: int) -> Fault | None:
        return self._ask(or_fault(answer.nothing), "store", width, address, value)

    def fetch(self, address: int) -> int | Fault:
        return self._ask(or_fault(answer.number), "fetch", address)

    def peek(self, address: int, size: int) -> bytes | Fault:
        return self._ask(or_fault(answer.octets), "peek", address, size)

    def poke(self, address: int, data: bytes) -> Fault | None:
        return self._ask(or_fault(answer.nothing), "poke", address, data)

    def fill(self, address: int, size: int, seed: int, step: int = 8) -> Fault | None:
        return self._loop(or_fault(answer.nothing), "fill", address, size, seed, step)

    def verify(self, address: int, size: int, seed: int, step: int = 8) -> Verified | Fault:
        return self._loop(or_fault(answer.numbers(Verified)), "verify", address, size, seed, step)

    def map(self, address: int, gpa: int, page: int, flags: int) -> None:
        return self._ask(only(answer.nothing), "map", address, gpa, page, flags)

    def e820(self) -> list[MemoryRange]:
        return self._ask(only(answer.memory_map), "e820")

    # Processor.

    def in_(self, width: int, port: int) -> int | Fault:
        return self._ask(or_fault(answer.number), "in", width, port)

    def out(self, width: int, port: int, value: int) -> Fault | None:
        return self._ask(or_fault(answer.nothing), "out", width, port, value)

    def ins(self, width: int, port: int, count: int) -> bytes | Fault:
        return self._ask(or_fault(answer.octets), "ins", width, port, count)

    def outs(self, width: int, port: int, data: bytes) -> Fault | None:
        return self._ask(or_fault(answer.nothing), "outs", width, port, data)

    def rdmsr(self, msr: int) -> int | Fault:
        return self._ask(or_fault(answer.number), "rdmsr", msr)

    def wrmsr(self, msr: int, value: int) -> Fault | None:
        return self._ask(or_fault(answer.nothing), "wrmsr", msr, value)

    def cpuid(self, leaf: int, subleaf: int = 0) -> Cpuid:
        return self._ask(only(answer.numbers(Cpuid)), "cpuid", leaf, subleaf)

    def regs(self) -> Regs:
        return self._ask(only(answer.numbers(Regs)), "regs")

    def setcr(self, register: int, value: int) -> Fault | None:
        return self._ask(or_fault(answer.nothing), "setcr", register, value)

    def dr(self, register: int) -> int:
        return self._ask(only(answer.number), "dr", register)

    def setdr(self, register: int, value: int) -> None:
        return self._ask(only(answer.nothing), "setdr", register, value)

    # Exceptions and interrupts.

    def raise_(self, name: str, ring: int) -> Record:
        return self._ask(only(answer.record), "raise", name, ring)

    def nested(self, first: str, second: str) -> tuple[Record, Record]:
        """Raise the second exception inside the handler of the first."""
        return self._ask(only(answer.two_records), "nested", first, second)

    def claim(self, gsi: int, vector: int, flags: int = 0) -> int:
        """Return the redirection entry as it reads back; flags: bit 0 level-triggered, bit 1 active low."""
        return self._ask(only(answer.number), "claim", gsi, vector, flags)

    def settle(self, vector: int, enough: int, address: int, value: int) -> None:
        """Have the handler of a vector write 4 bytes to its device, from so many arrivals on."""
        return self._ask(only(answer.nothing), "settle", vector, enough, address, value)

    def mask(self, gsi: int) -> int:
        return self._ask(only(answer.number), "mask", gsi)

    def unmask(self, gsi: int) -> int:
        return self._ask(only(answer.number), "unmask", gsi)

    def timer(self, source: str, vector: int, period: int) -> None:
        """Start a timer: "lapic", "pit" or "rtc"; the last two still want a `claim`. Period 0 stops it."""
        return self._ask(only(answer.nothing), "timer", source, vector, period)

    def await_(self, vector: int, count: int, ticks: int, deadline: Deadline | None = None) -> int:
        """Wait until a vector arrived `count` times, or `ticks` passed; return how often it did."""
        return self._loop(only(answer.number), "await", vector, count, ticks, deadline=deadline)

    def watch(self, period: int, ticks: int) -> Pending[Watch]:
        """Begin a heartbeat of at least so many ticks; it goes on until its result is taken, or `stop`."""
        heartbeat = self._link.send("watch", (period, ticks), only(answer.numbers(Watch)))
        heartbeat.ends_by_line = True
        return heartbeat

    def ipi(self, high: int, low: int) -> int:
        """Write the interrupt command register, and return its low word once it is idle."""
        return self._ask(only(answer.number), "ipi", high, low)

    def seen(self, vector: int) -> Seen:
        return self._ask(only(answer.counted_record(Seen)), "seen", vector)

    def stray(self) -> Stray:
        return self._ask(only(answer.numbers(Stray)), "stray")

    def forget(self) -> None:
        return self._ask(only(answer.nothing), "forget")

    def lapic(self, register: int) -> int:
        return self._ask(only(answer.number), "lapic", register)

    def lapic_set(self, register: int, value: int) -> None:
        return self._ask(only(answer.nothing), "lapic-set", register, value)

    def ioapic(self, index: int) -> int:
        return self._ask(only(answer.number), "ioapic", index)

    def ioapic_set(self, index: int, value: int) -> None:
        return self._ask(only(answer.nothing), "ioapic-set", index, value)

    # Time and cost.

    def spin(self, ticks: int, deadline: Deadline | None = None) -> None:
        return self._loop(only(answer.nothing), "spin", ticks, deadline=deadline)

    def doze(self, counts: int, deadline: Deadline | None = None) -> None:
        """Sleep until the local APIC's timer has counted so far."""
        return self._loop(only(answer.nothing), "doze", counts, deadline=deadline)

    def storm(self, kind: str, runs: int, deadline: Deadline | None = None) -> int:
        """Run a native loop to its end. To storm while others are asked, `begin("storm", …)`."""
        return self._loop(only(answer.number), "storm", kind, runs, deadline=deadline)

    def cost(self, kind: str, runs: int, argument: int = 0, deadline: Deadline | None = None) -> Cost:
        read = only(answer.cost_of(runs))
        return self._loop(read, "cost", kind, runs, argument, deadline=deadline)

    def lag(self, times: int, period: int, deadline: Deadline | None = None) -> Lag:
        """Find how late the interrupts of its timer come, from one to two periods after it was started."""
        return self._loop(only(answer.numbers(Lag)), "lag", times, period, deadline=deadline)

    def sum(self, kind: str, steps: int, deadline: Deadline | None = None) -> int:
        """Sum in all registers of a kind. To sum while others are asked, `begin("sum", …)`."""
        return self._loop(only(answer.number), "sum", kind, steps, deadline=deadline)

    # As a process under an operating system.

    def run(self, seconds: int, command: str, deadline: Deadline | None = None) -> Ran:
        """Have the shell carry out a command for at most so many of the machine's own seconds.

        What it leaves running in the background goes on, and should not print to where the command does.
        """
        return self._loop(only(answer.ran), "run", seconds, command.encode(), deadline=deadline)

    def _ask(
        self, read: Callable[[Reply], T], verb: str, *arguments: Argument, deadline: Deadline | None = None
    ) -> T:
        pending = self._link.send(verb, arguments, read)
        try:
            return pending.result(deadline)
        finally:
            self._link.give_up()

    def _loop(
        self, read: Callable[[Reply], T], verb: str, *arguments: Argument, deadline: Deadline | None = None
    ) -> T:
        deadline = deadline or Deadline(self._clock, LOOP_SECONDS)
        return self._ask(read, verb, *arguments, deadline=deadline)
