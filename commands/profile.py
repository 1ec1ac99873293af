"""What `mrm nightly` asks: a row for each run of `mrm certify`: board, images, questions."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from commands import peers
from commands.step import Step, mrm
from harness.image import DEFAULT_BOARD

COUNTED = ("qemu-q35", "qemu-pc")
THREADS = ("qemu-q35-threads", "qemu-pc-threads")
PROBES = ("twin-probes", "twin-probes-zero", "twin-probes-shared", "trio-probes", "twin-multiboot")
CONFINED = ("qemu-q35", "qemu-q35-threads")
"""Boards with an IOMMU."""
KERNELS = ("linux-smp", "linux-full", "linux-i386", "memtest")
SYSTEMS = ("twin-linux", "twin-linux-shared", "twin-linux-zero", "trio-linux", *KERNELS)
OLD_DISKS = ("bootsector", "mixed")
"""Images for a board with an IDE disk: qemu-pc."""
BOOTED = ("twin-linux", "twin-linux-shared")
"""Images that start again and again, on processors of their own and on a shared one."""
ROW_SECONDS = 900.0


@dataclass(frozen=True)
class Row:
    """One run of `mrm certify`."""

    name: str
    board: str
    images: tuple[str, ...]
    narrowed: tuple[str, ...] = ()
    """options that choose the questions; all, if there are none"""

    @property
    def lanes(self) -> int:
        """How many processors of the host its machine keeps busy: counting, QEMU has one thread for all."""
        return 2 if self.board in THREADS else 1


def rows() -> Iterator[Row]:
    """All rows, the widest first. Where a machine stands from test to test, a row has one image."""
    for board in (*COUNTED, *THREADS):
        yield Row(f"probes-{board}", board, PROBES)
    for board in CONFINED:
        yield Row(f"dma-{board}", board, ("twin-probes-dma",))
    for board, image in product((*COUNTED, *THREADS), BOOTED):
        yield Row(f"boots-{image}-{board}", board, (image,), ("-m", "stress", "-k", "boots"))
    for board in ("qemu-q35", "qemu-q35-threads"):
        yield Row(f"restarts-twin-linux-{board}", board, ("twin-linux",), ("-m", "stress", "-k", "restarts"))
    for board, image in product(("qemu-q35", "qemu-q35-threads"), SYSTEMS):
        yield Row(f"{image}-{board}", board, (image,), ("-k", "systems"))
    for board, image in product(("qemu-pc", "qemu-pc-threads"), OLD_DISKS):
        yield Row(f"{image}-{board}", board, (image,), ("-k", "systems"))
    yield Row("peers", DEFAULT_BOARD, peers.IMAGES, ("-k", peers.QUESTIONS))


def steps(out: Path, rounds: int | None) -> list[Step]:
    """The rows as steps, whose results go to a directory each below `out`."""
    often = () if rounds is None else ("--rounds", str(rounds))
    return [_step(row, out, often) for row in rows()]


def _step(row: Row, out: Path, often: tuple[str, ...]) -> Step:
    subject = ("--board", row.board, *(word for image in row.images for word in ("--image", image)))
    command = mrm("certify", *subject, *row.narrowed, *often, "-n", "1", "--out", str(out / row.name))
    purpose = " ".join((f"{', '.join(row.images)} on {row.board}", *row.narrowed))
    return Step(row.name, purpose, lambda: [command], ROW_SECONDS, talks=True, lanes=row.lanes)
