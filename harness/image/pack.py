"""Packs an image for a board: the files a boot loader needs, in their order, with their hashes."""

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from harness.image.block import command_line, pack_block
from harness.image.board import Board
from harness.image.build import PREFIX, build
from harness.image.check import check, check_fit, refuse
from harness.image.manifest import Manifest


@dataclass(frozen=True)
class Module:
    """A boot module: a file, and the words that go with it."""

    path: Path
    command_line: str


@dataclass(frozen=True)
class PackedImage:
    """An image ready to be booted on a board."""

    board: Board
    manifest: Manifest
    kernel: Path
    """what the boot loader starts: the controller, or a bare payload"""
    command_line: str
    """for the kernel"""
    modules: tuple[Module, ...]
    """boot modules, the configuration block first; none for a bare payload"""
    block: bytes | None
    """the configuration block; None for a bare payload"""
    hashes: Mapping[str, str]
    """SHA-256 of kernel and modules, by role: "kernel", "block", and "partition NAME" for each payload"""


def pack(board: Board, manifest: Manifest, out: Path) -> PackedImage:
    """Checks an image against a board, builds what it names, and writes its configuration block into out.

    Raises:
      UsageError: board and manifest do not go together, or with what was built.
      ImageError: something does not build.
    """
    refuse(manifest.source, f"an image for board {board.name}", check(board, manifest))
    if manifest.bare is not None:
        kernel = locate(manifest, manifest.bare.payload.file)
        words = command_line(board, manifest.bare.serial)
        return PackedImage(board, manifest, kernel, words, (), None, {"kernel": sha256(kernel)})
    return _with_controller(board, manifest, out)


def locate(manifest: Manifest, file: str) -> Path:
    """The file that a manifest means: built, or at a path that begins at the manifest. check() saw it.

    Raises:
      ImageError: it does not build.
    """
    if file.startswith(PREFIX):
        return build(file.removeprefix(PREFIX))
    return manifest.source.parent / file


def sha256(path: Path) -> str:
    """The hash of a file, as results and certificates show it."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _write(path: Path, data: bytes) -> None:
    """Puts a file in place as a whole: another worker's machine may be booting from it."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.write_bytes(data)
    fresh.replace(path)


def _with_controller(board: Board, manifest: Manifest, out: Path) -> PackedImage:
    if manifest.controller is None:
        raise ValueError(f"{manifest.name} has neither a controller nor a bare payload")
    kernel = locate(manifest, manifest.controller.file)
    block = pack_block(board, manifest)
    out.mkdir(parents=True, exist_ok=True)
    config = out / f"{manifest.name}.block"
    _write(config, block)
    payloads = {spec.name: locate(manifest, spec.payload.file) for spec in manifest.partitions}
    modules = (Module(config, "config"), *(Module(path, name) for name, path in payloads.items()))
    fit = check_fit(manifest.controller, kernel, [module.path for module in modules])
    refuse(manifest.source, f"an image for board {board.name}", fit)
    hashes = {"kernel": sha256(kernel), "block": sha256(config)}
    hashes |= {f"partition {name}": sha256(path) for name, path in payloads.items()}
    return PackedImage(board, manifest, kernel, "", modules, block, hashes)
