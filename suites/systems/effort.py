"""What a piece of work takes a Linux: its processor's time without what it idled away, and interrupts.

Under instruction counting time leaps while all processors sleep, and what a disk or network of the host's
takes is no time of the machine's. So what the rest of a duration means is: instructions, of this Linux and of
whoever acts for it. That is the length of the software path, and not the speed of a device.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from fixtures.partitions import Partition
from suites.systems.linux import shell, upload

SECONDS = 300

LOOK = """
grep -E 'now at|sleeptime' /proc/timer_list
grep -E '^ *([0-9]+|LOC):' /proc/interrupts
"""
"""A clock and how much of it was idle, in nanoseconds; interrupts that were taken, all and the timer's."""


@dataclass(frozen=True)
class Effort:
    """What a piece of work took."""

    busy: float
    """seconds that the processor was not idle"""
    interrupts: int
    timer_interrupts: int
    """those among them of the local APIC's timer"""

    def __sub__(self, other: "Effort") -> "Effort":
        return Effort(
            self.busy - other.busy,
            self.interrupts - other.interrupts,
            self.timer_interrupts - other.timer_interrupts,
        )


def effort(linux: Partition, command: str) -> Effort:
    """Returns what a command takes. What asking takes is measured, too, and taken off."""
    upload(linux, "/tmp/look", LOOK)
    shell(linux, command, SECONDS)  # now all that it needs is in memory
    return _measured(linux, command) - _measured(linux, ":")


def so_far(linux: Partition) -> Effort:
    """Returns what a Linux has spent since it began."""
    return _look(shell(linux, LOOK))


@contextmanager
def at_work(linux: Partition, command: str) -> Iterator[None]:
    """Has a command carried out again and again, so that the processor is never idle while the block runs."""
    upload(linux, "/tmp/again", f"while [ ! -e /tmp/enough ]; do {command}; done; rm /tmp/enough")
    shell(linux, "sh /tmp/again >/dev/null 2>&1 &")
    yield
    shell(linux, "touch /tmp/enough; while [ -e /tmp/enough ]; do usleep 10000; done")


def _measured(linux: Partition, command: str) -> Effort:
    """By one request: counted time goes on while all idle, however slow we are with the next one."""
    looks = shell(linux, f"sh /tmp/look; echo; {{ {command}\n}}; sh /tmp/look", SECONDS)
    began, ended = map(_look, looks.split("\n\n"))
    return ended - began


def _look(said: str) -> Effort:
    (now,) = map(int, re.findall(r"now at (\d+)", said))
    idle = sum(map(int, re.findall(r"sleeptime +: (\d+)", said)))
    taken = {name: _sum(counts) for name, counts in re.findall(r"^ *(\w+):((?: +\d+)+)", said, re.MULTILINE)}
    return Effort((now - idle) / 1e9, sum(taken.values()), taken["LOC"])


def _sum(counts: str) -> int:
    return sum(map(int, counts.split()))
