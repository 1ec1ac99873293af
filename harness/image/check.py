"""Finds all that is wrong with an image on a board: names here, conflicts by the core, in its own words."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import mrm_core

from harness.errors import UsageError
from harness.image import build, elf, guest, recipe
from harness.image.block import pack_block, room
from harness.image.board import Board
from harness.image.device import disk_bytes, lines
from harness.image.document import nearest
from harness.image.manifest import Controller, Manifest, PartitionSpec, initrd_role

BOARD = "board: "  # begins the key of a finding that is to be looked for in the board file


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong with a file."""

    key: str
    """the key to look at, such as partition[1].memory"""
    text: str
    fault: str
    """short name of the kind of fault, such as "overlap-partition\""""

    def __str__(self) -> str:
        return f"{self.key}: {self.text} [{self.fault}]"


def check(board: Board, manifest: Manifest) -> list[Finding]:
    """All findings; none means that the image can be packed for this board."""
    findings = [*_names(board, manifest), *_counts(board, manifest)]
    if not findings and manifest.controller is not None:
        core = mrm_core.check(pack_block(board, manifest))
        findings = [Finding(key_of(item), item.text, item.fault) for item in core]
    return [*findings, *_files(manifest)]


def refuse(path: Path, kind: str, findings: Iterable[Finding]) -> None:
    """Refuses a file for what check() found; does nothing if that is nothing.

    Raises:
      UsageError: it has findings, all of which are in the text.
    """
    lines = [str(finding) for finding in findings]
    if lines:
        raise UsageError(
            f"{path} is refused as {kind}:\n  " + "\n  ".join(lines),
            why="such partitions would not be separate; the controller would refuse it with the same words",
            todo="correct the keys named above",
        )


def check_fit(controller: Controller, kernel: Path, modules: Iterable[Path]) -> list[Finding]:
    """Whether the controller's file is linked inside its memory, with room behind it for the boot modules."""
    memory = controller.memory
    segments = elf.segments(kernel)
    findings = [
        Finding(
            "controller.memory",
            f"{kernel.name} is linked to {item.base:#x}-{item.end - 1:#x},"
            f" outside the controller's {memory.base:#x}-{memory.end - 1:#x}",
            "controller-outside",
        )
        for item in segments
        if item.base < memory.base or item.end > memory.end
    ]
    end = _pages(max((item.end for item in segments), default=memory.base))
    end += sum(_pages(path.stat().st_size) for path in modules)
    if not findings and end > memory.end:
        text = f"ends at {memory.end - 1:#x}, but {kernel.name} and its boot modules reach to {end - 1:#x}"
        findings.append(Finding("controller.memory", text, "controller-too-small"))
    return findings


def check_disks(board: Board, disks: Mapping[str, Path]) -> list[Finding]:
    """Whether what disks are to hold goes in."""
    return [
        Finding(
            f"disks.{name}",
            f"{path.name} has {path.stat().st_size} bytes, the disk only {disk_bytes(board.devices[name])}",
            "disk-too-small",
        )
        for name, path in disks.items()
        if path.stat().st_size > disk_bytes(board.devices[name])
    ]


def check_payloads(manifest: Manifest, block: bytes, payloads: Mapping[str, Path]) -> list[Finding]:
    """Whether every payload can be started in the RAM of its partition, in the words of the core.

    Args:
      payloads: their files and initrds, by role, see `Manifest.payload_files`.
    """
    core, findings = mrm_core.Core(block), []
    for index, spec in enumerate(manifest.partition):
        initrd = payloads.get(initrd_role(spec.name))
        initrd_bytes = initrd.stat().st_size if initrd else 0
        answer = core.payload(index, payloads[spec.name].read_bytes(), initrd_bytes)
        if isinstance(answer, mrm_core.Refusal):
            text = f"partition {spec.name}: {answer.text}"
            findings.append(Finding(f"partition[{index}].payload", text, f"payload-{answer.fault}"))
    return findings


def _pages(size: int) -> int:
    """A size rounded up to whole pages: boot loaders begin each module on one."""
    return -(-size // 4096) * 4096


def _names(board: Board, manifest: Manifest) -> Iterator[Finding]:
    """What the manifest calls by name, and the board does not have, or has otherwise."""
    if manifest.bare is not None:
        yield from _serial(board, "bare.serial", manifest.bare.serial)
    if manifest.controller is not None:
        yield from _serial(board, "controller.console", manifest.controller.console)
    for index, spec in enumerate(manifest.partition):
        where = f"partition[{index}]"
        yield from _serial(board, f"{where}.serial", spec.serial)
        if spec.serial not in spec.devices:
            text = f'"{spec.serial}" is not among its devices; add it there, so that the partition owns it'
            yield Finding(f"{where}.serial", text, "serial-not-owned")
        for number, name in enumerate(spec.devices):
            yield from _device(board, f"{where}.devices[{number}]", name)
    for name in manifest.disks:
        yield from _disk(board, f"disks.{name}", name)


def _files(manifest: Manifest) -> Iterator[Finding]:
    """Files that are not there, and names that nothing makes."""
    payloads = {f"partition[{index}].payload": spec.payload for index, spec in enumerate(manifest.partition)}
    if manifest.bare is not None:
        payloads["bare.payload"] = manifest.bare.payload
    files = {f"{key}.file": payload.file for key, payload in payloads.items()}
    files |= {f"{key}.initrd": payload.initrd for key, payload in payloads.items() if payload.initrd}
    if manifest.controller is not None:
        files["controller.file"] = manifest.controller.file
    files |= {f"disks.{name}": file for name, file in manifest.disks.items()}
    for key, file in files.items():
        yield from _file(key, file, manifest.source.parent)


def _file(key: str, file: str, beside: Path) -> Iterator[Finding]:
    for prefix, known in ((build.PREFIX, build.recipes), (guest.PREFIX, recipe.recipes)):
        if file.startswith(prefix):
            name = file.removeprefix(prefix)
            if name not in known():
                text = f'nothing makes "{file}"; the nearest is {nearest(name, known())}'
                yield Finding(key, text, "no-recipe")
            return
    if not (beside / file).is_file():
        text = (
            f'{beside / file} is no file; put it there, or write "{build.PREFIX}NAME" or "{guest.PREFIX}NAME"'
        )
        yield Finding(key, text, "no-file")


def _device(board: Board, key: str, name: str) -> Iterator[Finding]:
    if name not in board.devices:
        text = f'board {board.name} has no device "{name}"; the nearest is {nearest(name, board.devices)}'
        yield Finding(key, text, "unknown-device")


def _disk(board: Board, key: str, name: str) -> Iterator[Finding]:
    yield from _device(board, key, name)
    if name in board.devices and disk_bytes(board.devices[name]) == 0:
        disks = ", ".join(other for other, device in board.devices.items() if disk_bytes(device))
        text = f'device "{name}" of board {board.name} is no disk; these are: {disks or "none"}'
        yield Finding(key, text, "no-disk")


def _serial(board: Board, key: str, name: str) -> Iterator[Finding]:
    yield from _device(board, key, name)
    if name in board.devices and not board.devices[name].serial:
        ports = ", ".join(other for other, device in board.devices.items() if device.serial)
        text = f'device "{name}" of board {board.name} is no serial port; these are: {ports}'
        yield Finding(key, text, "no-serial-port")


def _counts(board: Board, manifest: Manifest) -> Iterator[Finding]:
    """Lists that are longer than the tables of the configuration block."""
    yield from board_counts(board)
    if len(manifest.partition) > room("block", "partition"):
        yield _too_many("partition", len(manifest.partition), room("block", "partition"))
    for index, spec in enumerate(manifest.partition):
        for key, field, given in _tables(board, spec):
            if given > room("partition", field):
                yield _too_many(f"partition[{index}].{key}", given, room("partition", field))


def board_counts(board: Board) -> Iterator[Finding]:
    """Lists of the board that are longer than the tables of the configuration block."""
    for key, field, given in (
        ("memory.ram", "ram", len(board.memory.ram)),
        ("memory.firmware", "firmware", len(board.memory.firmware)),
        ("processors.apic_ids", "apic_id", len(board.processors.apic_ids)),
    ):
        if given > room("machine", field):
            yield _too_many(f"{BOARD}{key}", given, room("machine", field))


def _tables(board: Board, spec: PartitionSpec) -> Iterator[tuple[str, str, int]]:
    """Key in the manifest, table in the block, and how many entries of it the partition takes."""
    devices = [board.devices[name] for name in spec.devices if name in board.devices]
    yield "memory", "memory", len(spec.ram)
    yield "processors", "processor", len(spec.processors)
    yield "devices (port ranges)", "port", sum(len(device.port_ranges) for device in devices)
    yield "devices (MMIO ranges)", "mmio", sum(len(device.mmio_ranges) for device in devices)
    yield "devices (interrupt lines)", "gsi", len(lines(devices))
    yield "devices (PCI functions)", "pci", sum(device.pci is not None for device in devices)


def _too_many(key: str, given: int, most: int) -> Finding:
    return Finding(key, f"has {given} entries; the configuration block has room for {most}", "bad-count")


OF_A_DEVICE = ("port", "MMIO", "GSI", "PCI function", "memory BAR", "I/O BAR")
"""What the core calls things that come with a device."""

# Which key a field of the block comes from: of a partition, and of the machine.
_PARTITION_KEYS = {
    "name": "name",
    "view": "view",
    "rights": "rights",
    "RAM": "memory",
    "guest-physical RAM": "memory",
    "processor": "processors",
} | dict.fromkeys(OF_A_DEVICE, "devices")
_MACHINE_KEYS = {
    "controller memory": "controller.memory",
    "GSI": "controller.console",
    "RAM": "memory.ram",
    "firmware range": "memory.firmware",
    "APIC id": "processors.apic_ids",
    "LAPIC page": "processors.lapic",
    "I/O APIC": "interrupts.ioapic",
    "PCI window": "pci.ecam",
    "IOMMU registers": "iommu.registers",
    "port": "power",
}


def key_of(item: mrm_core.Finding) -> str:
    """Where to look for the cause of the core's finding. The core's own words name the rest."""
    if item.partition is None:
        key = _MACHINE_KEYS.get(item.field, item.field)
        return key if key.startswith("controller.") else f"{BOARD}{key}"
    key = "serial" if item.fault == "serial-not-owned" else _PARTITION_KEYS.get(item.field, item.field)
    return f"partition[{item.partition}].{key}"
