"""Builds what a manifest calls "build:NAME", by the recipes in targets/*/build.toml, into build/.

A thing is built again when anything it is made from has changed: sources, headers, recipe, compiler, sysroot.
"""

import hashlib
import subprocess
import tempfile
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from harness.errors import ImageError, InfraError, UsageError
from harness.image.debian import Architecture, Package, fetch, unpacked
from harness.image.document import ROOT, load, nearest
from harness.image.fields import Many, Name, Strict
from harness.image.files import OUT, locked

RECIPES = ROOT / "targets"
PREFIX = "build:"  # what begins so in a manifest is built here
INPUTS = {".c", ".h", ".S", ".ld"}
STEP_SECONDS = 120  # far beyond what one call of a compiler takes


class Sysroot(Strict):
    """Headers and libraries of Debian for another system than this one: fetched, never installed."""

    architecture: Architecture
    """what the packages are for"""
    packages: Many[str]
    """their names"""

    def fetch(self) -> list[Package]:
        return [fetch(name, self.architecture) for name in self.packages]


class Artifact(Strict):
    """One thing to build."""

    name: Name
    """what a manifest calls it, behind "build:\""""
    sources: Many[str]
    """patterns of C and assembly files, beginning at the recipe's folder"""
    sysroot: Sysroot | None = None
    """what stands for this system's headers and libraries; {sysroot} in flags is its folder"""
    cflags: Many[str] = ()
    """for gcc, which runs in the recipe's folder"""
    ldscript: str | None = None
    """linker script in the recipe's folder"""
    ldflags: Many[str] = ()
    """for gcc as the linker"""
    objcopy: Many[str] = ()
    """for objcopy, which turns the linked file into what is booted; leave out if it is booted as it is"""


class Recipe(Strict):
    """A build.toml."""

    artifact: Many[Artifact]
    """things to build"""


@dataclass(frozen=True)
class Job:
    """An artifact, and where its recipe is."""

    artifact: Artifact
    folder: Path

    def sources(self) -> list[Path]:
        """The files to compile, each once, in an order that does not depend on the file system."""
        patterns = self.artifact.sources
        return sorted({path.resolve() for pattern in patterns for path in self.folder.glob(pattern)})

    def packages(self) -> list[Package]:
        """What it is built with of Debian's, fetched."""
        return self.artifact.sysroot.fetch() if self.artifact.sysroot else []

    def key(self) -> str:
        """Changes whenever the result could. Headers need not be listed in the recipe."""
        folders = {self.folder, *(path.parent for path in self.sources())}
        inputs = sorted(path for folder in folders for path in folder.iterdir() if path.suffix in INPUTS)
        packages = [package.sha256 for package in self.packages()]
        digest = hashlib.sha256(repr((self.artifact, packages, _compiler())).encode())
        for path in inputs:
            digest.update(hashlib.sha256(path.read_bytes()).digest())
        return digest.hexdigest()


def recipes() -> dict[str, Job]:
    """All that can be built, by name.

    Raises:
      UsageError: a recipe is wrong, or two of them build the same name.
    """
    jobs: dict[str, Job] = {}
    for path in sorted(RECIPES.glob("*/build.toml")):
        for artifact in load(path, Recipe, "recipe").artifact:
            if artifact.name in jobs:
                raise UsageError(
                    f'{path}: "{artifact.name}" is built by {jobs[artifact.name].folder} already',
                    todo="give one of them another name",
                )
            jobs[artifact.name] = Job(artifact, path.parent)
    return jobs


def build(name: str) -> Path:
    """Builds one thing unless it is up to date, and says where it is. Safe to be called by many at once.

    Raises:
      UsageError: nothing of this name can be built.
      ImageError: it does not compile; the compiler's own words are in the text.
    """
    jobs = recipes()
    if name not in jobs:
        raise UsageError(
            f'nothing builds "{name}"; the nearest is {nearest(name, jobs)}',
            why=f"the recipes in targets/*/build.toml make: {', '.join(jobs)}",
            todo="name one of these behind build:, or give the path of a file",
        )
    built, stamp = OUT / name, OUT / f"{name}.key"
    OUT.mkdir(exist_ok=True)
    with locked(OUT / f"{name}.lock"):
        key = jobs[name].key()
        if not (built.exists() and stamp.exists() and stamp.read_text() == key):
            stamp.unlink(missing_ok=True)
            with tempfile.TemporaryDirectory(prefix=f".{name}-", dir=OUT) as work:
                _make(jobs[name], Path(work))
            stamp.write_text(key)
    return built


def _make(job: Job, work: Path) -> None:
    """Compiles, links, converts; then puts the result and the file with its symbols in their places."""
    artifact = job.artifact
    sources = job.sources()
    objects = [work / f"{index}-{path.stem}.o" for index, path in enumerate(sources)]
    linked, result = work / "linked", work / "result"
    script = ["-T", artifact.ldscript] if artifact.ldscript else []
    packages = job.packages()
    with unpacked(*packages) if packages else nullcontext(OUT) as sysroot:
        # An image must not depend on where the tree lies: the same sources give the same hash everywhere.
        compiler = ["gcc", f"-ffile-prefix-map={ROOT}=/mrm", f"-ffile-prefix-map={sysroot}=/sysroot"]
        compiler += [*_flags(artifact.cflags, sysroot), "-c"]
        with ThreadPoolExecutor() as pool:
            commands = [
                [*compiler, str(path), "-o", str(out)] for path, out in zip(sources, objects, strict=True)
            ]
            list(pool.map(lambda command: _run(job, command), commands))
        linker = ["gcc", *script, *_flags(artifact.ldflags, sysroot)]
        _run(job, [*linker, "-o", str(linked), *map(str, objects)])
    if artifact.objcopy:
        _run(job, ["objcopy", *artifact.objcopy, str(linked), str(result)])
        linked.rename(OUT / f"{artifact.name}.elf")
    else:
        linked.rename(result)
    result.rename(OUT / artifact.name)


def _flags(flags: Iterable[str], sysroot: Path) -> list[str]:
    return [flag.replace("{sysroot}", str(sysroot)) for flag in flags]


def _run(job: Job, command: list[str]) -> None:
    """One step of a recipe, in its folder."""
    try:
        subprocess.run(
            command,
            cwd=job.folder,
            check=True,
            capture_output=True,
            text=True,
            timeout=STEP_SECONDS,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.CalledProcessError as error:
        raise ImageError(
            f'"{job.artifact.name}" does not build: {command[0]} ended with {error.returncode}\n'
            f"{error.stderr or error.stdout}",
            todo=f"correct the source, or the recipe in {job.folder / 'build.toml'}",
        ) from error
    except (FileNotFoundError, subprocess.TimeoutExpired) as error:
        raise InfraError(
            f'"{job.artifact.name}" cannot be built: {error}',
            why="images are built with gcc, ld and objcopy of the system",
            todo="run ./mrm, which installs them",
        ) from error


@cache
def _compiler() -> str:
    """Which compiler and linker this system has; a new one builds everything again."""
    versions = []
    for tool in ("gcc", "ld"):
        try:
            answer = subprocess.run(
                [tool, "--version"], capture_output=True, text=True, check=True, timeout=STEP_SECONDS
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise InfraError(
                f"{tool} does not run: {error}",
                why="images are built with gcc, ld and objcopy of the system",
                todo="run ./mrm, which installs them",
            ) from error
        versions.append(answer.stdout.splitlines()[0])
    return "; ".join(versions)
