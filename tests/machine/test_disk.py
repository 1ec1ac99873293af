"""A machine's disks: empty or a copy, as large as the board says, and nobody else's."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from harness.machine.disk import COPY_BYTES, open_disk

SIZE = 8 << 20

Open = Callable[[Path | None], int]


@pytest.fixture
def opened() -> Iterator[Open]:
    """Opens disks, and closes them with the test."""
    disks: list[int] = []

    def open_one(contents: Path | None) -> int:
        disks.append(open_disk("disk", SIZE, contents))
        return disks[-1]

    yield open_one
    for disk in disks:
        os.close(disk)


def test_it_is_empty_and_takes_no_room(opened: Open) -> None:
    disk = os.fstat(opened(None))

    assert disk.st_size == SIZE
    assert disk.st_blocks == 0


def test_it_has_no_name(opened: Open) -> None:
    assert os.fstat(opened(None)).st_nlink == 0


def test_it_holds_a_copy_and_then_nothing(opened: Open, tmp_path: Path) -> None:
    contents = tmp_path / "contents"
    data = b"first" + bytes(2 * COPY_BYTES) + b"last"
    contents.write_bytes(data)
    disk = opened(contents)

    assert os.pread(disk, SIZE, 0) == data.ljust(SIZE, b"\0")
    assert os.fstat(disk).st_blocks * 512 < len(data)


def test_what_is_written_reaches_neither_the_original_nor_the_next_disk(opened: Open, tmp_path: Path) -> None:
    contents = tmp_path / "contents"
    contents.write_bytes(b"original")
    os.pwrite(opened(contents), b"changed!", 0)

    assert contents.read_bytes() == b"original"
    assert os.pread(opened(contents), 8, 0) == b"original"
