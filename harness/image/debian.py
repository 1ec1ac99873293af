"""Packages of Debian that guests come from: fetched once through apt, kept, and unpacked when needed.

What was fetched stays the same until it is deleted, and needs no network any more.
"""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from pydantic import TypeAdapter, ValidationError

from harness.errors import ImageError
from harness.image.apt import Apt, run
from harness.image.fields import Strict
from harness.image.files import OUT, locked, put, sha256

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


_RECORD = TypeAdapter(Package | tuple[Package, ...])
"""what is kept about one package, or about several that belong together"""


def fetch(name: str, architecture: Architecture, depends: str | None = None) -> Package:
    """Fetches a package unless it was fetched before. Safe to be called by many at once.

    Args:
      depends: it is a metapackage; a pattern of the dependency that is meant.

    Raises:
      ImageError: it was not, and is not to be had.
    """
    record = f"{name}_{architecture}.json"
    (package,) = _fetched(record, architecture, lambda apt, into: apt.download(name, depends, into))
    return package


def fetch_all(name: str, architecture: Architecture) -> tuple[Package, ...]:
    """Fetches a package and all that it depends on, sorted by file, unless they were fetched before.

    Safe to be called by many at once.

    Raises:
      ImageError: they were not, and one of them is not to be had.
    """
    record = f"{name}_{architecture}.all.json"
    return _fetched(record, architecture, lambda apt, into: apt.download_all(name, into))


def _fetched(
    name: str, architecture: Architecture, download: Callable[[Apt, Path], None]
) -> tuple[Package, ...]:
    """The packages of a record; downloaded, and put on record, if they are not there."""
    folder = STORE / "packages"
    folder.mkdir(parents=True, exist_ok=True)
    record = folder / name
    with locked(STORE / f"apt-{architecture}.lock"):
        packages = _kept(record)
        if packages is None:
            packages = _downloaded(architecture, download, folder)
            put(record, _RECORD.dump_json(packages if len(packages) > 1 else packages[0], indent=2))
    return packages


def _kept(record: Path) -> tuple[Package, ...] | None:
    """What was fetched before, if all of it is still there."""
    try:
        kept = _RECORD.validate_json(record.read_bytes())
    except (OSError, ValidationError):
        return None
    packages = kept if isinstance(kept, tuple) else (kept,)
    return packages if all((record.parent / package.deb).is_file() for package in packages) else None


def _downloaded(
    architecture: Architecture, download: Callable[[Apt, Path], None], folder: Path
) -> tuple[Package, ...]:
    apt = Apt(architecture, STORE / "apt" / architecture)
    with tempfile.TemporaryDirectory(prefix=".apt-", dir=STORE) as fresh:
        download(apt, Path(fresh))
        debs = sorted(Path(fresh).glob("*.deb"))
        packages = tuple(_package(deb) for deb in debs)
        for deb in debs:
            deb.rename(folder / deb.name)
    return packages


def _package(deb: Path) -> Package:
    """What a package's file says that it is."""
    form = "--showformat=${Package}\n${Version}\n${Architecture}\n"
    name, version, architecture = run(["dpkg-deb", "--show", form, str(deb)], STORE).splitlines()
    return Package(name=name, version=version, architecture=architecture, deb=deb.name, sha256=sha256(deb))


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
