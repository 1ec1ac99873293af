"""What a manifest calls "guest:NAME": a file of Debian's, an initrd or a disk, by targets/guests/NAME.toml.

Made once, into build/guests/; beside each lies a record of what it was made from, which results carry on.
"""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from pydantic import ValidationError

from harness.errors import ImageError, UsageError
from harness.image import build, cpio, debian, disk, initrd, program
from harness.image.debian import STORE, Package
from harness.image.fields import Many, Strict
from harness.image.files import digest, locked, put, sha256
from harness.image.recipe import FOLDER, Disk, Initrd, Recipe, Source, load_recipe

PREFIX = "guest:"  # what begins so in a manifest is made here


class Guest(Strict):
    """A guest that was made: the record beside its file."""

    name: str
    """what manifests call it"""
    sha256: str
    """of its file"""
    packages: Many[Package]
    """where it comes from; of an initrd, also the package of the kernel that the modules belong to, and those
    that its programs and their libraries come from"""
    files: dict[str, str]
    """SHA-256 of what was taken from packages or went into initrd or disk, by its path there"""
    key: str
    """changes when the guest has to be made again"""

    @property
    def path(self) -> Path:
        """Its file."""
        return STORE / self.name


def make(name: str) -> Guest:
    """Makes a guest unless it is up to date. Safe to be called by many at once.

    Raises:
      UsageError: there is no such guest, or its recipe is wrong.
      ImageError: it cannot be made: no network, or a package is not as the recipe expects it.
    """
    recipe = load_recipe(name)
    inputs = _inputs(recipe)
    key = inputs.key(recipe)
    with locked(STORE / f"{name}.lock"):
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

    unpacked: tuple[Package, ...]
    """packages of which files are taken"""
    files: Mapping[str, Path]
    """of an initrd or a disk, by their paths in it"""
    within: tuple[Package, ...] = ()
    """packages that these files come from"""
    searched: tuple[Package, ...] = ()
    """packages that programs of an initrd are looked for in"""

    def key(self, recipe: Recipe) -> str:
        """Changes whenever the guest could."""
        ours = [Path(module.__file__ or "") for module in (initrd, cpio, disk, program)]
        hashes = [package.sha256 for package in (*self.unpacked, *self.within, *self.searched)]
        hashes += [sha256(path) for path in (*self.files.values(), *ours)]
        return digest(repr((recipe, hashes)).encode())


def _inputs(recipe: Recipe) -> _Inputs:
    if recipe.initrd is not None:
        inputs = _composed((_package(recipe.initrd.kernel),), recipe.initrd)
        programs = recipe.initrd.programs
        searched = debian.fetch_all(programs.package, programs.architecture) if programs else ()
        return replace(inputs, searched=searched)
    if recipe.disk is not None:
        return _composed(tuple(_fetch(source) for source in recipe.disk.grub), recipe.disk)
    assert recipe.package is not None, "a recipe has one of the three"
    return _Inputs((_fetch(recipe.package),), {})


def _composed(unpacked: tuple[Package, ...], wanted: Initrd | Disk) -> _Inputs:
    guests = [make(file.removeprefix(PREFIX)) for file in wanted.files.values() if file.startswith(PREFIX)]
    files = {path: locate(file, FOLDER) for path, file in wanted.files.items()}
    return _Inputs(unpacked, files, tuple(each for guest in guests for each in guest.packages))


def _package(kernel: str) -> Package:
    recipe = load_recipe(kernel)
    if recipe.package is None:
        raise UsageError(
            f'"{recipe.summary}" comes in no package',
            why="the modules of an initrd are taken from the package of a kernel",
            todo="name a guest with a [package] as its kernel",
        )
    return _fetch(recipe.package)


def _fetch(source: Source) -> Package:
    return debian.fetch(source.name, source.architecture, source.depends)


def _make(name: str, recipe: Recipe, inputs: _Inputs, key: str) -> Guest:
    with debian.unpacked(*inputs.unpacked) as folder, _programs(recipe.initrd, inputs) as programs:
        found = {path: file for path, (_, file) in programs.items()}
        data, files = _content(recipe, {**inputs.files, **found}, folder)
    put(STORE / name, data)
    used = {package for package, _ in programs.values()}
    packages = (*inputs.unpacked, *inputs.within, *(each for each in inputs.searched if each.name in used))
    guest = Guest(name=name, sha256=digest(data), packages=packages, files=files, key=key)
    put(STORE / f"{name}.json", guest.model_dump_json(indent=2).encode())
    return guest


@contextmanager
def _programs(wanted: Initrd | None, inputs: _Inputs) -> Iterator[dict[str, tuple[str, Path]]]:
    """Programs of an initrd by their paths in it: the package of each, and its file as long as needed."""
    with ExitStack() as stack:
        folders = {each.name: stack.enter_context(debian.unpacked(each)) for each in inputs.searched}
        programs = wanted.programs if wanted else None
        yield program.collect(folders, programs.files if programs else ())


def _content(recipe: Recipe, files: Mapping[str, Path], folder: Path) -> tuple[bytes, dict[str, str]]:
    """The guest, and the hashes of what is in it."""
    if recipe.initrd is not None:
        modules = initrd.load_order(folder, recipe.initrd.modules)
        entries = initrd.entries(files, recipe.initrd.links, recipe.initrd.directories, modules)
        hashes = {path: digest(entry.data) for path, entry in entries.items() if entry.is_file}
        return cpio.archive(entries), hashes
    if recipe.disk is not None:
        content = {path: file.read_bytes() for path, file in files.items()}
        hashes = {path: digest(data) for path, data in content.items()}
        return disk.image(folder, recipe.disk.modules, content), hashes
    path = _only(folder, recipe.file or "")
    data = path.read_bytes()
    return data, {str(path.relative_to(folder)): digest(data)}


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
