"""QEMU's command line: what the board and the image say, and nothing that depends on where files lie."""

from pathlib import Path

import pytest

from harness.image import Board, Module, PackedImage, load_board
from harness.machine.command_line import qemu_command
from tests.machine.conftest import packed


@pytest.fixture
def image(tmp_path: Path, q35: Board) -> PackedImage:
    return packed(tmp_path, b"", q35)


def command(board: Board, image: PackedImage) -> str:
    return " ".join(qemu_command(board, image, 18))


@pytest.mark.parametrize("name", ["qemu-q35", "qemu-pc"])
def test_the_machine_is_the_board(name: str, image: PackedImage) -> None:
    board = load_board(name)
    processors = len(board.processors.apic_ids)

    assert f"-machine {board.qemu.machine} -cpu EPYC,check=off -smp {processors} -m 512M" in command(
        board, image
    )


def test_serial_ports_come_in_the_order_of_the_board(q35: Board, image: PackedImage) -> None:
    ports = [word for word in qemu_command(q35, image, 18) if word.startswith("isa-serial")]

    assert ports == [
        "isa-serial,iobase=0x3f8,irq=4,chardev=com1",
        "isa-serial,iobase=0x2f8,irq=3,chardev=com2",
        "isa-serial,iobase=0x3e8,irq=5,chardev=com3",
        "isa-serial,iobase=0x2e8,irq=7,chardev=com4",
    ]


def test_nothing_of_the_host_reaches_the_guest(tmp_path: Path, q35: Board, image: PackedImage) -> None:
    """QEMU hands file names to a multiboot kernel: so they are the same wherever the files are."""
    words = command(q35, image)

    assert str(tmp_path) not in words
    assert "-kernel kernel" in words


def test_modules_keep_their_order_and_words(q35: Board, image: PackedImage) -> None:
    modules = (Module(Path("/x/block"), "config"), Module(Path("/x/probe"), "a"))
    with_modules = PackedImage(q35, image.manifest, image.kernel, "", modules, b"", {})

    assert "-initrd module0 config,module1 a" in command(q35, with_modules)


class TestTiming:
    def test_counted_is_deterministic(self, q35: Board, image: PackedImage) -> None:
        words = command(q35, image)

        assert "-accel tcg -icount shift=0,sleep=off -seed 7 -rtc base=2026-01-01T00:00:00,clock=vm" in words

    def test_threads_is_concurrent(self, q35: Board, image: PackedImage) -> None:
        threads = q35.model_copy(update={"qemu": q35.qemu.model_copy(update={"timing": "threads"})})
        words = command(threads, image)

        assert "-accel tcg,thread=multi -rtc base=2026-01-01T00:00:00,clock=vm" in words
        assert "icount" not in words
