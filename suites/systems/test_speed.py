"""Is an unmodified Linux as fast in a partition as on the bare machine? Paper §3.1(3).

Measured by the Linux's own clock, on a board that counts instructions, where all processors share one count:
so the neighbour is stopped, and what is measured is the partition alone.
"""

import re
from collections.abc import Iterator, Mapping

import pytest

from fixtures.evidence import Measure
from fixtures.operator import Operator
from fixtures.partitions import Partition
from harness.image import Board
from suites.systems.linux import shell, started_at
from suites.systems.twin import LinuxTwin

pytestmark = pytest.mark.process

MOST = 1.02
"""What a partition's time may be, of the bare machine's."""
MIX = {
    "compute": "dd if=/dev/zero bs=64k count=64 2>/dev/null | sha256sum >/dev/null",
    "compress": "dd if=/dev/zero bs=64k count=64 2>/dev/null | gzip -c >/dev/null",
    "pipe": "yes | head -n 200000 | wc -l >/dev/null",
    "fork": "n=0; while [ $n -lt 100 ]; do (:); n=$((n + 1)); done",
    "exec": "n=0; while [ $n -lt 50 ]; do /bin/true; n=$((n + 1)); done",
}


@pytest.fixture
def alone(
    board: Board, subject: Partition, partitions: Mapping[str, Partition], operator: Operator
) -> Iterator[Partition]:
    """The subject, started again while nobody else runs. Afterwards all run."""
    if board.qemu.timing != "counted":
        pytest.skip(f"{board.name} does not count instructions")
    for name in partitions:
        operator.stop(name)
    operator.start(subject.name)
    subject.boot()
    yield subject
    others = [partition for name, partition in partitions.items() if name != subject.name]
    for other in others:
        operator.start(other.name)
        other.boot()


@pytest.mark.requirement("PERF-05", "PERF-06")
def test_is_it_as_fast_as_on_the_bare_machine(
    alone: Partition, bare_linux: LinuxTwin, measure: Measure
) -> None:
    times = {"boot": (started_at(alone), bare_linux.ask(started_at))}
    times |= {
        name: (seconds(alone, command), bare_linux.ask(seconds, command)) for name, command in MIX.items()
    }

    for name, (here, there) in times.items():
        measure(f"speed.{name}", here, "s", alone.name)
        measure(f"speed.{name}", there, "s", "bare")
        measure(f"speed.{name}.ratio", here / there, "of the bare machine's time", alone.name)
    assert all(here <= MOST * there for here, there in times.values()), times


def seconds(linux: Partition, command: str) -> float:
    """Returns how long a command takes. What asking takes is measured, too, and taken off."""
    shell(linux, command)  # now all that it needs is in memory
    empty = _seconds(linux, ":")
    return _seconds(linux, command) - empty


def _seconds(linux: Partition, command: str) -> float:
    """By one request: counted time goes on while all idle, however slow we are with the next one."""
    look = "grep '^now at' /proc/timer_list"
    began, ended = re.findall(r"now at (\d+)", shell(linux, f"{look}; {{ {command}\n}}; {look}", 120))
    return (int(ended) - int(began)) / 1e9
