"""What `mrm nightly` asks: a row for each run of `mrm certify`: board, images, questions.

By these rules a night stays short:

* What is the same bit for bit in two runs is asked once, where instructions are counted. With threads it is
  asked what an order of events can change, of images that differ in who shares processors or who moves data.
  A chip set changes no order, nor does a kernel: one board with threads is enough, and so is one kernel.
* How an operating system ends does not depend on its kernel, nor does how fast it is, nor how much it moves
  in a stream: this is asked of one kernel, on processors of its own and on a shared one; speed only of the
  former. The other images are asked all else: `QUICK`.
* What depends on the chip set is seen by probes on processors of their own, and by those that share one.
* A peer, a guest of KVM, is measured and not judged: that is `mrm peers`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from commands.step import Step, in_turn, mrm

COUNTED = ("qemu-q35", "qemu-pc")
THREADS = ("qemu-q35-threads", "qemu-pc-threads")
PROBES = {
    "qemu-q35": (
        *("twin-probes", "twin-probes-shared", "twin-probes-zero", "trio-probes", "twin-multiboot"),
        "twin-probes-dma",
    ),
    "qemu-pc": ("twin-probes", "twin-probes-shared"),
    "qemu-q35-threads": ("twin-probes", "twin-probes-shared", "trio-probes", "twin-probes-dma"),
}
TWINS = ("twin-linux", "twin-linux-shared")
"""The same two kernels, on processors of their own and on a shared one."""
OTHERS = {
    "qemu-q35": ("trio-linux", "linux-smp", "twin-linux-zero", "linux-full", "linux-i386", "memtest"),
    "qemu-pc": ("bootsector", "mixed"),  # has IDE disks
}
ORDERS = {"qemu-q35-threads": ("trio-linux", "linux-smp", "twin-linux-zero"), "qemu-pc-threads": ("mixed",)}
"""Those of them that have orders of events of their own."""
NO_SPEED = ("-k", "systems and not (speed or throughput)")
SPEED = ("-k", "systems and (speed or throughput)")
SLOW = "speed or throughput or register or panic or restart or next_start or reverse or stream_arrive"
QUICK = ("-k", f"systems and not ({SLOW})")
FEW = ("-m", "smoke")
STRESS = ("-m", "stress", "-k")
BOOTS = (*STRESS, "boots")
ROW_SECONDS = 1200.0


@dataclass(frozen=True)
class Row:
    """One run of `mrm certify`."""

    name: str
    board: str
    images: tuple[str, ...]
    narrowed: tuple[str, ...] = ()
    """options that choose the questions; all, if there are none"""
    machines: int = 1
    """how many at once"""
    twice: bool = False
    """whether the same is asked once more, and both runs have to be alike bit for bit"""

    @property
    def lanes(self) -> int:
        """How many processors of the host it keeps busy: QEMU has one thread for all if it counts."""
        return max(self.machines, 2 if self.board in THREADS else 1)


def rows() -> Iterator[Row]:
    """All rows: first those that need two lanes; of the others what has to be begun, then the long ones."""
    yield from _with_threads("qemu-q35-threads")
    yield Row("restarts-twin-linux-qemu-q35", "qemu-q35", ("twin-linux",), (*STRESS, "restarts and b-a"))
    for board, image in product(COUNTED, TWINS):
        yield Row(f"boots-{image}-{board}", board, (image,), BOOTS)
    yield Row("speed-qemu-q35", "qemu-q35", ("twin-linux",), SPEED)
    for image in TWINS:
        yield Row(f"{image}-qemu-q35", "qemu-q35", (image,), NO_SPEED)
    for board in COUNTED:
        yield Row(f"probes-{board}", board, PROBES[board])
    yield Row("same-qemu-q35", "qemu-q35", ("twin-probes-shared",), ("-m", "not instant"), twice=True)
    for board, images in OTHERS.items():
        for image in images:
            yield Row(f"{image}-{board}", board, (image,), QUICK)


def _with_threads(board: str) -> Iterator[Row]:
    yield Row(f"probes-{board}", board, PROBES[board], machines=2)  # one probe works, the other one waits
    for image in TWINS:
        yield Row(f"boots-{image}-{board}", board, (image,), BOOTS)
    yield Row(f"restarts-twin-linux-{board}", board, ("twin-linux",), (*STRESS, "restarts and a-b"))
    yield Row(f"twin-linux-{board}", board, ("twin-linux",), NO_SPEED)
    yield Row(f"twin-linux-shared-{board}", board, ("twin-linux-shared",), FEW)
    for place, images in ORDERS.items():
        for image in images:
            yield Row(f"{image}-{place}", place, (image,), FEW)


def steps(out: Path, rounds: int | None) -> list[Step]:
    """The rows as steps, whose results go to a directory each below `out`."""
    often = () if rounds is None else ("--rounds", str(rounds))
    return [_step(row, out, often) for row in rows()]


def _step(row: Row, out: Path, often: tuple[str, ...]) -> Step:
    subject = ("--board", row.board, *(word for image in row.images for word in ("--image", image)))
    asked = (*subject, *row.narrowed, *often, "-n", str(row.machines))
    first, again = str(out / row.name), str(out / f"{row.name}-again")
    command = mrm("certify", *asked, "--out", first)
    if row.twice:
        command = in_turn(command, mrm("certify", *asked, "--out", again), mrm("compare", first, again))
    words = (f"{', '.join(row.images)} on {row.board}", *row.narrowed, "twice" if row.twice else "")
    return Step(
        row.name, " ".join(words).rstrip(), lambda: [command], ROW_SECONDS, talks=True, lanes=row.lanes
    )
