"""The PCI functions of a Linux, and what its drivers made of them, as sysfs shows it (Documentation/ABI)."""

import re
from dataclasses import dataclass

import pytest

from fixtures.partitions import Partition
from suites.systems.linux import shell

HOST_BRIDGE = 0
FIRST_BAR, BARS = 0x10, 6
PORTS, PORTS_KIND, MEMORY_KIND = 1, 0x3, 0xF
"""Lowest bits of a base address register (PCI 3.0 §6.2.5.1)."""
DEVICES = "/sys/bus/pci/devices"
STORAGE, NETWORK = "0x01", "0x02"
"""What the class of a disk, and that of a network interface, begins with (PCI 3.0 appendix D)."""


@dataclass(frozen=True)
class Sight:
    """A function as Linux found it."""

    model: str
    """vendor, device and class"""
    bases: tuple[int, ...]
    """address in each base address register, without the bits that say its kind; 0 where it has none"""


def foreign(subject: Partition, neighbour: Partition) -> list[str]:
    """Returns devices of the neighbour that the subject neither owns nor has a stand-in for."""
    return sorted(set(neighbour.spec.devices).difference(subject.spec.devices, subject.spec.standins))


def functions(linux: Partition) -> dict[int, Sight]:
    """Returns all functions that there are, by bus, device and function."""
    told = shell(
        linux,
        f"cd {DEVICES}; for f in $(ls); do echo $f $(cat $f/vendor $f/device $f/class)"
        f" $(od -A n -t x4 -j {FIRST_BAR} -N {4 * BARS} $f/config); done",
    )
    lines = (line.split() for line in told.splitlines())
    return {
        _function(name): Sight(" ".join(words[:3]), tuple(_base(int(word, 16)) for word in words[3:]))
        for name, *words in lines
    }


def first_of(function: int) -> int:
    """Returns function 0 of the same device."""
    return function & ~7


def disk(linux: Partition) -> str:
    """Returns the device file of its first disk. Skips the test if no function of its own is one."""
    return f"/dev/{_first(linux, 'block', STORAGE)}"


def interface(linux: Partition) -> str:
    """Returns the name of its first network interface. Skips the test if no function of its own is one."""
    return _first(linux, "class/net", NETWORK)


def controller(linux: Partition, file: str) -> int:
    """Returns the PCI function that a disk hangs on."""
    path = shell(linux, f"readlink -f /sys/block/{file.removeprefix('/dev/')}")
    return _function(re.findall(r"/(0000:[0-9a-f:.]+)/", path)[-1])


def arrivals(linux: Partition, function: int, gsi: int | None) -> dict[str, list[int]]:
    """Returns what has arrived of a function's messages, or on its line: a count for each processor."""
    messages = shell(linux, f"ls {DEVICES}/{_name(function)}/msi_irqs 2>/dev/null || true").split()
    own = messages or [str(gsi)]
    lines = (line.split() for line in shell(linux, "cat /proc/interrupts").splitlines())
    return {
        words[0]: [int(word) for word in words[1:] if word.isdigit()]
        for words in lines
        if words[0].removesuffix(":") in own
    }


def _first(linux: Partition, kind: str, base_class: str) -> str:
    """The first device of a kind that hangs on a PCI function. Where there is the function, it has to be."""
    classes = [sight.model.split()[-1] for sight in functions(linux).values()]
    if not any(name.startswith(base_class) for name in classes):
        pytest.skip(f"no PCI function of {linux} has a class that begins with {base_class}")
    paths = shell(linux, f"for f in /sys/{kind}/*; do readlink -f $f; done | grep /0000: | head -n 1")
    assert paths, (
        f"{linux} has a function of a class that begins with {base_class}, and no driver made a device of it"
    )
    return paths.strip().rsplit("/", 1)[1]


def _function(name: str) -> int:
    """ "0000:00:12.0" as bus, device and function."""
    bus, device, function = (int(part, 16) for part in re.split("[:.]", name)[1:])
    return bus << 8 | device << 3 | function


def _name(function: int) -> str:
    return f"0000:{function >> 8:02x}:{function >> 3 & 31:02x}.{function & 7}"


def _base(register: int) -> int:
    return register & ~(PORTS_KIND if register & PORTS else MEMORY_KIND)
