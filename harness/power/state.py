"""What can be known of a machine from outside, whatever kind it is."""

from dataclasses import dataclass
from enum import Enum


class Run(Enum):
    """Whether a machine runs."""

    RUNNING = "running"
    PAUSED = "paused"
    OFF = "off"
    """It switched itself off, or would have reset itself: it stands still where it was."""
    GONE = "gone"
    """There is no machine: not switched on yet, closed, or its emulator has died."""


@dataclass(frozen=True)
class MachineState:
    """Whether a machine runs, and if not, why not."""

    run: Run
    reason: str = ""
    """such as "guest-shutdown", "guest-reset", "killed by signal 9"; empty while it runs"""


MACHINE_EVENTS = frozenset(
    (
        "SHUTDOWN",
        "POWERDOWN",
        "RESET",
        "SUSPEND",
        "SUSPEND_DISK",
        "WAKEUP",
        "GUEST_PANICKED",
    )
)
"""Events of QEMU's monitor that are about the machine as a whole. Others are about a device of somebody's.
STOP and RESUME say nothing new: only we let it go on, so what stopped by itself stays so, in its state."""


@dataclass(frozen=True)
class MachineEvent:
    """Something that happened to a machine as a whole."""

    name: str
    """as QEMU's monitor calls it: "SHUTDOWN", "RESET", "GUEST_PANICKED" …"""
    reason: str = ""

    @property
    def deadly(self) -> bool:
        """Whether the machine stands still from here on, by its own doing."""
        return self.name in ("SHUTDOWN", "GUEST_PANICKED")
