"""A disk that firmware of a PC starts: GRUB's boot sector, GRUB itself behind it, and a partition of files.

The partition is a tar archive, which GRUB reads as it reads a file system. So the same content gives the same
bytes, whoever makes it, where and when. Source of the forms: GRUB's manual, "BIOS installation" and
grub-mkimage(1); the partition table is that of every PC since DOS 2.0.
"""

import io
import os
import struct
import tarfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from harness.errors import ImageError
from harness.image.apt import run

SECTOR = 512
PARTITION_SECTOR = 2048
"""Where partitions have begun for long, at 1 MiB; GRUB is in the gap before it."""
MIB = 1 << 20

# In the boot sector; the rest of it is GRUB's.
_SIGNATURE, _TABLE, _TABLE_BYTES = 0x1B8, 0x1BE, 64
DISK_SIGNATURE = b"mrm1"
_ACTIVE, _NO_FILE_SYSTEM = 0x80, 0xDA

_MODULES_FOLDER = "usr/lib/grub/i386-pc"
_TOOL = "usr/bin/grub-mkimage"
_READS_ITSELF = ("biosdisk", "part_msdos", "tar")
"""The modules that GRUB needs to reach its files; they come with it."""


def image(packages: Path, modules: Iterable[str], files: Mapping[str, bytes]) -> bytes:
    """The bytes of a disk, a whole number of MiB.

    Args:
      packages: folder with GRUB's packages, unpacked.
      modules: modules of GRUB, beside those by which it reads the disk.
      files: what lies on the partition; "boot/grub/grub.cfg" is what GRUB does.

    Raises:
      ImageError: GRUB lacks a module, or does not fit before the partition.
    """
    boot = bytearray((packages / _MODULES_FOLDER / "boot.img").read_bytes())
    core = _core(packages, [*_READS_ITSELF, *modules])
    files_at = PARTITION_SECTOR * SECTOR
    if SECTOR + len(core) > files_at:
        raise ImageError(
            f"GRUB has {len(core)} bytes, more than fit between boot sector and partition",
            todo="take fewer of its modules into the guest's recipe",
        )
    archive = _archive(files)
    boot[_SIGNATURE : _SIGNATURE + len(DISK_SIGNATURE)] = DISK_SIGNATURE
    boot[_TABLE : _TABLE + _TABLE_BYTES] = _table(len(archive) // SECTOR)
    start = (bytes(boot) + core).ljust(files_at, b"\0")
    size = files_at + len(archive)
    return (start + archive).ljust(-(-size // MIB) * MIB, b"\0")


def _core(packages: Path, modules: list[str]) -> bytes:
    """GRUB as it is started by its boot sector: it finds the rest of itself in the sectors from 1 on."""
    out = packages / "core.img"
    libraries = sorted({path.parent for path in packages.rglob("*.so.*")})
    tool = [str(packages / _TOOL), "-O", "i386-pc", "-d", str(packages / _MODULES_FOLDER)]
    where = f"LD_LIBRARY_PATH={os.pathsep.join(map(str, libraries))}"
    run(["env", where, *tool, "-p", "(hd0,msdos1)/boot/grub", "-o", str(out), *modules], packages)
    return out.read_bytes()


def _archive(files: Mapping[str, bytes]) -> bytes:
    """A tar archive; its form fills it up to whole sectors."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for path, data in sorted(files.items()):
            entry = tarfile.TarInfo(path)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return out.getvalue()


def _table(sectors: int) -> bytes:
    """One partition, in place of what GRUB has there for floppy disks.

    Cylinders and heads are left out: everybody counts sectors.
    """
    entry = struct.pack("<B3xB3xII", _ACTIVE, _NO_FILE_SYSTEM, PARTITION_SECTOR, sectors)
    return entry.ljust(_TABLE_BYTES, b"\0")
