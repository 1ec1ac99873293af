"""Programs out of Debian's packages, with the shared libraries that they want, for an initrd."""

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath

from harness.errors import ImageError
from harness.image.apt import run

LIBRARIES = ("lib/x86_64-linux-gnu", "usr/lib/x86_64-linux-gnu", "lib64")
"""Where the dynamic linker of amd64 looks by itself, and where it lies."""

_ELF = b"\x7fELF"
_INTERPRETER = re.compile(r"Requesting program interpreter: /([^]]+)\]")
_NEEDED = re.compile(r"\(NEEDED\).*\[([^]]+)\]")


def collect(packages: Mapping[str, Path], wanted: Iterable[str]) -> dict[str, tuple[str, Path]]:
    """Finds files in unpacked packages, and the shared libraries that these and those want.

    Args:
      packages: the folder of each package, by name.
      wanted: paths in any of them.

    Returns:
      by the path that each is to have: the name of its package, and the file.

    Raises:
      ImageError: no package has one of them.
    """
    found: dict[str, tuple[str, Path]] = {}
    missing = list(wanted)
    while missing:
        path = missing.pop()
        if path not in found:
            found[path] = _find(packages, path)
            missing += [_library(packages, name) for name in _wants(found[path][1])]
    return found


def _find(packages: Mapping[str, Path], path: str) -> tuple[str, Path]:
    for name, folder in packages.items():
        if (file := _inside(folder, folder / path)).is_file():
            return name, file
    raise ImageError(
        f'none of {len(packages)} packages has "{path}"',
        todo="correct the recipe in targets/guests; dpkg-deb --contents shows what is in a package",
    )


def _library(packages: Mapping[str, Path], name: str) -> str:
    """Where a library is; the dynamic linker itself is named by its path."""
    if "/" in name:
        return name
    for place in LIBRARIES:
        if any(_inside(folder, folder / place / name).is_file() for folder in packages.values()):
            return f"{place}/{name}"
    raise ImageError(
        f"no package has the shared library {name}",
        why="a program in the initrd would not start without it",
        todo="name a package in the recipe that depends on it",
    )


def _wants(file: Path) -> Iterator[str]:
    """The dynamic linker and the libraries of an ELF file; nothing of any other."""
    with file.open("rb") as opened:
        if opened.read(len(_ELF)) != _ELF:
            return
    told = run(["readelf", "--wide", "--program-headers", "--dynamic", str(file)], file.parent)
    yield from _INTERPRETER.findall(told)
    yield from _NEEDED.findall(told)


def _inside(folder: Path, path: Path) -> Path:
    """Follows links as they lead where the package's folder is the root."""
    while path.is_symlink():
        target = PurePosixPath(os.readlink(path))
        path = folder / target.relative_to("/") if target.is_absolute() else path.parent / target
    return path
