"""Packs board and manifest into the configuration block that the controller boots with.

The layout comes from the extension, and so from targets/core/config.h: it is written down nowhere else.
"""

from collections.abc import Sequence
from typing import Self

import mrm_core

from harness.image.board import Board, Power
from harness.image.device import Device, lines
from harness.image.fields import Range
from harness.image.manifest import Bare, Controller, Manifest, PartitionSpec, initrd_role

CFG = mrm_core.CFG

DEFAULT_IOAPIC, DEFAULT_LAPIC = 0xFEC00000, 0xFEE00000  # what a probe takes if it is told nothing
NO_LINE = 0xFFFF  # cfg_pci.line_gsi of a function without INTx


class Struct:
    """One structure of the block, at its place in the bytes. Values must fit: check() sees to it."""

    def __init__(self, block: bytearray, kind: str, offset: int = 0) -> None:
        self._block, self._fields, self._offset = block, mrm_core.LAYOUT[kind], offset

    def set(self, field: str, *values: int) -> None:
        """Writes a number, or the first elements of an array of numbers."""
        for index, value in enumerate(values):
            start, size = self._place(field, index)
            self._block[start : start + size] = value.to_bytes(size, "little")

    def inner(self, field: str, kind: str, index: int = 0) -> Self:
        """The structure inside this one, or one of an array of them."""
        return type(self)(self._block, kind, self._place(field, index)[0])

    def text(self, field: str, text: str) -> None:
        """Writes text into an array of characters; the rest of the array is zero already."""
        self.set(field, *text.encode("ascii"))

    def range(self, field: str, item: Range, index: int = 0) -> None:
        inner = self.inner(field, "range", index)
        inner.set("base", item.base)
        inner.set("size_bytes", item.size)

    def ranges(self, field: str, items: Sequence[Range]) -> None:
        for index, item in enumerate(items):
            self.range(field, item, index)

    def _place(self, field: str, index: int) -> tuple[int, int]:
        offset, size, count = self._fields[field]
        if index >= count:
            raise IndexError(f"{field}[{index}]: there is room for {count}")
        return self._offset + offset + index * size, size


def room(kind: str, field: str) -> int:
    """How many elements an array of a structure has."""
    return mrm_core.LAYOUT[kind][field][2]


def pack_block(board: Board, manifest: Manifest) -> bytes:
    """The block of an image on a board. Whether it makes sense is for mrm_core.check() to say."""
    if manifest.controller is None:
        raise ValueError(f"{manifest.name} is bare: nobody would read its block")
    data = bytearray(CFG["BLOCK_BYTES"])
    block = Struct(data, "block")
    block.set("magic", CFG["MAGIC"])
    block.set("version", CFG["VERSION"])
    block.set("size_bytes", len(data))
    block.set("partition_count", len(manifest.partitions))
    _machine(block.inner("machine", "machine"), board, manifest.controller)
    modules = manifest.modules
    for index, spec in enumerate(manifest.partitions):
        partition = block.inner("partition", "partition", index)
        _partition(partition, board, spec)
        payload = partition.inner("payload", "payload")
        payload.set("kind", CFG[f"PAYLOAD_{_constant(spec.payload.kind)}"])
        payload.set("module", modules[spec.name])
        payload.set("initrd_module", modules.get(initrd_role(spec.name), 0))
        payload.text("command_line", words(board, spec))
    return bytes(data)


def words(board: Board, runs: PartitionSpec | Bare) -> str:
    """The command line of what runs: the manifest's; without one, what a probe wants to be told."""
    payload = runs.payload
    if payload.command_line is None and payload.probe != "none":
        return command_line(board, runs.serial)
    return payload.command_line or ""


def command_line(board: Board, serial: str) -> str:
    """What a probe is told: its serial port, and where the interrupt controllers are if not where all are."""
    device = board.devices[serial]
    words = ["probe", f"serial={device.ports[0].first:#x}", f"gsi={device.gsi}"]
    if board.interrupts.ioapic.base != DEFAULT_IOAPIC:
        words.append(f"ioapic={board.interrupts.ioapic.base:#x}")
    if board.processors.lapic != DEFAULT_LAPIC:
        words.append(f"lapic={board.processors.lapic:#x}")
    return " ".join(words)


def _machine(machine: Struct, board: Board, controller: Controller) -> None:
    flags = {"CF9": board.power.cf9, "I8042": board.power.i8042, "PORT92": board.power.port92}
    flags["PCI"] = board.pci.mechanism1
    machine.set("flags", sum(CFG[f"MACHINE_{name}"] for name, given in flags.items() if given))
    machine.set("ram_count", len(board.memory.ram))
    machine.ranges("ram", board.memory.ram)
    machine.set("firmware_count", len(board.memory.firmware))
    machine.ranges("firmware", board.memory.firmware)
    machine.set("processor_count", len(board.processors.apic_ids))
    machine.set("apic_id", *board.processors.apic_ids)
    machine.set("lapic_base", board.processors.lapic)
    ioapic = machine.inner("ioapic", "ioapic")
    ioapic.set("base", board.interrupts.ioapic.base)
    ioapic.set("first_gsi", board.interrupts.ioapic.first_gsi)
    ioapic.set("pins", board.interrupts.ioapic.pins)
    _power(machine.inner("power", "power"), board.power)
    if board.pci.ecam is not None:
        machine.range("ecam", board.pci.ecam)
    if board.iommu is not None:
        iommu = machine.inner("iommu", "iommu")
        iommu.range("registers", board.iommu.registers)
        iommu.set("bdf", board.iommu.function)
    machine.range("controller", controller.memory)
    machine.set("lint0_processors", sum(1 << processor for processor in set(board.interrupts.lint0)))
    console = board.devices[controller.console]
    machine.set("console_port", console.ports[0].first)
    machine.set("console_gsi", console.gsi or 0)


def _power(power: Struct, board: Power) -> None:
    for port in ("pm1a_event", "pm1b_event", "pm1a_control", "pm1b_control", "pm_timer", "smi_command"):
        power.set(port, getattr(board, port))
    if board.reset_register is not None:
        reset = power.inner("reset", "reset_register")
        reset.set("port", board.reset_register.port)
        reset.set("value", board.reset_register.value)


def _partition(partition: Struct, board: Board, spec: PartitionSpec) -> None:
    partition.text("name", spec.name)
    partition.set("view", CFG[_constant(spec.view)])
    partition.set("rights", sum(CFG[f"RIGHT_{_constant(right)}"] for right in set(spec.rights)))
    partition.set("standins", sum(CFG[f"STANDIN_{_constant(device)}"] for device in set(spec.standins)))
    partition.set("on_reset", CFG[_constant(spec.on_reset)])
    partition.set("on_crash", CFG[_constant(spec.on_crash)])
    partition.set("started", int(spec.started))
    partition.set("slice_us", spec.slice_us)
    partition.set("on_interrupt", CFG[_constant(spec.on_interrupt)])
    _memory(partition, spec)
    partition.set("processor_count", len(spec.processors))
    partition.set("processor", *spec.processors)
    _devices(partition, [board.devices[name] for name in spec.devices])
    serial = board.devices[spec.serial]
    partition.set("serial_port", serial.ports[0].first)
    partition.set("serial_gsi", serial.gsi or 0)


def _memory(partition: Struct, spec: PartitionSpec) -> None:
    partition.set("memory_count", len(spec.ram))
    for index, stretch in enumerate(spec.ram):
        entry = partition.inner("memory", "memory", index)
        entry.set("gpa", stretch.gpa)
        entry.set("hpa", stretch.hpa)
        entry.set("size_bytes", stretch.size)


def _devices(partition: Struct, devices: list[Device]) -> None:
    ports = [ports for device in devices for ports in device.port_ranges]
    partition.set("port_count", len(ports))
    for index, (first, last) in enumerate(ports):
        entry = partition.inner("port", "ports", index)
        entry.set("first", first)
        entry.set("last", last)
    mmio = [item for device in devices for item in device.mmio_ranges]
    partition.set("mmio_count", len(mmio))
    partition.ranges("mmio", mmio)
    partition.set("gsi_count", len(lines(devices)))
    for index, device in enumerate(lines(devices)):
        _line(partition.inner("gsi", "gsi", index), device)
    functions = [device for device in devices if device.pci is not None]
    partition.set("pci_count", len(functions))
    for index, device in enumerate(functions):
        _function(partition.inner("pci", "pci", index), device)


def _function(entry: Struct, device: Device) -> None:
    entry.set("bdf", device.pci or 0)
    entry.set("line_gsi", NO_LINE if device.gsi is None else device.gsi)
    entry.set("flags", 0 if device.master else CFG["PCI_NO_MASTER"])
    entry.set("port_bars", sum(1 << bar.index for bar in device.bars if bar.kind == "ports"))
    for bar in device.bars:
        entry.range("bar", bar, bar.index)


def _line(entry: Struct, device: Device) -> None:
    level = CFG["GSI_LEVEL"] if device.trigger == "level" else 0
    low = CFG["GSI_ACTIVE_LOW"] if device.polarity == "low" else 0
    entry.set("gsi", device.gsi or 0)
    entry.set("flags", level | low)


def _constant(word: str) -> str:
    """The constant of config.h that a manifest's word names: zero-based → ZERO_BASED."""
    return word.upper().replace("-", "_")
