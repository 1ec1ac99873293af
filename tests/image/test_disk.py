"""A disk: GRUB's own bytes are kept, and everything lies where its boot sector looks for it."""

import io
import struct
import tarfile
from pathlib import Path

import pytest

from harness.errors import ImageError
from harness.image import disk

SECTOR = 512
SIGNATURE, TABLE, TABLE_END = 0x1B8, 0x1BE, 0x1FE
BOOT = bytes(1 + index % 251 for index in range(SECTOR))
FILES = {"boot/vmlinuz": b"kernel" * 1000, "boot/grub/grub.cfg": b"boot\n"}
TOOL = """#!/bin/sh
# Writes what it was told, as often as COPIES says, where it was told to.
told="$*"
while [ "$1" != -o ]; do shift; done
for copy in $(seq COPIES); do printf '%s\\n' "$told"; done >"$2"
"""


def _packages(folder: Path, copies: int = 1) -> Path:
    """GRUB's packages, as far as a disk is made of them."""
    modules, tools = folder / "usr/lib/grub/i386-pc", folder / "usr/bin"
    modules.mkdir(parents=True)
    tools.mkdir(parents=True)
    (modules / "boot.img").write_bytes(BOOT)
    (tools / "grub-mkimage").write_text(TOOL.replace("COPIES", str(copies)))
    (tools / "grub-mkimage").chmod(0o755)
    return folder


def _partition(image: bytes) -> tuple[int, int, int, int]:
    """Flag, type, first sector and number of sectors of the first partition."""
    return struct.unpack_from("<B3xB3xII", image, TABLE)


class TestImage:
    def test_keeps_the_boot_sector_but_for_signature_and_table(self, tmp_path: Path) -> None:
        image = disk.image(_packages(tmp_path), ["normal"], FILES)

        kept = [*range(SIGNATURE), *range(TABLE_END, SECTOR)]
        assert [image[at] for at in kept] == [BOOT[at] for at in kept]
        assert image[SIGNATURE : SIGNATURE + 4] == disk.DISK_SIGNATURE

    def test_has_grub_from_sector_1_on_with_the_modules_that_were_wanted(self, tmp_path: Path) -> None:
        image = disk.image(_packages(tmp_path), ["normal", "linux"], FILES)

        told = image[SECTOR : image.index(b"\n", SECTOR)].decode()
        assert told.startswith("-O i386-pc -d ")
        assert told.endswith(" biosdisk part_msdos tar normal linux")

    def test_has_the_files_on_an_active_partition_of_its_own(self, tmp_path: Path) -> None:
        image = disk.image(_packages(tmp_path), [], FILES)

        flag, kind, first, count = _partition(image)
        assert (flag, kind, first) == (0x80, 0xDA, 2048)
        assert image[TABLE + 16 : TABLE_END] == bytes(48), "there is no other partition"
        with tarfile.open(fileobj=io.BytesIO(image[first * SECTOR : (first + count) * SECTOR])) as archive:
            found = {name: archive.extractfile(name) for name in archive.getnames()}
        assert {name: file.read() for name, file in found.items() if file} == FILES

    def test_is_a_whole_number_of_mib(self, tmp_path: Path) -> None:
        assert len(disk.image(_packages(tmp_path), [], FILES)) == 2 << 20

    def test_is_the_same_again(self, tmp_path: Path) -> None:
        packages = _packages(tmp_path)
        again = dict(reversed(FILES.items()))

        assert disk.image(packages, ["normal"], FILES) == disk.image(packages, ["normal"], again)


class TestRefused:
    def test_a_grub_that_reaches_into_the_partition(self, tmp_path: Path) -> None:
        with pytest.raises(ImageError, match="more than fit between boot sector and partition"):
            disk.image(_packages(tmp_path, copies=20000), [], FILES)

    def test_a_module_that_grub_lacks(self, tmp_path: Path) -> None:
        packages = _packages(tmp_path)
        (packages / "usr/bin/grub-mkimage").write_text("#!/bin/sh\necho no such module >&2\nexit 1\n")

        with pytest.raises(ImageError, match="no such module"):
            disk.image(packages, ["mistyped"], FILES)
