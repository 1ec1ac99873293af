"""Does the serial console of a Linux carry streams whole, in both directions? Paper §3.1(1), (2)."""

import hashlib

import pytest

from fixtures.partitions import Partition
from harness.machine import Machine
from suites.systems.linux import shell

pytestmark = [pytest.mark.process, pytest.mark.smoke]

FRAME_BYTES = 200
FRAMES = 100
LINES = 4000


@pytest.mark.requirement("OS-05")
def test_does_every_byte_that_it_is_sent_come_back(subject: Partition) -> None:
    before = _lost(subject)
    stream = b"".join(hashlib.sha256(bytes([number])).digest() for number in range(FRAME_BYTES // 32 + 1))

    for frame in range(FRAMES):
        sent = bytes(byte ^ frame for byte in stream[:FRAME_BYTES])
        assert subject.echo(sent) == sent

    subject.echo(b"all before is answered")
    assert _lost(subject) == before


@pytest.mark.requirement("OS-05")
def test_is_a_long_stream_whole(machine: Machine, subject: Partition) -> None:
    line = f"/dev/ttyS{_number(subject)}"
    told = shell(subject, f"seq {LINES} | sha256sum").split()[0]
    expected = "".join(f"{number}\n" for number in range(1, LINES + 1)).encode()
    console = machine.consoles[subject.spec.serial].log
    before = console.stat().st_size

    shell(subject, f"seq {LINES} >{line}")

    assert told == hashlib.sha256(expected).hexdigest()
    assert expected in console.read_bytes()[before:]


def _lost(linux: Partition) -> tuple[int, int, int]:
    """Requests and answers that were damaged, and what was lost. What a busy host is late with is asked
    for twice, and answered twice.
    """
    line = linux.statistics
    return line.garbled, line.damaged, line.repeated - line.stale


def _number(linux: Partition) -> str:
    """Which of the kernel's serial ports the probe speaks on."""
    return shell(linux, "cat /sys/class/tty/console/active").split()[-1].removeprefix("ttyS")
