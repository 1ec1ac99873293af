"""Plans: a machine and its partitions as plain data, and the block that they make."""

from dataclasses import dataclass, replace
from typing import NamedTuple, Self

import mrm_core

from harness.image.block import CFG, Struct

PAGE = 0x1000
MIB = 0x100000
RANGE = ("base", "size_bytes")

Spans = tuple[tuple[int, int], ...]


class Bar(NamedTuple):
    """A base address register: of which function of its partition (by index), where, and what it decodes."""

    function: int
    register: int
    base: int
    size: int
    ports: bool = False


@dataclass(frozen=True)
class Part:
    """A partition. Ports are inclusive, RAM is (gpa, hpa, size), MMIO (base, size), PCI (bdf, line).

    Lines are edge triggered and active high, but for those in `line_flags`: (GSI, flags).
    """

    name: str
    memory: tuple[tuple[int, int, int], ...]
    processors: tuple[int, ...]
    ports: Spans = ()
    mmio: Spans = ()
    gsis: tuple[int, ...] = ()
    line_flags: Spans = ()
    pci: Spans = ()
    bars: tuple[Bar, ...] = ()
    no_masters: tuple[int, ...] = ()  # functions of it that are none
    view: int = CFG["IDENTITY"]
    rights: int = 0
    on_reset: int = CFG["RESTART"]
    on_crash: int = CFG["STOP"]
    started: int = 1
    on_interrupt: int = CFG["HOLD"]
    slice_us: int = 0
    standins: int = 0
    serial: tuple[int, int] = (0, 0)
    payload_kind: int = CFG["PAYLOAD_LINUX"]
    payload_module: int = 1
    command_line: str = ""


@dataclass(frozen=True)
class Computer:
    """A machine; a PC with two RAM ranges and all ways to be switched off, unless it is told otherwise."""

    ram: Spans = ((0, 0xA0000), (MIB, 0x1FF00000))
    firmware: Spans = ((0xA0000, 0x60000),)
    apic_ids: tuple[int, ...] = (0, 1, 2, 3)
    lapic: int = 0xFEE00000
    ioapic: int = 0xFEC00000
    first_gsi: int = 0
    pins: int = 24
    flags: int = CFG["MACHINE_CF9"] | CFG["MACHINE_I8042"] | CFG["MACHINE_PORT92"] | CFG["MACHINE_PCI"]
    pm1a_event: int = 0x600
    pm1b_event: int = 0
    pm1a_control: int = 0x604
    pm1b_control: int = 0
    pm_timer: int = 0x608
    smi_command: int = 0xB2
    reset: tuple[int, int] = (0xCF9, 0x0F)
    ecam: tuple[int, int] = (0xB0000000, 0x10000000)
    iommu: tuple[int, int, int] = (0xFED80000, 0x4000, 0x0008)  # its function is the last number
    controller: tuple[int, int] = (0x8000000, 0x4000000)
    console: tuple[int, int] = (0x2E8, 7)
    lint0: tuple[int, ...] = (0, 1)  # processors


@dataclass(frozen=True)
class Plan:
    """What a block says."""

    parts: tuple[Part, ...]
    computer: Computer = Computer()

    def with_part(self, index: int, **changes: object) -> Self:
        """The same, with one partition changed."""
        parts = list(self.parts)
        parts[index] = replace(parts[index], **changes)  # type: ignore[arg-type]
        return replace(self, parts=tuple(parts))

    def with_computer(self, **changes: object) -> Self:
        """The same, on another machine."""
        return replace(self, computer=replace(self.computer, **changes))  # type: ignore[arg-type]

    def pack(self) -> bytes:
        """The block."""
        data = bytearray(CFG["BLOCK_BYTES"])
        block = Struct(data, "block")
        block.set("magic", CFG["MAGIC"])
        block.set("version", CFG["VERSION"])
        block.set("size_bytes", len(data))
        block.set("partition_count", len(self.parts))
        _pack_computer(block.inner("machine", "machine"), self.computer)
        for index, part in enumerate(self.parts):
            _pack_part(block.inner("partition", "partition", index), part)
        return bytes(data)

    def core(self) -> mrm_core.Core:
        """The core for it."""
        return mrm_core.Core(self.pack())


def _pack_computer(machine: Struct, computer: Computer) -> None:
    machine.set("flags", computer.flags)
    _pack_rows(machine, "ram", "range", RANGE, computer.ram)
    _pack_rows(machine, "firmware", "range", RANGE, computer.firmware)
    machine.set("processor_count", len(computer.apic_ids))
    machine.set("apic_id", *computer.apic_ids)
    machine.set("lapic_base", computer.lapic)
    ioapic = machine.inner("ioapic", "ioapic")
    ioapic.set("base", computer.ioapic)
    ioapic.set("first_gsi", computer.first_gsi)
    ioapic.set("pins", computer.pins)
    power = machine.inner("power", "power")
    for port in ("pm1a_event", "pm1b_event", "pm1a_control", "pm1b_control", "pm_timer", "smi_command"):
        power.set(port, getattr(computer, port))
    reset = power.inner("reset", "reset_register")
    reset.set("port", computer.reset[0])
    reset.set("value", computer.reset[1])
    for name in ("ecam", "controller"):
        base, size = getattr(computer, name)
        machine.inner(name, "range").set("base", base)
        machine.inner(name, "range").set("size_bytes", size)
    base, size, function = computer.iommu
    iommu = machine.inner("iommu", "iommu")
    iommu.inner("registers", "range").set("base", base)
    iommu.inner("registers", "range").set("size_bytes", size)
    iommu.set("bdf", function)
    machine.set("lint0_processors", sum(1 << processor for processor in computer.lint0))
    machine.set("console_port", computer.console[0])
    machine.set("console_gsi", computer.console[1])


def _pack_part(partition: Struct, part: Part) -> None:
    partition.text("name", part.name)
    for field in (
        "view",
        "rights",
        "on_reset",
        "on_crash",
        "on_interrupt",
        "started",
        "slice_us",
        "standins",
    ):
        partition.set(field, getattr(part, field))
    _pack_rows(partition, "memory", "memory", ("gpa", "hpa", "size_bytes"), part.memory)
    partition.set("processor_count", len(part.processors))
    partition.set("processor", *part.processors)
    _pack_rows(partition, "port", "ports", ("first", "last"), part.ports)
    _pack_rows(partition, "mmio", "range", RANGE, part.mmio)
    flags = dict(part.line_flags)
    _pack_rows(
        partition, "gsi", "gsi", ("gsi", "flags"), tuple((gsi, flags.get(gsi, 0)) for gsi in part.gsis)
    )
    _pack_rows(partition, "pci", "pci", ("bdf", "line_gsi"), part.pci)
    for bar in part.bars:
        function = partition.inner("pci", "pci", bar.function)
        function.inner("bar", "range", bar.register).set("base", bar.base)
        function.inner("bar", "range", bar.register).set("size_bytes", bar.size)
    for index, (bdf, _) in enumerate(part.pci):
        registers = {bar.register for bar in part.bars if bar.function == index and bar.ports}
        function = partition.inner("pci", "pci", index)
        function.set("port_bars", sum(1 << register for register in registers))
        function.set("flags", CFG["PCI_NO_MASTER"] if bdf in part.no_masters else 0)
    partition.set("serial_port", part.serial[0])
    partition.set("serial_gsi", part.serial[1])
    payload = partition.inner("payload", "payload")
    payload.set("kind", part.payload_kind)
    payload.set("module", part.payload_module)
    payload.text("command_line", part.command_line)


def _pack_rows(
    owner: Struct, field: str, kind: str, names: tuple[str, ...], rows: tuple[tuple[int, ...], ...]
) -> None:
    owner.set(f"{field}_count", len(rows))
    for index, row in enumerate(rows):
        entry = owner.inner(field, kind, index)
        for name, value in zip(names, row, strict=True):
            entry.set(name, value)


TWINS = Plan(
    (
        Part(
            name="left",
            memory=((0, 0, 0xA0000), (MIB, MIB, 0x3F00000)),
            processors=(0,),
            ports=((0x3F8, 0x3FF), (0x40, 0x43)),
            mmio=((0xFEB00000, 0x4000),),
            gsis=(4, 2, 16),
            pci=((0x0018, 16), (0x0020, CFG["PCI_NO_LINE"])),
            rights=CFG["RIGHT_NMI"] | CFG["RIGHT_LAST_LIGHT"],
            serial=(0x3F8, 4),
        ),
        Part(
            name="right",
            memory=((0x10000000, 0x10000000, 0x4000000),),
            processors=(1, 2),
            ports=((0x2F8, 0x2FF), (0x80, 0x80)),
            mmio=((0xFEB10000, 0x1000),),
            gsis=(3, 8),
            pci=((0x0028, 17),),
            rights=CFG["RIGHT_LAST_LIGHT"] | CFG["RIGHT_PM_TIMER"],
            on_reset=CFG["STOP"],
            on_crash=CFG["RESTART"],
            serial=(0x2F8, 3),
        ),
    )
)
"""Two partitions that conflict in nothing: identity view, all kinds of things to own, opposite policies."""

ZERO = Plan(
    (
        replace(
            TWINS.parts[0],
            view=CFG["ZERO_BASED"],
            memory=((0, 0xC000000, 0x2000000), (0x2000000, 0xF000000, 0x1000000)),
        ),
        replace(TWINS.parts[1], view=CFG["ZERO_BASED"], memory=((0, 0x10000000, 0x4000000),)),
    )
)
"""The same, zero-based; the first one's RAM is in two pieces that adjoin only in its own view."""

BARS = TWINS.with_part(
    0,
    ports=((0x3F8, 0x3FF), (0xC000, 0xC01F)),
    mmio=((0xFEB00000, 0x4000), (0x4000000000, 0x100000)),
    bars=(
        Bar(0, 0, 0xC000, 0x20, ports=True),
        Bar(0, 1, 0xFEB00000, 0x2000),
        Bar(0, 4, 0x4000000000, 0x100000),
        Bar(1, 5, 0xFEB02000, 0x10),
    ),
)
"""The same, with base address registers of each kind: ports, pages, above 4 GiB, less than a page."""

LEGACY = TWINS.with_part(0, ports=((0x3F8, 0x3FF),), gsis=(4, 16)).with_part(
    1,
    ports=((0x2F8, 0x2FF), (0x20, 0x21), (0xA0, 0xA1), (0x4D0, 0x4D1), (0x60, 0x60), (0x64, 0x64)),
    gsis=(2, 1, 3, 8, 12),
    line_flags=((12, CFG["GSI_LEVEL"] | CFG["GSI_ACTIVE_LOW"]),),
)
"""The same; the second one has the 8259 pair and the keyboard controller, and lines at both of the pair."""
