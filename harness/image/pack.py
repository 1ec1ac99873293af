"""Packs an image for a board: the files a boot loader needs, in their order, with their hashes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from harness.image.block import pack_block, words
from harness.image.board import Board
from harness.image.check import check, check_disks, check_fit, check_payloads, refuse
from harness.image.files import put, sha256
from harness.image.guest import PREFIX, Guest, locate, make
from harness.image.manifest import Bare, Manifest, disk_role


@dataclass(frozen=True)
class Module:
    """A boot module: a file, and the words that go with it."""

    path: Path
    command_line: str


@dataclass(frozen=True)
class PackedImage:
    """An image ready to be booted on a board."""

    board: Board
    """with as many processors as the image wants"""
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
    """SHA-256 of kernel and modules, by role: "kernel", "block", for payloads "partition NAME" and
    "partition NAME initrd", for a bare one "kernel" and "initrd", for disks "disk NAME\""""
    guests: tuple[Guest, ...] = ()
    """what of it comes from Debian, with name, version and hash of each package"""
    disks: Mapping[str, Path] = field(default_factory=dict)
    """what disks hold when the machine starts, by device; all others are empty"""


def pack(board: Board, manifest: Manifest, out: Path) -> PackedImage:
    """Checks an image against a board, makes what it names, and writes its configuration block into out.

    Raises:
      UsageError: board and manifest do not go together, or with what was made.
      ImageError: something cannot be made.
    """
    board = board.with_processors(manifest.processors)
    refuse(manifest.source, f"an image for board {board.name}", check(board, manifest))
    disks = {name: locate(file, manifest.source.parent) for name, file in manifest.disks.items()}
    refuse(manifest.source, f"an image for board {board.name}", check_disks(board, disks))
    if manifest.bare is not None:
        packed = _bare(board, manifest, manifest.bare)
    else:
        packed = _with_controller(board, manifest, out)
    hashes = {disk_role(name): sha256(path) for name, path in disks.items()}
    return replace(packed, disks=disks, hashes={**packed.hashes, **hashes})


def _bare(board: Board, manifest: Manifest, bare: Bare) -> PackedImage:
    """The payload takes the place of the controller, its initrd that of the boot modules."""
    files = dict(zip(("kernel", "initrd"), _payloads(manifest).values(), strict=False))
    hashes = {role: sha256(path) for role, path in files.items()}
    kernel, *initrds = files.values()
    modules = tuple(Module(path, "") for path in initrds)
    return PackedImage(board, manifest, kernel, words(board, bare), modules, None, hashes, _guests(manifest))


def _with_controller(board: Board, manifest: Manifest, out: Path) -> PackedImage:
    if manifest.controller is None:
        raise ValueError(f"{manifest.name} has neither a controller nor a bare payload")
    kernel = locate(manifest.controller.file, manifest.source.parent)
    block = pack_block(board, manifest)
    out.mkdir(parents=True, exist_ok=True)
    config = out / f"{manifest.name}.block"
    put(config, block)
    payloads = _payloads(manifest)
    modules = (Module(config, "config"), *_modules(manifest, payloads))
    fit = check_fit(manifest.controller, kernel, [module.path for module in modules])
    fit += check_payloads(manifest, block, payloads)
    refuse(manifest.source, f"an image for board {board.name}", fit)
    hashes = {"kernel": sha256(kernel), "block": sha256(config)}
    hashes |= {f"partition {role}": sha256(path) for role, path in payloads.items()}
    return PackedImage(board, manifest, kernel, "", modules, block, hashes, _guests(manifest))


def _modules(manifest: Manifest, payloads: dict[str, Path]) -> Iterator[Module]:
    """Each file once, with the roles that it plays."""
    roles: dict[int, list[str]] = {}
    for role, number in manifest.modules.items():
        roles.setdefault(number, []).append(role)
    for number in sorted(roles):
        yield Module(payloads[roles[number][0]], " and ".join(roles[number]))


def _payloads(manifest: Manifest) -> dict[str, Path]:
    return {role: locate(file, manifest.source.parent) for role, file in manifest.payload_files.items()}


def _guests(manifest: Manifest) -> tuple[Guest, ...]:
    """What comes from Debian, each once."""
    named = {*manifest.payload_files.values(), *manifest.disks.values()}
    files = sorted(file for file in named if file.startswith(PREFIX))
    return tuple(make(file.removeprefix(PREFIX)) for file in files)
