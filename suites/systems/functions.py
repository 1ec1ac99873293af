"""The PCI functions of a Linux, and what its drivers made of them, as sysfs shows it (Documentation/ABI)."""

import re
from dataclasses import dataclass

import pytest

from fixtures.partitions import Partition
from suites.systems.linux import shell

HOST_BRIDGE = 0
BARS = 6
DEVICES = "/sys/bus/pci/devices"
STORAGE, NETWORK = "0x01", "0x02"
"""What the class of a disk, and that of a network interface, begins with (PCI 3.0 appendix D)."""


@dataclass(frozen=True)
class Sight:
    """A function as Linux found it."""

    model: str
    """vendor, device and class"""
    bases: tuple[int, ...]
    """first address of each base address register; 0 where it has none"""


def functions(linux: Partition) -> dict[int, Sight]:
    """Returns all functions that there are, by bus, device and function."""
    told = shell(
        linux,
        f"cd {DEVICES}; for f in $(ls); do echo $f $(cat $f/vendor $f/device $f/class)"
        f" $(head -n {BARS} $f/resource | cut -d' ' -f1); done",
    )
    lines = (line.split() for line in told.splitlines())
    return {
        _function(name): Sight(" ".join(words[:3]), tuple(int(base, 16) for base in words[3:]))
        for name, *words in lines
    }


def disk(linux: Partition) -> str:
    """Returns the device file of its first disk. Skips the test if no function of its own is one."""
    return f"/dev/{_first(linux, 'block', STORAGE)}"


def interface(linux: Partition) -> str:
    """Returns the name of its first network interface. Skips the test if no function of its own is one."""
    return _first(linux, "class/net", NETWORK)


def arrivals(linux: Partition, device: str) -> dict[str, list[int]]:
    """Returns what has arrived of a driver's message-signalled interrupts: a count for each processor."""
    told = shell(linux, f"grep PCI-MSI /proc/interrupts | grep {device}")
    lines = (line.split() for line in told.splitlines())
    return {words[-1]: [int(word) for word in words[1:] if word.isdigit()] for words in lines}


def driver(linux: Partition, file: str) -> str:
    """Returns what the interrupts of a disk are called after: its controller."""
    name = file.removeprefix("/dev/")
    path = shell(linux, f"readlink -f /sys/block/{name}")
    found = re.search(r"0000:[0-9a-f:.]+/(?:nvme/)?(\w+)/", path)
    assert found, path
    return found[1]


def _first(linux: Partition, kind: str, base_class: str) -> str:
    """The first device of a kind that hangs on a PCI function. Where there is the function, it has to be."""
    classes = shell(linux, f"cat {DEVICES}/*/class").split()
    if not any(word.startswith(base_class) for word in classes):
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
