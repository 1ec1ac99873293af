"""QEMU's command line: what the board and the image say, and nothing that depends on where files lie."""

from dataclasses import replace
from pathlib import Path

import pytest

from harness.image import Board, Device, Module, PackedImage, load_board
from harness.machine.command_line import qemu_command
from tests.machine.conftest import packed

DISKS = {"disk1": 21, "disk2": 22}


@pytest.fixture
def image(tmp_path: Path, q35: Board) -> PackedImage:
    return packed(tmp_path, b"", q35)


def command(board: Board, image: PackedImage) -> str:
    return " ".join(qemu_command(board, image, 18, DISKS))


@pytest.mark.parametrize("name", ["qemu-q35", "qemu-pc"])
def test_the_machine_is_the_board(name: str, image: PackedImage) -> None:
    board = load_board(name)
    processors = len(board.processors.apic_ids)

    cpu = f"{board.qemu.cpu},check=off"
    assert f"-machine {board.qemu.machine} -cpu {cpu} -smp {processors} -m 512M" in command(board, image)


def test_serial_ports_come_in_the_order_of_the_board(q35: Board, image: PackedImage) -> None:
    ports = [word for word in qemu_command(q35, image, 18, DISKS) if word.startswith("isa-serial")]

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


def test_an_initrd_is_handed_over_as_it_is_named(q35: Board, image: PackedImage) -> None:
    """To a Linux QEMU gives the whole argument as one file's name; words would belong to that name."""
    linux = PackedImage(
        q35, image.manifest, image.kernel, "quiet", (Module(Path("/x/initrd"), ""),), None, {}
    )
    words = qemu_command(q35, linux, 18, DISKS)

    assert words[words.index("-initrd") + 1] == "module0"
    assert words[words.index("-append") + 1] == "quiet"


def wanting(image: PackedImage, **what: object) -> PackedImage:
    """The image, for a bare machine that has no more than this."""
    assert image.manifest.bare
    bare = image.manifest.bare.model_copy(update=what)
    manifest = image.manifest.model_copy(update={"bare": bare})
    return PackedImage(image.board, manifest, image.kernel, "", (), None, {})


def test_a_machine_has_as_many_processors_as_its_image_wants_and_the_board_has(
    q35: Board, image: PackedImage
) -> None:
    most = len(q35.processors.apic_ids)
    for wanted, there in ((None, most), (1, 1), (most + 1, most)):
        assert f"-smp {there} " in command(q35, replace(image, board=q35.with_processors(wanted)))


def test_a_bare_machine_has_as_much_ram_as_it_wants_and_the_board_has(q35: Board, image: PackedImage) -> None:
    for wanted, mib in ((None, 512), (96 << 20, 96), (1 << 40, 512)):
        assert f"-m {mib}M " in command(q35, wanting(image, ram=wanted))


def test_a_bare_machine_has_the_devices_that_it_wants(q35: Board, image: PackedImage) -> None:
    words = command(q35, wanting(image, devices=("com1", "nic2")))

    assert ",id=nic2," in words
    assert not any(f"id={name}" in words for name in ("nic1", "disk1", "disk2", "edu1"))


class TestDevices:
    """What a board has beside what its machine has anyway."""

    def test_each_is_at_its_function(self, q35: Board, image: PackedImage) -> None:
        words = command(q35, image)

        for name, device in q35.devices.items():
            if device.qemu is not None and device.pci is not None:
                function = f"addr={device.pci >> 3:x}.{device.pci & 7}"
                assert f"-device {device.qemu.model},id={name},{function}" in words

    def test_a_disk_is_a_descriptor(self, q35: Board, image: PackedImage) -> None:
        words = command(q35, image)

        assert "-blockdev driver=file,node-name=disk2,filename=/dev/fd/22 -device virtio-blk-pci" in words
        assert ",id=disk2,addr=13.0,drive=disk2 " in words

    def test_a_network_ends_at_its_peer(self, q35: Board, image: PackedImage) -> None:
        """Nothing that a guest sends leaves for the host's networks, nor does anything come in from there."""
        for words in qemu_command(q35, image, 18, DISKS):
            if words.startswith("user,id=nic"):
                assert ",restrict=on," in words
                assert "hostfwd" not in words

    def test_one_on_a_bus_of_its_own_takes_no_slot(self, q35: Board, image: PackedImage) -> None:
        disk = Device.model_validate(
            {"pci": "00:01.1", "qemu": {"model": "ide-hd,bus=ide.0", "disk_mib": 1}}, strict=False
        )
        board = q35.model_copy(update={"devices": q35.devices | {"disk1": disk}})

        assert "-device ide-hd,bus=ide.0,id=disk1,drive=disk1 " in command(board, image)


class TestTiming:
    def test_counted_is_deterministic(self, q35: Board, image: PackedImage) -> None:
        words = command(q35, image)

        assert "-accel tcg -icount shift=0,sleep=off -seed 7 -rtc base=2026-01-01T00:00:00,clock=vm" in words

    def test_threads_is_concurrent(self, q35: Board, image: PackedImage) -> None:
        threads = q35.model_copy(update={"qemu": q35.qemu.model_copy(update={"timing": "threads"})})
        words = command(threads, image)

        assert "-accel tcg,thread=multi -rtc base=2026-01-01T00:00:00,clock=vm" in words
        assert "icount" not in words
