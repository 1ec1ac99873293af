"""What a manifest calls "guest:NAME": a file of a Debian package, or an initrd, by targets/guests/NAME.toml.

Made once, into build/guests/; beside each lies a record of what it was made from, which results carry on.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, ValidationError, model_validator

from harness.errors import ImageError, UsageError
from harness.image import build, cpio, debian, initrd
from harness.image.debian import STORE, Architecture, Package
from harness.image.document import ROOT, find, load, names
from harness.image.fields import Many, Name, Strict
from harness.image.files import digest, put, sha256

FOLDER = ROOT / "targets" / "guests"
PREFIX = "guest:"  # what begins so in a manifest is made here


class Source(Strict):
    """A package, as a recipe wants it."""

    name: str
    """what the package is called"""
    architecture: Architecture
    """what it is for"""
    depends: str | None = None
    """pattern of the dependency that is meant, if the package is a metapackage"""


class Initrd(Strict):
    """A first file system for Linux."""

    kernel: Name
    """the guest whose package the modules come from"""
    modules: Many[str] = ()
    """modules to load; what they depend on comes with them, what is built in is left out"""
    directories: Many[str] = ()
    """directories that are there"""
    links: dict[str, str] = Field(default_factory=dict)
    """symbolic links, by path"""
    files: dict[str, str]
    """executable files, by path: "build:NAME", "guest:NAME", or a path that begins at the recipe"""


class Recipe(Strict):
    """How a guest is made: out of a package, or as an initrd."""

    schema_version: Literal[1] = Field(alias="schema")
    """version of the form of this file"""
    summary: str
    """one line for people"""
    package: Source | None = None
    """the package that it comes in"""
    file: str | None = None
    """pattern of the one file in the package that is meant"""
    initrd: Initrd | None = None
    """what an initrd is made of, instead of package and file"""

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.package is None) != (self.file is None):
            raise ValueError("has only one of [package] and file; a file of a package needs both")
        if (self.package is None) == (self.initrd is None):
            raise ValueError("needs either [package] and file, or [initrd]")
        return self


class Guest(Strict):
    """A guest that was made: the record beside its file."""

    name: str
    """what manifests call it"""
    sha256: str
    """of its file"""
    packages: Many[Package]
    """where it comes from; of an initrd, also the package of the kernel that the modules belong to"""
    files: dict[str, str]
    """SHA-256 of what was taken from packages or went into the initrd, by its path there"""
    key: str
    """changes when the guest has to be made again"""

    @property
    def path(self) -> Path:
        """Its file."""
        return STORE / self.name


def recipes() -> list[str]:
    """The guests that there are recipes for."""
    return names(FOLDER)


def load_recipe(name: str) -> Recipe:
    """Reads the recipe of a guest.

    Raises:
      UsageError: there is none, or it is wrong.
    """
    return load(find(name, FOLDER, "guest"), Recipe, "recipe of a guest")


def make(name: str) -> Guest:
    """Makes a guest unless it is up to date. Safe to be called by many at once.

    Raises:
      UsageError: there is no such guest, or its recipe is wrong.
      ImageError: it cannot be made: no network, or a package is not as the recipe expects it.
    """
    recipe = load_recipe(name)
    inputs = _initrd_inputs(recipe.initrd) if recipe.initrd else _Inputs((_package(recipe),), {})
    key = inputs.key(recipe)
    with build.locked(STORE / f"{name}.lock"):
        return _kept(name, key) or _make(name, recipe, inputs, key)


def locate(file: str, beside: Path) -> Path:
    """The file that a manifest or a recipe means: built, a guest, or at a path that begins beside it.

    Raises:
      ImageError: it cannot be made.
    """
    if file.startswith(build.PREFIX):
        return build.build(file.removeprefix(build.PREFIX))
    if file.startswith(PREFIX):
        return make(file.removeprefix(PREFIX)).path
    return beside / file


@dataclass(frozen=True)
class _Inputs:
    """What a guest is made from."""

    packages: tuple[Package, ...]
    """the first is the one that is unpacked"""
    files: Mapping[str, Path]
    """of an initrd, by their paths in it"""

    def key(self, recipe: Recipe) -> str:
        """Changes whenever the guest could."""
        ours = [Path(module.__file__ or "") for module in (initrd, cpio)]
        hashes = [package.sha256 for package in self.packages]
        hashes += [sha256(path) for path in (*self.files.values(), *ours)]
        return digest(repr((recipe, hashes)).encode())


def _initrd_inputs(wanted: Initrd) -> _Inputs:
    guests = [make(file.removeprefix(PREFIX)) for file in wanted.files.values() if file.startswith(PREFIX)]
    packages = [_package(load_recipe(wanted.kernel)), *(each for guest in guests for each in guest.packages)]
    return _Inputs(tuple(packages), {path: locate(file, FOLDER) for path, file in wanted.files.items()})


def _package(recipe: Recipe) -> Package:
    if recipe.package is None:
        raise UsageError(
            f'"{recipe.summary}" comes in no package',
            why="the modules of an initrd are taken from the package of a kernel",
            todo="name a guest with a [package] as its kernel",
        )
    return debian.fetch(recipe.package.name, recipe.package.architecture, recipe.package.depends)


def _make(name: str, recipe: Recipe, inputs: _Inputs, key: str) -> Guest:
    with debian.unpacked(inputs.packages[0]) as folder:
        if recipe.initrd is None:
            path = _only(folder, recipe.file or "")
            data = path.read_bytes()
            files = {str(path.relative_to(folder)): digest(data)}
        else:
            modules = initrd.load_order(folder, recipe.initrd.modules)
            entries = initrd.entries(inputs.files, recipe.initrd.links, recipe.initrd.directories, modules)
            data = cpio.archive(entries)
            files = {path: digest(entry.data) for path, entry in entries.items() if entry.is_file}
    put(STORE / name, data)
    guest = Guest(name=name, sha256=digest(data), packages=inputs.packages, files=files, key=key)
    put(STORE / f"{name}.json", guest.model_dump_json(indent=2).encode())
    return guest


def _only(folder: Path, pattern: str) -> Path:
    """The one file that a pattern fits."""
    found = sorted(path for path in folder.glob(pattern) if path.is_file())
    if len(found) != 1:
        raise ImageError(
            f'"{pattern}" fits {len(found)} files of the package, and should fit one',
            todo="correct the recipe in targets/guests; dpkg-deb --contents shows what is in a package",
        )
    return found[0]


def _kept(name: str, key: str) -> Guest | None:
    """The guest as it was made before, if it still is what would be made, to the last byte."""
    try:
        guest = Guest.model_validate_json((STORE / f"{name}.json").read_bytes())
        return guest if guest.key == key and sha256(guest.path) == guest.sha256 else None
    except (OSError, ValidationError):
        return None
