"""Packages of Debian that guests come from: fetched once through apt, kept, and unpacked when needed.

What was fetched stays the same until it is deleted, and needs no network any more.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from harness.errors import ImageError
from harness.image.apt import Apt, run
from harness.image.build import OUT, locked
from harness.image.fields import Strict
from harness.image.files import put, sha256

Architecture = Literal["amd64", "i386"]

STORE = OUT / "guests"


class Package(Strict):
    """A package that was fetched."""

    name: str
    """what it is called: the real one, where a metapackage was asked for"""
    version: str
    """as Debian counts"""
    architecture: str
    """what it runs on"""
    deb: str
    """its file, in the folder of packages"""
    sha256: str
    """of that file; apt has verified it against the signed lists"""


def fetch(name: str, architecture: Architecture, depends: str | None = None) -> Package:
    """Fetches a package unless it was fetched before. Safe to be called by many at once.

    Args:
      depends: it is a metapackage; a pattern of the dependency that is meant.

    Raises:
      ImageError: it was not, and is not to be had.
    """
    folder = STORE / "packages"
    folder.mkdir(parents=True, exist_ok=True)
    record = folder / f"{name}_{architecture}.json"
    with locked(STORE / f"apt-{architecture}.lock"):
        package = _kept(record)
        if package is None:
            package = _download(name, architecture, depends, folder)
            put(record, package.model_dump_json(indent=2).encode())
    return package


def _kept(record: Path) -> Package | None:
    """What was fetched before, if all of it is still there."""
    try:
        package = Package.model_validate_json(record.read_bytes())
    except (OSError, ValidationError):
        return None
    return package if (record.parent / package.deb).is_file() else None


def _download(name: str, architecture: Architecture, depends: str | None, folder: Path) -> Package:
    apt = Apt(architecture, STORE / "apt" / architecture)
    with tempfile.TemporaryDirectory(prefix=".apt-", dir=STORE) as fresh:
        fields = apt.download(name, depends, Path(fresh))
        (deb,) = Path(fresh).glob("*.deb")
        package = Package(
            name=fields["Package"],
            version=fields["Version"],
            architecture=fields["Architecture"],
            deb=deb.name,
            sha256=sha256(deb),
        )
        deb.rename(folder / deb.name)
    return package


@contextmanager
def unpacked(*packages: Package) -> Iterator[Path]:
    """What is inside some packages, in a folder that lasts as long as it is needed.

    Raises:
      ImageError: the file of a package is not the one that was fetched.
    """
    with tempfile.TemporaryDirectory(prefix=".deb-", dir=STORE) as folder:
        for package in packages:
            run(["dpkg-deb", "-x", str(_verified(package)), folder], STORE)
        yield Path(folder)


def _verified(package: Package) -> Path:
    """The file of a package, if it is the one that was fetched."""
    deb = STORE / "packages" / package.deb
    if sha256(deb) != package.sha256:
        raise ImageError(
            f"{deb} is not the file that was fetched: its SHA-256 is not {package.sha256}",
            why="a guest is what Debian made, unmodified",
            todo=f"delete the folder {STORE}; everything in it is made again",
        )
    return deb
