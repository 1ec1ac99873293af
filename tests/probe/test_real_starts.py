"""The probe starts in three ways from one source, and is the same probe then."""

from pathlib import Path

import pytest

from harness.deadline import Deadline
from harness.image import Board, Manifest, load_board, load_manifest, pack
from harness.image.manifest import Payload
from harness.machine import open_machine
from harness.probe import MemoryRange, Probe

MULTIBOOT = ("multiboot", "build:probe-multiboot", "qboot")
PROTECTED = ("linux", "build:probe", "qboot")
"""By the 32-bit entry of the Linux boot protocol."""
REAL = ("linux", "build:probe", "seabios")
"""By its real-mode part, as a BIOS boot loader starts a Linux."""
LOWEST_RAM = 0x9F000
"""Less than this of the low 640 KiB is nowhere usable."""


def starting(way: tuple[str, str, str]) -> tuple[Board, Manifest]:
    """Return the shipped board and bare image, but for the way of starting."""
    kind, file, firmware = way
    board, image = load_board("qemu-q35"), load_manifest("bare-probe")
    assert board.qemu is not None
    assert image.bare is not None
    payload = Payload.model_validate({"kind": kind, "file": file})
    return (
        board.model_copy(update={"qemu": board.qemu.model_copy(update={"firmware": firmware})}),
        image.model_copy(update={"bare": image.bare.model_copy(update={"payload": payload})}),
    )


@pytest.mark.parametrize("way", [MULTIBOOT, PROTECTED, REAL], ids=["multiboot", "protected", "real"])
def test_it_starts_and_answers(way: tuple[str, str, str], tmp_path: Path) -> None:
    board, image = starting(way)
    machine = open_machine(board, pack(board, image, tmp_path / "image"), tmp_path / "logs")
    try:
        machine.power_on(Deadline(machine.clock, 20))
        probe = Probe(machine.consoles["com1"], machine.clock, "bare")
        hello = probe.wait_hello(Deadline(machine.clock, 30))
        breakpoint_met = probe.raise_("bp", 3)
        memory = probe.e820()
        probe.close()
    finally:
        machine.close()

    assert hello.start == way[0]
    assert (breakpoint_met.vector, breakpoint_met.rip - breakpoint_met.site) == (3, 1)  # int3 has one byte
    assert memory[0].base == 0
    assert usable(memory) > LOWEST_RAM + (board.memory.ram[1].size >> 1)


def usable(memory: list[MemoryRange]) -> int:
    """Bytes that the map calls RAM (ACPI 6.5 §15: type 1)."""
    return sum(stretch.size for stretch in memory if stretch.type == 1)
