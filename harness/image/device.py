"""A device as a board file describes it: something that a partition can be given as a whole."""

from collections.abc import Iterable
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from harness.image.fields import (
    UNITS,
    Address,
    Gsi,
    Many,
    PciFunction,
    PortRange,
    Ports,
    Range,
    Size,
    Strict,
)

PAGE = 0x1000
BARS = 6  # of a function (PCI 3.0 §6.2.5)
PORTS = 0x10000


class Bar(Range):
    """A base address register of a PCI function, and the addresses that it is to have (PCI 3.0 §6.2.5.1).

    Whoever starts the function puts the base there, as firmware would: the controller, for its partitions.
    """

    index: Annotated[int, Field(ge=0, lt=BARS)]
    """which register it is; one of 64 bits also takes the next, which is not named"""
    base: Address
    """first address or port that the function answers at; a multiple of size"""
    size: Size
    """how many addresses or ports: a power of two, as the register itself says"""
    kind: Literal["memory", "ports"] = "memory"
    """what it opens: memory-mapped registers or I/O ports"""

    @model_validator(mode="after")
    def _ports_are_there(self) -> Self:
        if self.kind == "ports" and self.end > PORTS:
            raise ValueError(f"is a BAR of ports that ends behind port {PORTS - 1:#x}; give it a lower base")
        return self

    @property
    def pages(self) -> Range:
        """The pages that hold its memory: what nested paging can give, or keep."""
        first, end = self.base // PAGE * PAGE, -(-self.end // PAGE) * PAGE
        return Range(base=first, size=end - first)

    @property
    def port_range(self) -> PortRange:
        """Its I/O ports."""
        return PortRange(self.base, max(self.base, self.end - 1))


class Emulated(Strict):
    """How QEMU is told to have the device, at the function that `pci` names."""

    model: Annotated[str, Field(pattern=r"^[A-Za-z0-9][!-~]*$")]
    """QEMU's name of it and what that wants, as -device takes them, such as "nvme,serial=mrm-1"; one that
    hangs on a controller which the machine has anyway names its bus, as in "ide-hd,bus=ide.0\""""
    disk_mib: Annotated[int, Field(ge=1)] | None = None
    """size of the disk in it, which is empty at each start unless the manifest says otherwise"""
    network: bool = False
    """whether it is a network interface: it gets a wire of its own, with a peer at the other end"""

    @property
    def on_bus(self) -> bool:
        """Whether it hangs on a bus of its own, and so takes no slot."""
        return any(word.startswith("bus=") for word in self.model.split(","))


class Device(Strict):
    """Something a partition can be given as a whole."""

    ports: Many[Ports] = ()
    """its I/O ports, such as "0x3F8-0x3FF\""""
    mmio: Many[Range] = ()
    """its memory-mapped registers"""
    gsi: Gsi | None = None
    """its interrupt line; of a PCI function, where INTA# ends in APIC mode"""
    trigger: Literal["edge", "level"] = "edge"
    """how the line signals"""
    polarity: Literal["high", "low"] = "high"
    """which level of the line is active"""
    pci: PciFunction | None = None
    """its PCI function as lspci writes it, such as "00:1f.2\""""
    bars: Many[Bar] = ()
    """its base address registers; their ports and pages are its own without being named above"""
    master: bool = True
    """whether its PCI function may be a bus master, which moves data to and from RAM by itself"""
    qemu: Emulated | None = None
    """how QEMU is told to have it; leave out what the machine has anyway"""
    serial: bool = False
    """whether it is a 16550 serial port, at its first port"""

    @model_validator(mode="after")
    def _serial_is_whole(self) -> Self:
        if self.serial and (not self.ports or self.gsi is None):
            raise ValueError("is a serial port without ports or without gsi; give both, a console needs them")
        return self

    @model_validator(mode="after")
    def _bars_are_of_a_function(self) -> Self:
        if self.bars and self.pci is None:
            raise ValueError("has bars without pci; say which function has them")
        if len({bar.index for bar in self.bars}) < len(self.bars):
            raise ValueError("has the same BAR twice in bars; each register has one base")
        return self

    @model_validator(mode="after")
    def _qemu_can_have_it(self) -> Self:
        takes_slot = self.qemu is not None and not self.qemu.on_bus
        if takes_slot and (self.pci is None or self.pci >> 8):
            raise ValueError("has qemu without a pci function on bus 0; say at which slot QEMU puts it")
        return self

    @property
    def port_ranges(self) -> tuple[PortRange, ...]:
        """All its I/O ports, those of its BARs too."""
        return (*self.ports, *(bar.port_range for bar in self.bars if bar.kind == "ports"))

    @property
    def mmio_ranges(self) -> tuple[Range, ...]:
        """All its memory-mapped registers, the pages of its BARs too."""
        return (*self.mmio, *(bar.pages for bar in self.bars if bar.kind == "memory"))


def lines(devices: Iterable[Device]) -> list[Device]:
    """One device for each interrupt line that any of them has: PCI functions may share theirs."""
    return list({device.gsi: device for device in devices if device.gsi is not None}.values())


def disk_bytes(device: Device) -> int:
    """The size of a device's disk in bytes; 0 if it has none that could be filled."""
    return (device.qemu.disk_mib or 0) * UNITS["MiB"] if device.qemu else 0
