"""Does an unmodified Linux work with a disk of its own, and with no other? Paper §3.1(1), (2)."""

import hashlib

import pytest

from fixtures.operator import Operator
from fixtures.partitions import Partition
from harness.image import Board
from suites.systems.functions import arrivals, controller, disk
from suites.systems.linux import shell
from suites.systems.media import BLOCK, FREE_BLOCK, LAST_BLOCK

pytestmark = pytest.mark.process

PLACES = (FREE_BLOCK, LAST_BLOCK - 1)
"""Two blocks at each."""
SECONDS = 60


@pytest.mark.smoke
@pytest.mark.requirement("OS-06", "DEV-08")
def test_does_its_disk_keep_what_was_written(subject: Partition) -> None:
    file = disk(subject)
    for place in PLACES:
        write(subject, file, place, 100_000)

        check(subject, file, place, 100_000)


@pytest.mark.requirement("OS-06", "DEV-06")
def test_does_it_write_to_a_neighbours_disk(subject: Partition, neighbour: Partition) -> None:
    own, other = disk(subject), disk(neighbour)
    for place in PLACES:
        write(neighbour, other, place, 90_000)
        write(subject, own, place, 80_000)

    for place in PLACES:
        check(neighbour, other, place, 90_000)
        check(subject, own, place, 80_000)


@pytest.mark.smoke
@pytest.mark.requirement("OS-06", "IRQ-01", "IRQ-12")
def test_do_its_interrupts_arrive_on_its_own_processors(subject: Partition, board: Board) -> None:
    file = disk(subject)
    function = controller(subject, file)
    gsi = next(device.gsi for device in board.devices.values() if device.pci == function)
    before = arrivals(subject, function, gsi)
    write(subject, file, FREE_BLOCK, 50_000)
    after = arrivals(subject, function, gsi)

    assert after
    assert all(len(counts) == len(subject.spec.processors) for counts in after.values())
    assert sum(map(sum, after.values())) > sum(map(sum, before.values()))


@pytest.mark.requirement("OS-03", "OS-06", "DEV-09")
def test_does_its_disk_work_at_the_next_start(subject: Partition, operator: Operator) -> None:
    """What was written is still there, as on a machine that was reset."""
    file = disk(subject)
    write(subject, file, FREE_BLOCK, 70_000)

    operator.start_again(subject)

    assert disk(subject) == file
    check(subject, file, FREE_BLOCK, 70_000)


def write(linux: Partition, file: str, place: int, numbers: int) -> None:
    """Writes the numbers up to one, each on a line, and has them reach the disk; all of two blocks."""
    command = f"dd of={file} bs={BLOCK} seek={place} iflag=fullblock count=2 conv=fsync,notrunc 2>/dev/null"
    shell(linux, f"seq {numbers} -1 1 | {command}", SECONDS)


def check(linux: Partition, file: str, place: int, numbers: int) -> None:
    """Fails if what `write` wrote is not on the disk, byte for byte."""
    assert read_back(linux, file, place) == written(numbers), (
        f"{linux}: blocks {place} and {place + 1} of {file} hold something else than it wrote there"
    )


def read_back(linux: Partition, file: str, place: int) -> str:
    """Returns the checksum of two blocks of the disk: nothing that the system remembers is asked."""
    forget = f"echo 3 >/proc/sys/vm/drop_caches; blockdev --flushbufs {file}"
    read = f"dd if={file} bs={BLOCK} skip={place} count=2 2>/dev/null | sha256sum"
    return shell(linux, f"{forget}; {read}", SECONDS).split()[0]


def written(numbers: int) -> str:
    """Returns the checksum of what `write` writes."""
    text = "".join(f"{number}\n" for number in range(numbers, 0, -1)).encode()
    return hashlib.sha256(text[: 2 * BLOCK]).hexdigest()
