"""What a piece of work takes a Linux: its processor's time without what was left over, and interrupts.

A task that takes what nobody else wants counts how much that is (targets/soak): all the rest of the time
the processor was busy, with this Linux or whoever is below it. Under instruction counting time is a number of
instructions, while a disk or a wire of the host's takes as long as the host wants: so what is measured is the
length of the software's path, and not the speed of a device.
"""

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median

from fixtures.partitions import Partition
from suites.systems.linux import shell, upload

SECONDS = 300
CALIBRATION_MICROSECONDS = 100_000
ROUNDS = 3
"""How often work is done; the middle one counts. A single request takes up to a quarter more by chance: who
just slept when a disk or a wire of the host's answered."""
LEVEL = """
dd if=/dev/zero of=/tmp/level bs=1M count=16 2>/dev/null
cp /tmp/level /tmp/copy
rm /tmp/level /tmp/copy
sync
echo 3 >/proc/sys/vm/drop_caches
echo 1 >/proc/sys/vm/compact_memory
"""
"""Memory as on a system that has been at work. Which pages a large buffer gets, and whether they lie side by
side, makes a request to a disk up to a third cheaper, and just after a start is chance."""
FEATURES = "/sys/kernel/debug/sched/features"
PUSHING_IN = f"""
[ -e {FEATURES} ] || mount -t debugfs none /sys/kernel/debug 2>/dev/null
grep -o -w -E '(NO_)?WAKEUP_PREEMPTION' {FEATURES} 2>/dev/null || true
"""
NOBODY_PUSHES_IN = "NO_WAKEUP_PREEMPTION"
"""Who is woken waits until the one who woke it waits. Whether it goes first otherwise depends on what both
have done before, and makes a switch between two tasks a seventh dearer. Only the task that takes what is left
is always pushed aside."""
Works = tuple[tuple[str, str], ...]
"""Pieces of work: what each is called, and its command."""

LOOK = """
grep 'now at' /proc/timer_list
echo soaked $(od -A n -t u8 /tmp/soaked 2>/dev/null)
grep -E '^ *([0-9]+|LOC):' /proc/interrupts
"""
"""A clock in nanoseconds; turns of the task that takes what is left; interrupts, all and the timer's."""


@dataclass(frozen=True)
class Effort:
    """What a piece of work took."""

    elapsed: float
    """seconds"""
    soaked: float
    """turns of the task that takes what is left"""
    interrupts: int
    timer_interrupts: int
    """those among them of the local APIC's timer"""

    def __sub__(self, other: "Effort") -> "Effort":
        return Effort(
            self.elapsed - other.elapsed,
            self.soaked - other.soaked,
            self.interrupts - other.interrupts,
            self.timer_interrupts - other.timer_interrupts,
        )

    def busy(self, turns_per_second: float) -> float:
        """Seconds that were not left over."""
        return self.elapsed - self.soaked / turns_per_second


def busy(linux: Partition, works: Works) -> dict[str, float]:
    """Returns the seconds that each command keeps the processor busy. What asking takes is taken off."""
    shell(linux, LEVEL, SECONDS)
    with _soaking(linux):
        for _, command in works:
            shell(linux, command, SECONDS)  # now all that it needs is in memory
        idle = _measured(linux, f"usleep {CALIBRATION_MICROSECONDS}") - _measured(linux, ":")
        rate = idle.soaked / idle.elapsed
        nothing = _usually_busy(linux, ":", rate)
        return {work: _usually_busy(linux, command, rate) - nothing for work, command in works}


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


@contextmanager
def _soaking(linux: Partition) -> Iterator[None]:
    """Has the task run that takes what is left. Counted time does not leap then: nobody sleeps."""
    upload(linux, "/tmp/look", LOOK)
    with _nobody_pushes_in(linux):
        shell(linux, "soak /tmp/soaked & echo $! >/tmp/soak.pid")
        yield
        shell(linux, "kill $(cat /tmp/soak.pid)")


@contextmanager
def _nobody_pushes_in(linux: Partition) -> Iterator[None]:
    """Afterwards it is as it was. A kernel that cannot be told is measured as it is, which is said."""
    before = shell(linux, PUSHING_IN).strip()
    if not before:
        warnings.warn(f"{linux} has no {FEATURES}: a switch may cost a seventh more", stacklevel=2)
        yield
        return
    shell(linux, f"echo {NOBODY_PUSHES_IN} >{FEATURES}")
    yield
    shell(linux, f"echo {before} >{FEATURES}")


def _usually_busy(linux: Partition, command: str, rate: float) -> float:
    return median(_measured(linux, command).busy(rate) for _ in range(ROUNDS))


def _measured(linux: Partition, command: str) -> Effort:
    """By one request, because time goes on until the next one."""
    looks = shell(linux, f"sh /tmp/look; echo; {{ {command}\n}}; sh /tmp/look", SECONDS)
    began, ended = map(_look, looks.split("\n\n"))
    return ended - began


def _look(said: str) -> Effort:
    (now,) = map(int, re.findall(r"now at (\d+)", said))
    (soaked,) = re.findall(r"soaked *(\d*)", said)  # none, as long as nobody soaks
    taken = {name: _sum(counts) for name, counts in re.findall(r"^ *(\w+):((?: +\d+)+)", said, re.MULTILINE)}
    return Effort(now / 1e9, int(soaked or 0), sum(taken.values()), taken["LOC"])


def _sum(counts: str) -> int:
    return sum(map(int, counts.split()))
