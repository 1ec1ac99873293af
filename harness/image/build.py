"""Builds what a manifest calls "build:NAME", by the recipes in targets/*/build.toml, into build/.

A thing is built again when anything it is made from has changed: sources, headers, recipe, compiler.
"""

import fcntl
import hashlib
import subprocess
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from harness.errors import ImageError, InfraError, UsageError
from harness.image.document import ROOT, load, nearest
from harness.image.fields import Many, Name, Strict

RECIPES = ROOT / "targets"
OUT = ROOT / "build"
PREFIX = "build:"  # what begins so in a manifest is built here
INPUTS = {".c", ".h", ".S", ".ld"}
STEP_SECONDS = 120  # far beyond what one call of a compiler takes


class Artifact(Strict):
    """One thing to build."""

    name: Name
    """what a manifest calls it, behind "build:\""""
    sources: Many[str]
    """patterns of C and assembly files, beginning at the recipe's folder"""
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

    def key(self) -> str:
        """Changes whenever the result could. Headers need not be listed in the recipe."""
        folders = {self.folder, *(path.parent for path in self.sources())}
        inputs = sorted(path for folder in folders for path in folder.iterdir() if path.suffix in INPUTS)
        digest = hashlib.sha256(repr((self.artifact, _compiler())).encode())
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
    # An image must not depend on where the tree lies: the same sources give the same hash everywhere.
    compiler = ["gcc", f"-ffile-prefix-map={ROOT}=/mrm", *artifact.cflags, "-c"]
    with ThreadPoolExecutor() as pool:
        commands = [
            [*compiler, str(path), "-o", str(out)] for path, out in zip(sources, objects, strict=True)
        ]
        list(pool.map(lambda command: _run(job, command), commands))
    linked, result = work / "linked", work / "result"
    script = ["-T", artifact.ldscript] if artifact.ldscript else []
    _run(job, ["gcc", *script, *artifact.ldflags, "-o", str(linked), *map(str, objects)])
    if artifact.objcopy:
        _run(job, ["objcopy", *artifact.objcopy, str(linked), str(result)])
        linked.rename(OUT / f"{artifact.name}.elf")
    else:
        linked.rename(result)
    result.rename(OUT / artifact.name)


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


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """One builder at a time. The wait is as long as another build takes, and those have their own limits."""
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
