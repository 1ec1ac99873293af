"""Does a partition with firmware of its own start as a PC does: from its own disk, told of its own devices?

Paper §3.3(2)B. Asked of partitions whose payload is firmware; what they run comes from their disk.
"""

import pytest

from fixtures.machine import check_on
from fixtures.partitions import Partition
from harness.image.files import sha256
from harness.machine import Machine
from suites.systems.linux import shell
from suites.systems.load import undisturbed

pytestmark = pytest.mark.process

MIB = 1 << 20
HIGH = 1 * MIB
TICKS = 0x46C
"""Where firmware counts the ticks of the day, of which there are 18.2 a second."""
FIRMWARE_KEEPS = 4096
"""What firmware may keep of the RAM below 640 KiB, for data of its own (EBDA)."""
ADDRESSES = 1 << 32
SAMPLE, SAMPLED = 256, 1 << 14
"""How much of the ROM is compared: so many bytes at the end of so many. A request holds no more."""
FIRST, AGAIN = "mrm.start=first", "mrm.start=again"
SUM_SECONDS = 120


@pytest.fixture
def pc(subject: Partition) -> Partition:
    """A partition that starts as a PC does."""
    if subject.spec.payload.kind != "bootsector":
        pytest.skip(
            f"{subject.name} is started without firmware: its payload is of kind {subject.spec.payload.kind}"
        )
    return subject


@pytest.mark.smoke
@pytest.mark.requirement("BOOT-09")
def test_is_it_started_by_the_loader_on_its_disk(pc: Partition) -> None:
    told = shell(pc, "cat /proc/cmdline").split()

    assert told[0].startswith("BOOT_IMAGE="), "GRUB says so, and nobody else"
    assert FIRST in told


@pytest.mark.smoke
@pytest.mark.requirement("BOOT-09")
def test_is_the_vendors_firmware_in_its_rom(machine: Machine, pc: Partition) -> None:
    """It ends where the addresses of 32 bits do, as on every PC."""
    (file,) = [module.path for module in machine.image.modules if module.command_line == pc.name]
    rom = file.read_bytes()
    samples = range(SAMPLED - SAMPLE, len(rom), SAMPLED)

    told = [pc.peek(ADDRESSES - len(rom) + at, SAMPLE) for at in samples]

    assert told == [rom[at : at + SAMPLE] for at in samples]
    assert sha256(file) == machine.image.hashes[f"partition {pc.name}"]


@pytest.mark.smoke
@pytest.mark.requirement("BOOT-09", "OS-02")
def test_is_its_disk_the_one_of_the_manifest_and_the_only_one(machine: Machine, pc: Partition) -> None:
    device, contents = _disk(machine, pc)
    _write_start(machine, pc, FIRST)

    disks = shell(pc, "ls /sys/block").split()
    told = shell(
        pc, f"dd if=/dev/{disks[0]} bs=1M count={len(contents) // MIB} 2>/dev/null | sha256sum", SUM_SECONDS
    )

    assert len(disks) == 1
    assert told.split()[0] == machine.image.hashes[f"disk {device}"]


@pytest.mark.requirement("BOOT-09", "BOOT-02")
def test_does_its_firmware_tell_the_memory_of_the_manifest(pc: Partition) -> None:
    """The map of INT 15h, E820, as the kernel got it."""
    command = "cd /sys/firmware/memmap; for i in *; do echo $(cat $i/start $i/end $i/type); done"
    lines = [line.split(maxsplit=2) for line in shell(pc, command).splitlines()]
    ram = sorted((int(first, 16), int(last, 16)) for first, last, kind in lines if kind == "System RAM")

    assert all(pc.owns(first) and pc.owns(last) for first, last in ram)
    high = [(max(stretch.gpa, HIGH), stretch.end - 1) for stretch in pc.ram if stretch.end > HIGH]
    assert [piece for piece in ram if piece[0] >= HIGH] == high
    assert sum(last + 1 - first for first, last in ram if last < HIGH) >= 640 * 1024 - FIRMWARE_KEEPS


@pytest.mark.smoke
@pytest.mark.requirement("BOOT-09", "DEV-11")
def test_has_the_clock_of_its_firmware_ticked(pc: Partition) -> None:
    """As the kernel found it: INT 8 counts, by interval timer and 8259 pair (PC AT Technical Reference).

    Machines are switched on at midnight, so firmware that only takes over the time of day has 0.
    """
    if not {"pit", "pic"} <= set(pc.spec.devices):
        pytest.skip(f"the manifest does not give {pc.name} both the 8259 pair and the interval timer")

    assert pc.peek(TICKS, 4) != bytes(4)


@pytest.mark.requirement("BOOT-09", "STOP-04", "OS-03")
def test_does_a_reboot_go_by_its_firmware_and_its_disk_again(
    machine: Machine, pc: Partition, neighbour: Partition
) -> None:
    """What is written to the boot loader's file is what the next start is told."""
    if pc.spec.on_reset != "restart":
        pytest.skip(f"{pc.name} stays off after a reset, as its manifest says")
    mark = machine.mark()
    with undisturbed(neighbour):
        _write_start(machine, pc, AGAIN)
        pc.last("run", 5, b"reboot -f")
        pc.boot()
        told = shell(pc, "cat /proc/cmdline").split()
        _write_start(machine, pc, FIRST)
    check_on(machine, mark)

    assert AGAIN in told


@pytest.mark.requirement("BOOT-09", "OS-02")
def test_does_the_neighbour_see_that_disk(pc: Partition, neighbour: Partition) -> None:
    own = shell(pc, "ls /sys/block").split()

    assert own
    assert not set(own).intersection(shell(neighbour, "ls /sys/block").split())


def _disk(machine: Machine, pc: Partition) -> tuple[str, bytes]:
    """Which of its disks the manifest fills, and with what."""
    (device,) = [name for name in machine.image.manifest.disks if name in pc.spec.devices]
    return device, machine.image.disks[device].read_bytes()


def _write_start(machine: Machine, pc: Partition, start: str) -> None:
    """Writes into the boot loader's file on the disk how the next start is to be called, past the cache."""
    _, contents = _disk(machine, pc)
    place = f"of=/dev/sda bs=1 seek={contents.index(FIRST.encode())} conv=notrunc"
    shell(pc, f"printf {start} | dd {place} 2>/dev/null && sync && echo 3 >/proc/sys/vm/drop_caches")
