"""Interrupt sources that a suite can set off: which device, how, and what its owner's handler must count."""

from collections.abc import Iterator, Mapping

import pytest

from fixtures.partitions import Partition
from harness.image import Board

VECTOR = 0x60
BEATS = 3
SHORT_TICKS = 5_000_000
"""How long to wait for what must not come, in ticks of the TSC: several periods of each source."""

PERIODS = {"pit": 1193, "rtc": 6}
"""About 1 ms: a divisor of the 1.193182 MHz clock; the rate of 1024 Hz (MC146818 datasheet, register A)."""
LAPIC_PERIOD = 500_000


def start(owner: Partition, board: Board, device: str, vector: int = VECTOR) -> None:
    """Has a device of the owner interrupt it periodically."""
    owner.claim(line(board, device), vector)
    owner.timer(device, vector, PERIODS[device])


def stop(owner: Partition, device: str, vector: int = VECTOR) -> None:
    owner.timer(device, vector, 0)


def beats(owner: Partition, vector: int = VECTOR) -> bool:
    """Whether interrupts arrive at the owner's handler from now on."""
    owner.forget()
    return owner.await_(vector, BEATS, owner.patience) == BEATS


def timers(partition: Partition) -> list[str]:
    """Returns the devices of a partition that can interrupt periodically."""
    return [name for name in PERIODS if name in partition.spec.devices]


def some_timers(partition: Partition) -> list[str]:
    """As `timers`. Skips the test if there is none, as then nothing would be asked."""
    found = timers(partition)
    if not found:
        pytest.skip(f"the manifest gives {partition} no device that interrupts periodically")
    return found


def owner_of(device: str, partitions: Mapping[str, Partition]) -> Partition:
    """Returns the partition that a device belongs to."""
    for partition in partitions.values():
        if device in partition.spec.devices:
            return partition
    pytest.skip(f"the manifest gives {device} to nobody")


def others(owner: Partition, partitions: Mapping[str, Partition]) -> Iterator[Partition]:
    return (partition for partition in partitions.values() if partition is not owner)


def line(board: Board, device: str) -> int:
    """Returns the interrupt line of a device."""
    gsi = board.devices[device].gsi
    if gsi is None:
        pytest.skip(f"{device} of {board.name} has no interrupt line")
    return gsi


def pins(board: Board) -> range:
    """Returns the lines of the board's I/O APIC."""
    ioapic = board.interrupts.ioapic
    return range(ioapic.first_gsi, ioapic.first_gsi + ioapic.pins)


def redirect(partition: Partition, board: Board, gsi: int, entry: int) -> None:
    """Writes a redirection entry as it stands, high half first (82093AA datasheet §3.2.4)."""
    register = 0x10 + 2 * (gsi - board.interrupts.ioapic.first_gsi)
    partition.ioapic_set(register + 1, entry >> 32)
    partition.ioapic_set(register, entry & 0xFFFFFFFF)


def apic_id(partition: Partition, board: Board) -> int:
    """Returns the local APIC ID of a partition's first processor."""
    return board.processors.apic_ids[partition.spec.processors[0]]
