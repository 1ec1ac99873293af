"""The device that is asked about: QEMU's "edu", whose registers do little, but interrupt and move data.

What they do is in QEMU's documentation (docs/specs/edu.txt). All are of 4 bytes; those of its DMA may also be
of 8.
"""

from dataclasses import dataclass

import pytest

from fixtures.partitions import Partition
from harness.image import Board, Device
from suites.devices.pci import (
    COMMAND,
    IO,
    MASTER,
    MEMORY,
    NOTHING,
    VENDOR,
    Asked,
    Function,
    own_functions,
    wake,
)

MODEL = 0x11E81234
"""Its device and vendor ID."""
IDENTITY, LIVENESS, FACTORIAL, STATUS = 0x00, 0x04, 0x08, 0x20
INTERRUPTS, RAISE, ACKNOWLEDGE = 0x24, 0x60, 0x64
SOURCE, DESTINATION, COUNT, START = 0x80, 0x88, 0x90, 0x98
TELL_WHEN_COMPUTED = 0x80
"""Bit of the status register: a factorial that is done interrupts."""
RUN, TO_RAM = 1, 2
BUFFER, BUFFER_BYTES = 0x40000, 4096
"""The device's own memory, as its DMA sees it."""
DMA_COUNTS = 200_000_000
"""How long to doze over a DMA, in counts of the local APIC's timer. It takes 100 ms."""
NAPS = 50
"""How often to do so where the host is late."""


@dataclass(frozen=True)
class Edu:
    """An edu, asked by one probe."""

    probe: Asked
    device: Device

    @property
    def base(self) -> int:
        return self.device.bars[0].base

    @property
    def function(self) -> Function:
        assert self.device.pci is not None
        return Function(self.probe, self.device.pci)

    @property
    def line(self) -> int:
        if self.device.gsi is None:
            pytest.skip("the board file names no interrupt line for the device")
        return self.device.gsi

    def read(self, register: int) -> int:
        answer = self.probe.load(4, self.base + register)
        assert isinstance(answer, int), f"register {register:#x}: {answer}"
        return answer

    def write(self, register: int, value: int) -> None:
        assert self.probe.store(4, self.base + register, value) is None

    def be_master(self) -> None:
        """Lets it move data, and send messages, which are writes as well."""
        self.function.write(2, COMMAND, IO | MEMORY | MASTER)

    def claim(self, vector: int, enough: int = 1) -> None:
        """Has its interrupt line enter a handler, which acknowledges the interrupt at so many arrivals."""
        self.probe.settle(vector, enough, self.base + ACKNOWLEDGE, NOTHING)
        level, low = self.device.trigger == "level", self.device.polarity == "low"
        self.probe.claim(self.line, vector, level | low << 1)

    def move(self, source: int, destination: int, count: int, direction: int = 0) -> None:
        """Begins a DMA from RAM to its own memory, or TO_RAM. It is over when `finish` returns."""
        for register, value in ((SOURCE, source), (DESTINATION, destination), (COUNT, count)):
            self.write(register, value)
        self.write(START, RUN | direction)

    def finish(self) -> None:
        """Waits for the end of a DMA. Where instructions are counted that is behind the first nap.

        A device that is told of another DMA before forgets half of it, and an emulator may die of that.
        """
        for _ in range(NAPS):
            self.probe.doze(DMA_COUNTS)
            if not self.read(START) & RUN:
                return
        raise AssertionError(f"{self.device.pci:#x} is still moving data after {NAPS} times what it takes")


def edu_at(probe: Asked, name: str) -> Edu:
    """Returns an edu of the board, awake."""
    edu = Edu(probe, probe.machine.board.devices[name])
    wake(edu.function, edu.device)
    return edu


def edu_of(partition: Partition, board: Board) -> str:
    """Returns the board's name of an edu that a partition has. Skips the test if it has none."""
    for name, bdf in own_functions(partition, board).items():
        if Function(partition, bdf).read(4, VENDOR) == MODEL:
            return name
    pytest.skip(f"the manifest gives {partition} no device that can be told to interrupt and to move data")
