"""What a manifest has disks hold: found, hashed, and refused where it does not go in."""

from pathlib import Path

import pytest

from harness.errors import UsageError
from harness.image import Manifest, load_board, load_manifest, pack
from harness.image.device import disk_bytes
from harness.image.files import digest


def bare_with(disks: dict[str, str]) -> Manifest:
    return load_manifest("bare-probe").model_copy(update={"disks": disks})


def test_contents_are_part_of_the_image(tmp_path: Path) -> None:
    contents = tmp_path / "contents"
    contents.write_bytes(b"bytes of a disk")

    image = pack(load_board("qemu-q35"), bare_with({"disk1": str(contents)}), tmp_path)

    assert image.disks == {"disk1": contents}
    assert image.hashes["disk disk1"] == digest(b"bytes of a disk")


def test_contents_that_do_not_go_in_are_refused(tmp_path: Path) -> None:
    board, contents = load_board("qemu-q35"), tmp_path / "contents"
    with contents.open("wb") as file:
        file.truncate(disk_bytes(board.devices["disk2"]) + 1)

    with pytest.raises(UsageError, match=r"disks\.disk2: contents has 67108865 bytes, the disk only"):
        pack(board, bare_with({"disk2": str(contents)}), tmp_path)
