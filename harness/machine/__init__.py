"""Machines: what can be switched on, listened to and looked into. One kind a file, behind one Protocol.

Here lives how a machine is started, owned and ended. What it boots is packed elsewhere (`harness.image`), and what
its lines say is understood elsewhere (`harness.console`, `harness.probe`).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Protocol

from harness.console import Console
from harness.deadline import Clock, Deadline, SystemClock
from harness.image import Board, PackedImage


class Run(Enum):
    """Whether the machine runs."""

    RUNNING = "running"
    PAUSED = "paused"
    OFF = "off"
    """It switched itself off, or would have reset itself: the machine stands still where it was."""
    GONE = "gone"
    """There is no machine any more: it was closed, or its emulator died."""


@dataclass(frozen=True)
class MachineState:
    """Whether the machine runs, and if not, why not."""

    run: Run
    reason: str = ""
    """such as "guest-shutdown", "guest-reset", "killed by signal 9"; empty while it runs"""


@dataclass(frozen=True)
class MachineEvent:
    """Something that happened to the machine as a whole."""

    name: str
    """QEMU's name of the event: "SHUTDOWN", "RESET", "STOP", "GUEST_PANICKED" …"""
    reason: str = ""


class Machine(Protocol):
    """A machine with its consoles. Made switched off; `close` always, and nothing is left behind."""

    board: Board
    image: PackedImage

    @property
    def consoles(self) -> Mapping[str, Console]:
        """The serial ports, by the board's name of the device."""

    @property
    def capabilities(self) -> frozenset[str]:
        """What this kind of machine can do from outside: "monitor" (events), "nmi", "memory"."""

    @property
    def last_step(self) -> str:
        """The last step that was reached, in words, whoever reached it."""

    @property
    def clock(self) -> Clock:
        """The clock that the deadlines of this machine go by."""

    def power_on(self, deadline: Deadline) -> None:
        """Switch on, once; every byte of every console is kept from the first one on.

        Raises:
          InfraError: the machine did not start, in its own words.
        """

    def close(self) -> None:
        """End the machine and keep all that it said. May be called at any time and again."""

    def state(self) -> MachineState:
        """Return whether the machine runs now."""

    def wait_off(self, deadline: Deadline) -> MachineState:
        """Wait until the machine is off, and return its state: off, or what it is when the deadline has passed.

        For tests that switch the machine off. In every other wait a machine that goes off is a MachineCrash.
        """

    def mark(self) -> int:
        """Return a mark; see `events_since`."""

    def events_since(self, mark: int) -> list[MachineEvent]:
        """Return what happened to the machine after the mark was taken."""

    def inject_nmi(self) -> None:
        """Raise a non-maskable interrupt from outside."""

    def read_memory(self, base: int, size: int) -> bytes:
        """Return bytes of physical memory, without any processor noticing."""


def open_machine(board: Board, image: PackedImage, logs: Path, clock: Clock | None = None) -> Machine:
    """Return the machine of a board with an image in it, switched off.

    Args:
      logs: directory for what the machine says; made if it is not there.
      clock: what deadlines of this machine go by; the host's clock if left out.
    """
    from harness.machine.qemu import QemuMachine

    return QemuMachine(board, image, logs, clock or SystemClock())
