"""The Protocol of all machines."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from harness.console import Console
from harness.deadline import Clock, Deadline
from harness.image import Board, PackedImage
from harness.power import MachineEvent, MachineState


class Machine(Protocol):
    """A machine with its consoles. Made switched off; `close` always, and nothing is left behind."""

    @property
    def board(self) -> Board: ...

    @property
    def image(self) -> PackedImage: ...

    @property
    def clock(self) -> Clock:
        """The clock that the deadlines of this machine go by."""

    @property
    def consoles(self) -> Mapping[str, Console]:
        """The serial ports by the board's names, once it is switched on."""

    @property
    def capabilities(self) -> frozenset[str]:
        """What this kind of machine can do from outside: "monitor" (events), "nmi", "memory", "date"."""

    @property
    def last_step(self) -> str:
        """The last step that was reached, whoever reached it, in words."""

    @property
    def provenance(self) -> Mapping[str, str]:
        """What a reader of the results needs to repeat this: emulator, its version, its command line."""

    def power_on(self, deadline: Deadline) -> None:
        """Switch on, once. Every byte of every console is kept, from the first one on.

        Raises:
          InfraError: the machine did not start; with its own words.
        """

    def close(self) -> None:
        """End the machine, and keep all that it said. May be called at any time, and again."""

    def check(self) -> None:
        """Raise what killed the machine as a whole, if anything did up to now."""

    def state(self) -> MachineState:
        """Return whether the machine runs now."""

    def wait_off(self, deadline: Deadline) -> MachineState:
        """Wait until the machine is off. Return its state: off, or what it is when the deadline has passed.

        For tests that switch the machine off. In all other waits a machine that goes off is a MachineCrash.
        """

    def mark(self) -> int:
        """Return a mark; see `events_since`."""

    def events_since(self, mark: int) -> list[MachineEvent]:
        """Return what happened to the machine after the mark was taken."""

    def inject_nmi(self) -> None:
        """Raise a non-maskable interrupt from outside."""

    def read_memory(self, base: int, size: int) -> bytes:
        """Return bytes of physical memory. No processor notices."""

    def date(self) -> datetime:
        """Return what the real-time clock shows, whoever owns it. No processor notices."""

    def rest(self) -> None:
        """Have all processors and clocks stand still until `go_on`, where this kind of machine can.

        For machines that nobody asks: an operating system with nothing to do keeps its emulator busy all the
        same, because time that is counted leaps from tick to tick.
        """

    def go_on(self) -> None:
        """Have them go on. Nobody on the machine notices that time stood still."""

    def short_turns(self) -> AbstractContextManager[None]:
        """Keep processors that are really carried out by turns from waiting for each other, while it is open.

        Time then goes on even while all of them sleep. Where they do run side by side it changes nothing.
        """
