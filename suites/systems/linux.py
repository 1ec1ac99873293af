"""What a Linux is told to do, and what it reports of itself and its machine, as it reads to its own root."""

import re
from dataclasses import dataclass

from fixtures.partitions import Partition
from harness.machine import Machine
from suites.endings import SILENCE_SECONDS

CHUNK_BYTES = 1024
"""How much of a command's output one answer of the probe holds."""
ERROR = 3
"""The kernel's level of errors; smaller ones are worse (syslog(2))."""
SECONDS = 30
LAST_WORDS = "reboot: Power down"
"""What a kernel says before it switches off (kernel/reboot.c): an emergency, which no console leaves out."""


def shell(linux: Partition, command: str, seconds: int = SECONDS) -> str:
    """Returns all that a command prints, however much that is. It has to succeed."""
    size = int(_run(linux, f"{{ {command}\n}} >/tmp/said && wc -c </tmp/said", seconds))
    parts = (
        _run(linux, f"dd if=/tmp/said bs={CHUNK_BYTES} count=1 skip={part} 2>/dev/null", seconds)
        for part in range((size + CHUNK_BYTES - 1) // CHUNK_BYTES)
    )
    return "".join(parts)


def upload(linux: Partition, path: str, script: str) -> None:
    """Puts a script into a file, line by line: it may be longer than a request of the probe's protocol."""
    _run(linux, f": >{path}", SECONDS)
    for line in script.strip().splitlines():
        _run(linux, f"cat >>{path} <<'END'\n{line}\nEND\n", SECONDS)


def switch_off(machine: Machine, linux: Partition) -> None:
    """Has a Linux switch itself off, and sees that it did."""
    linux.last("run", 5, b"poweroff -f")
    machine.consoles[linux.spec.serial].expect(LAST_WORDS, linux.within(SECONDS))
    assert linux.silent(SILENCE_SECONDS)


def _run(linux: Partition, command: str, seconds: int) -> str:
    ran = linux.run(seconds, command, linux.within(4 * seconds))
    assert ran.status == 0, f"{linux.name}: `{command}` ended with {ran.status:#x}, and said {ran.text!r}"
    return ran.text


@dataclass(frozen=True)
class Claim:
    """A line of /proc/iomem or /proc/ioports: who has claimed which addresses."""

    first: int
    last: int
    owner: str


def claims(linux: Partition, file: str) -> list[Claim]:
    """Returns the lines of /proc/iomem or /proc/ioports, nested ones too."""
    lines = (
        re.match(r"\s*([0-9a-f]+)-([0-9a-f]+) : (.*)", line)
        for line in shell(linux, f"cat {file}").splitlines()
    )
    return [Claim(int(line[1], 16), int(line[2], 16), line[3]) for line in lines if line]


def interrupts(linux: Partition) -> dict[int, str]:
    """Returns who has asked for which line of the I/O APIC, by GSI."""
    lines = (
        re.match(r"\s*(\d+):\s.*IO-APIC.*?([^\s]+)$", line)
        for line in shell(linux, "cat /proc/interrupts").splitlines()
    )
    return {int(line[1]): line[2] for line in lines if line}


def uarts(linux: Partition) -> dict[int, int]:
    """Returns the serial ports that the driver found, by their first I/O port: their interrupts."""
    found = re.findall(r"uart:(\w+) port:([0-9A-F]+) irq:(\d+)", shell(linux, "cat /proc/tty/driver/serial"))
    return {int(port, 16): int(irq) for kind, port, irq in found if kind != "unknown"}


def acpi_table(linux: Partition, name: str) -> bytes:
    """Returns an ACPI table as the kernel keeps it."""
    return bytes.fromhex(shell(linux, f"xxd -p /sys/firmware/acpi/tables/{name}"))


def errors(linux: Partition) -> list[str]:
    """Returns what the kernel has logged as an error or worse since its start, without the time."""
    lines = shell(linux, "dmesg -r").splitlines()
    found = (re.match(r"<(\d+)>\[ *[\d.]+\] (.*)", line) for line in lines)
    return [line[2] for line in found if line and int(line[1]) & 7 <= ERROR]


def clock(linux: Partition) -> int:
    """Returns the kernel's monotonic clock in nanoseconds."""
    return int(re.findall(r"now at (\d+) nsecs", _run(linux, "grep '^now at' /proc/timer_list", SECONDS))[0])


def said_at(linux: Partition, words: str) -> float:
    """Returns how many seconds after its start the kernel said this."""
    return float(re.findall(r"\[ *([\d.]+)\]", _run(linux, f"dmesg | grep '{words}'", SECONDS))[0])
