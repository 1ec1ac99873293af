"""An unmodified Linux on the bare machine, asked through the probe as a process; booted twice, counted."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from harness.deadline import Deadline
from harness.image import PackedImage, load_board, load_manifest, pack
from harness.machine import Run, open_machine
from harness.probe import Fault, Hello, Probe

BOOT_SECONDS = 120  # a few, on an idle host
BOARD = """
schema = 1
name = "q35-without-nvme"
summary = "qemu-q35 without the disk whose driver is in the kernel, and that the host answers"
like = "qemu-q35"

[device.disk1.qemu]
model = "virtio-blk-pci"
"""


class Linux:
    """A machine that boots, and what it printed until the probe answered."""

    def __init__(self, image: PackedImage, logs: Path) -> None:
        self.machine = open_machine(image.board, image, logs)
        try:
            self.machine.power_on(self.within(20))
        except BaseException:
            self.machine.close()
            raise
        self.probe = Probe(self.machine.consoles["com1"], self.machine.clock, "bare")

    def within(self, seconds: float) -> Deadline:
        return Deadline(self.machine.clock, seconds)

    def wait_hello(self) -> None:
        self.hello = self.probe.wait_hello(self.within(BOOT_SECONDS))
        self.boot = self.machine.consoles["com1"].log.read_bytes()

    def close(self) -> None:
        self.probe.close()
        self.machine.close()


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> PackedImage:
    folder = tmp_path_factory.mktemp("image")
    board = folder / "board.toml"
    board.write_text(BOARD)
    return pack(load_board(board), load_manifest("bare-linux"), folder)


@pytest.fixture(scope="module")
def twice(image: PackedImage, tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[Linux]]:
    """Two boots of the same, at the same time: they have nothing to do with each other."""
    logs = tmp_path_factory.mktemp("logs")
    with ExitStack() as ends:
        both = []
        for name in ("first", "second"):
            both.append(Linux(image, logs / name))
            ends.callback(both[-1].close)
        for linux in both:
            linux.wait_hello()
        yield both


@pytest.fixture
def linux(twice: list[Linux]) -> Linux:
    return twice[0]


def test_it_says_who_answers_on_which_line(linux: Linux) -> None:
    assert linux.hello == Hello(1, "process", 0, 0, 0x3F8, 4)


def test_two_kernels_print_the_same_to_the_last_byte_on_their_way_to_init(twice: list[Linux]) -> None:
    """Then come the drivers of disks and networks, whose answers take as long as the host wants."""
    first, second = (linux.boot.partition(b"Run /init as init process") for linux in twice)

    assert first[:2] == second[:2]
    assert first[1], "and they did get there"


def test_what_runs_is_debians_kernel_as_it_was_packed(linux: Linux, image: PackedImage) -> None:
    kernel = next(package for guest in image.guests for package in guest.packages if "cloud" in package.name)

    release = linux.probe.run(5, "uname -r; uname -v").text

    assert kernel.name == f"linux-image-{release.splitlines()[0]}"
    assert f"Debian {kernel.version} " in release


def test_the_modules_are_loaded_without_complaint(linux: Linux) -> None:
    loaded = linux.probe.run(5, "cut -d' ' -f1 /proc/modules").text.split()

    assert {"virtio_pci", "virtio_blk", "virtio_net", "msr"} <= set(loaded)
    assert b"insmod:" not in linux.boot


def test_ports_are_answered_by_the_machine(linux: Linux) -> None:
    """The scratch register of COM2, which nobody uses: what is written can be read back."""
    linux.probe.out(1, 0x2FF, 0xA5)

    assert linux.probe.in_(1, 0x2FF) == 0xA5
    assert linux.probe.ins(1, 0x2FF, 3) == b"\xa5\xa5\xa5"
    linux.probe.outs(1, 0x2FF, b"\x01\x02\x5a")
    assert linux.probe.in_(1, 0x2FF) == 0x5A


def test_memory_is_shared_with_a_command(linux: Linux) -> None:
    """A page that Linux leaves to everybody: the first one. Both ways of access see the same."""
    linux.probe.poke(0x500, b"mrm?")
    linux.probe.store(1, 0x503, ord("!"))

    assert linux.probe.peek(0x500, 4) == b"mrm!"
    assert linux.probe.load(4, 0x500) == int.from_bytes(b"mrm!", "little")


@pytest.mark.parametrize("address", [0x1000000, 0xFEE00000], ids=["ram", "lapic"])
def test_what_linux_keeps_to_itself_is_denied(linux: Linux, address: int) -> None:
    for question in (("load", 4, address), ("store", 4, address, 0), ("peek", address, 4)):
        assert linux.probe.ask(*question).values == ("denied",)


def test_the_memory_map_is_the_boards(linux: Linux, image: PackedImage) -> None:
    usable = [(item.base, item.base + item.size) for item in linux.probe.e820() if item.type == 1]

    assert len(usable) == len(image.board.memory.ram)
    for (base, end), ram in zip(usable, image.board.memory.ram, strict=True):
        assert base == ram.base
        assert ram.end - 0x1000 < end <= ram.end  # firmware takes some of the end of conventional memory


def test_a_register_is_read_and_written(linux: Linux) -> None:
    lstar = 0xC0000082
    assert linux.probe.rdmsr(0x1B) == 0xFEE00900  # APIC base: enabled, and the bootstrap processor's

    value = linux.probe.rdmsr(lstar)

    assert not isinstance(value, Fault)
    assert value >> 63 == 1  # where system calls enter: in the kernel's half
    assert linux.probe.wrmsr(lstar, value) is None


def test_two_conversations_read_the_same(twice: list[Linux]) -> None:
    for linux in twice:
        linux.probe.echo(bytes(range(128)))
        linux.probe.cpuid(1)
        linux.probe.e820()
        linux.probe.run(5, "cat /proc/iomem /proc/cmdline; cut -d' ' -f1 /proc/modules")
    counted = [linux.probe.transcript.read_text().splitlines()[-8:] for linux in twice]

    assert [line[4:] for line in counted[0]] == [line[4:] for line in counted[1]]


def test_it_is_told_when_it_is_killed_and_starts_again(linux: Linux) -> None:
    linux.probe.last("run", 5, b"kill -9 $PPID")

    assert linux.probe.wait_hello(linux.within(20)) == linux.hello


def test_it_switches_the_machine_off(twice: list[Linux]) -> None:
    linux = twice[1]
    linux.probe.last("run", 5, b"poweroff -f")

    assert linux.machine.wait_off(linux.within(20)).run is Run.OFF
