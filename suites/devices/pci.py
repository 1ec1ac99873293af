"""PCI configuration space as an operating system sees it: mechanism #1 (PCI 3.0 §3.2.2.3.2).

A partition finds its functions ready, with their base address registers where the board file says. On the
bare machine firmware may not have looked at them, so `wake` does what it would have done.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import pytest

from fixtures.bare import Twin
from fixtures.partitions import Partition
from harness.image import Board, Device

ADDRESS, DATA = 0xCF8, 0xCFC
ENABLE = 1 << 31
NOTHING = 0xFFFFFFFF
HOST_BRIDGE = 0
BUS_0 = range(32 << 3)
"""Bus, device and function of all functions of bus 0."""

VENDOR, COMMAND, CLASS, HEADER, BAR0 = 0x00, 0x04, 0x08, 0x0E, 0x10
SUBSYSTEM, CAPABILITIES, LINE, PIN = 0x2C, 0x34, 0x3C, 0x3D
"""Registers of every function (PCI 3.0 §6.1)."""
IO, MEMORY, MASTER, NO_LINE = 1 << 0, 1 << 1, 1 << 2, 1 << 10
"""Bits of the command register (PCI 3.0 §6.2.2)."""
BARS = 6
SIXTY_FOUR_BITS = 2 << 1
"""Type of a memory BAR that takes two registers (PCI 3.0 §6.2.5.1)."""
MSI = 0x05
"""Capability of message-signalled interrupts (PCI 3.0 §6.8.1)."""
MSI_CONTROL, MSI_ADDRESS, MSI_ENABLE, MSI_64_BITS = 0x02, 0x04, 1 << 0, 1 << 7

Asked = Partition | Twin


@dataclass(frozen=True)
class Function:
    """A PCI function, asked by one probe."""

    probe: Asked
    bdf: int

    def read(self, width: int, offset: int) -> int:
        self.probe.out(4, ADDRESS, ENABLE | self.bdf << 8 | offset & ~3)
        answer = self.probe.in_(width, DATA + offset % 4)
        assert isinstance(answer, int), f"port {DATA:#x}: {answer}"
        return answer

    def write(self, width: int, offset: int, value: int) -> None:
        self.probe.out(4, ADDRESS, ENABLE | self.bdf << 8 | offset & ~3)
        self.probe.out(width, DATA + offset % 4, value)

    def capability(self, kind: int) -> int:
        """Returns where a capability begins; 0 if there is none (PCI 3.0 §6.7)."""
        at = self.read(1, CAPABILITIES)
        while at and self.read(1, at) != kind:
            at = self.read(1, at + 1)
        return at

    def message(self, address: int, data: int) -> None:
        """Has its interrupts sent as a message from now on. It has to have the capability."""
        at = self.capability(MSI)
        control = self.read(2, at + MSI_CONTROL)
        wide = bool(control & MSI_64_BITS)
        self.write(4, at + MSI_ADDRESS, address)
        if wide:
            self.write(4, at + MSI_ADDRESS + 4, 0)
        self.write(2, at + MSI_ADDRESS + (8 if wide else 4), data)
        self.write(2, at + MSI_CONTROL, control | MSI_ENABLE)


def wake(function: Function, device: Device) -> None:
    """Gives each base address register its base, and has the function answer there. It is no master yet."""
    function.write(2, COMMAND, 0)
    for bar in device.bars:
        register = BAR0 + 4 * bar.index
        function.write(4, register, bar.base & NOTHING)
        if bar.kind == "memory" and function.read(4, register) & SIXTY_FOUR_BITS:
            function.write(4, register + 4, bar.base >> 32)
    function.write(2, COMMAND, IO | MEMORY)


def own_functions(partition: Partition, board: Board) -> dict[str, int]:
    """Returns the functions that the manifest gives to a partition, by the board's name of the device."""
    devices = {name: board.devices[name].pci for name in partition.spec.devices}
    return {name: bdf for name, bdf in devices.items() if bdf is not None}


def some_functions(partition: Partition, board: Board) -> dict[str, int]:
    """As `own_functions`. Skips the test if there is none, as then nothing would be asked."""
    found = own_functions(partition, board)
    if not found:
        pytest.skip(f"the manifest gives {partition} no PCI function")
    return found


def present(probe: Asked, candidates: Iterable[int]) -> set[int]:
    """Returns those functions that answer."""
    return {bdf for bdf in candidates if Function(probe, bdf).read(4, VENDOR) != NOTHING}
