"""A board file: how a machine is reached, and what it has. `targets/boards/*.toml` are examples."""

from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import Field, PrivateAttr

from harness.errors import UsageError
from harness.image.device import Device
from harness.image.document import ROOT, find, read, validate
from harness.image.fields import (
    Address,
    Byte,
    Count,
    Many,
    Name,
    PciFunction,
    Port,
    Range,
    Strict,
)

FOLDER = ROOT / "targets" / "boards"
DEFAULT_BOARD = "qemu-q35"
"""The board of whoever names none."""


class Qemu(Strict):
    """How QEMU is told to be this board."""

    machine: str
    """QEMU's name of the machine, as -machine takes it"""
    cpu: str
    """QEMU's name of the processor, as -cpu takes it; it needs SVM with nested paging"""
    accel: Literal["tcg"]
    """what carries out the instructions"""
    firmware: Literal["qboot", "seabios"]
    """seabios brings firmware tables, qboot is 7 times faster under instruction counting"""
    timing: Literal["counted", "threads"]
    """counted: deterministic, an instruction is a nanosecond; threads: one a processor, for races"""


class Memory(Strict):
    ram: Many[Range]
    """where the machine has RAM"""
    firmware: Many[Range] = ()
    """what firmware and chip set keep for themselves"""


class Processors(Strict):
    apic_ids: Many[Count]
    """local APIC ID of each processor; a manifest counts processors by their place in this list"""
    lapic: Address
    """page of the local APIC"""


class IoApic(Strict):
    base: Address
    """page of the I/O APIC"""
    first_gsi: Count
    """interrupt line (GSI) of its pin 0"""
    pins: Count
    """how many pins it has"""


class Interrupts(Strict):
    ioapic: IoApic
    """the I/O APIC"""
    nmi: bool
    """whether an NMI can be raised from outside (monitor, BMC)"""
    lint0: Many[Annotated[int, Field(ge=0, lt=32)]] = ()
    """processors at whose LINT0 the output of the 8259 pair arrives, by their place in the list; a partition
    that owns the pair begins at one of them"""


class ResetRegister(Strict):
    port: Port
    """I/O port of the register"""
    value: Byte
    """what has to be written for a reset"""


class Power(Strict):
    """What switches the machine off or resets it (ACPI 6.5 §4.8). A port of 0 means that it has none."""

    pm1a_event: Port = 0
    """port of the PM1a event block"""
    pm1b_event: Port = 0
    """port of the PM1b event block"""
    pm1a_control: Port = 0
    """port of PM1a_CNT"""
    pm1b_control: Port = 0
    """port of PM1b_CNT"""
    pm_timer: Port = 0
    """port of the power management timer"""
    smi_command: Port = 0
    """port of the SMI command"""
    reset_register: ResetRegister | None = None
    """the ACPI reset register (ACPI 6.5 §4.8.3.6)"""
    cf9: bool
    """whether a write to port 0xCF9 resets"""
    i8042: bool
    """whether the keyboard controller resets"""
    port92: bool
    """whether bit 0 of port 0x92 resets"""
    soft_off: Port
    """what the bare machine wants in PM1a_CNT to switch off: SLP_EN and its SLP_TYP of S5"""


class Pci(Strict):
    mechanism1: bool
    """whether PCI configuration is at ports 0xCF8/0xCFC"""
    ecam: Range | None = None
    """the PCI Express configuration window"""


class Iommu(Strict):
    """What confines the DMA of PCI functions to the RAM of their partition."""

    kind: Literal["amd"]
    """how it is programmed; amd: AMD I/O Virtualization Technology"""
    registers: Range
    """its control registers"""
    function: PciFunction
    """the PCI function that it is"""
    confines_messages: bool
    """whether it also knows who writes to 0xFEE00000-0xFEEFFFFF, where a write is an interrupt"""


class Board(Strict):
    """A machine. The order of its devices is the order of the file."""

    schema_version: Literal[1] = Field(alias="schema")
    """version of the form of this file"""
    like: str | None = None
    """another board, by name or by a path that begins at this file: what is not said here is as there"""
    name: Name
    """what the board is called in commands and results"""
    summary: str
    """one line for people"""
    kind: Literal["qemu"]
    """how the machine is driven"""
    qemu: Qemu
    """how QEMU is told to be this board"""
    memory: Memory
    """RAM and what the firmware keeps of it"""
    processors: Processors
    """processors and their local APICs"""
    interrupts: Interrupts
    """interrupt lines and NMI"""
    power: Power
    """what switches the machine off or resets it"""
    pci: Pci
    """PCI configuration space"""
    iommu: Iommu | None = None
    """what confines DMA; without it only partitions in the identity view can own PCI functions"""
    devices: dict[Name, Device] = Field(alias="device")
    """things a partition can be given, by name"""

    _sources: tuple[Path, ...] = PrivateAttr(default=(Path(),))

    @property
    def is_counted(self) -> bool:
        """Whether its time is what its processors do, not that of a host with other things to do."""
        return self.qemu.timing == "counted"

    def with_processors(self, most: int | None) -> Self:
        """The same with no more processors than that: what is emulated can be had so."""
        ids = self.processors.apic_ids[:most]
        processors = self.processors.model_copy(update={"apic_ids": ids})
        lint0 = tuple(processor for processor in self.interrupts.lint0 if processor < len(ids))
        interrupts = self.interrupts.model_copy(update={"lint0": lint0})
        return self.model_copy(update={"processors": processors, "interrupts": interrupts})

    @property
    def source(self) -> Path:
        """The file it was read from."""
        return self._sources[0]

    @property
    def sources(self) -> tuple[Path, ...]:
        """All files that describe it: its own, then the one that it is like, and so on."""
        return self._sources


def load_board(name_or_path: str | Path) -> Board:
    """Reads a board file, by name from targets/boards or by path.

    Raises:
      UsageError: there is no such file, or it is wrong.
    """
    data, sources = _whole(find(name_or_path, FOLDER, "board"), ())
    board = validate(data, Board, "board file", sources[0])
    board._sources = sources
    return board


def _whole(path: Path, readers: tuple[Path, ...]) -> tuple[dict[str, Any], tuple[Path, ...]]:
    """What a file says, and what it leaves to the one that it is like; and all these files."""
    if path in readers:
        raise UsageError(
            f"{readers[0]}: like: leads back to {path}",
            why="a board that is like itself is described nowhere",
            todo="name a board that is described in full",
        )
    said, readers = read(path), (*readers, path)
    if not isinstance(said.get("like"), str):
        return said, readers
    try:
        other = find(said["like"], FOLDER, "board")
    except UsageError as error:
        raise UsageError(f"{path}: like: {error.what}", why=error.why, todo=error.todo) from None
    table, readers = _whole(path.parent / other, readers)
    return _merged(table, said), readers


def _merged(table: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """A table with another one laid over it; tables in both are merged alike."""
    merged = table | over
    for key in table.keys() & over.keys():
        if isinstance(table[key], dict) and isinstance(over[key], dict):
            merged[key] = _merged(table[key], over[key])
    return merged
