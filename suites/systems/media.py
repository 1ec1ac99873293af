"""Disks and network interfaces as a Linux finds them, and work that keeps them busy."""

from fixtures.partitions import Partition
from harness.machine.wire import NUMBERS_PORT, OWN, PEER, SERVER, SUM_PORT
from suites.systems.effort import Works
from suites.systems.linux import shell

DRIVERS = {"nvme": "nvme", "vd": "virtio"}
"""What the names of whole disks begin with, and what kind of disk that is."""

BLOCK = 1 << 16
FREE_BLOCK, LAST_BLOCK = 512, 1023
"""Of the smallest disk (64 MiB), the second half: the first one may hold what its Linux was started from."""

DISK_WORKS = (
    ("sequential-read", "dd if={disk} of=/dev/null bs=1M count=16 iflag=direct 2>/dev/null"),
    ("sequential-write", "dd if=/dev/zero of={disk} bs=1M count=16 oflag=direct 2>/dev/null"),
    ("single-read", "dd if={disk} of=/dev/null bs=4k count=300 iflag=direct 2>/dev/null"),
    ("single-write", "dd if=/dev/zero of={disk} bs=4k count=300 oflag=direct 2>/dev/null"),
)
"""Around the page cache; `single`: one request of 4 KiB at a time, as random access is to software."""

NETWORK_WORKS = (
    (
        "network.send",
        f"dd if=/dev/zero bs=64k count=32 2>/dev/null | nc {SERVER} {SUM_PORT} >/dev/null",
    ),
    ("network.receive", f"nc {SERVER} {NUMBERS_PORT} </dev/null | head -c 2000000 >/dev/null"),
    ("network.round-trip", f"ping -A -q -c 100 {PEER} >/dev/null"),
)


def disk_works(kind: str, disk: str) -> Works:
    """Returns what keeps a disk busy."""
    return tuple((f"disk.{kind}.{work}", command.format(disk=disk)) for work, command in DISK_WORKS)


def disks(linux: Partition) -> dict[str, str]:
    """Returns the device file of each disk, by its kind."""
    names = shell(linux, "ls /sys/block").split()
    kinds = {kind: name for name in names for start, kind in DRIVERS.items() if name.startswith(start)}
    return {kind: f"/dev/{name}" for kind, name in kinds.items()}


def interface_up(linux: Partition) -> bool:
    """Puts the first network interface in use; whether there is one."""
    names = sorted(set(shell(linux, "ls /sys/class/net").split()) - {"lo"})
    if names:
        shell(linux, f"ifconfig {names[0]} {OWN} up")
    return bool(names)
