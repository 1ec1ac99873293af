"""What `mrm nightly` asks: a row for each run of `mrm certify`: board, images, questions.

By these rules a night stays short:

* What is the same bit for bit in two runs is asked once, where instructions are counted. With threads it is
  asked what an order of events can change: the machine probes, starts and restarts again and again, and Linux
  on processors of its own and on a shared one; of the other images the few questions that are marked `smoke`.
* How an operating system ends does not depend on its kernel, nor does how fast it is: all ways to end are
  asked of one kernel, on processors of its own and on a shared one, and its speed where it has its own.
* A peer, a guest of KVM, is measured and not judged: that is `mrm peers`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from commands.step import Step, in_turn, mrm

COUNTED = ("qemu-q35", "qemu-pc")
THREADS = ("qemu-q35-threads", "qemu-pc-threads")
ANYWHERE = ("twin-probes", "twin-probes-shared", "twin-probes-zero", "trio-probes", "twin-multiboot")
PROBES = {
    "qemu-q35": (*ANYWHERE, "twin-probes-dma"),  # has an IOMMU
    "qemu-pc": ANYWHERE,
    "qemu-q35-threads": (*ANYWHERE, "twin-probes-dma"),
    "qemu-pc-threads": ANYWHERE[:2],
}
TWINS = ("twin-linux", "twin-linux-shared")
"""The same two kernels, on processors of their own and on a shared one."""
OTHERS = ("twin-linux-zero", "trio-linux", "linux-smp", "linux-full", "linux-i386", "memtest")
OLD_DISKS = ("bootsector", "mixed")
"""Images for a board with an IDE disk: qemu-pc."""
NO_SPEED = ("-k", "systems and not (speed or throughput)")
NO_ENDS = ("-k", "systems and not (speed or throughput or register or panic or restart)")
FEW = ("-m", "smoke")
SPEED = ("-k", "systems and (speed or throughput)")
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
    """All rows: first those that need two lanes, and of those that need one the long ones."""
    yield from _with_threads()
    for image in TWINS:
        yield Row(f"{image}-qemu-q35", "qemu-q35", (image,), NO_SPEED)
    yield Row("restarts-twin-linux-qemu-q35", "qemu-q35", ("twin-linux",), (*STRESS, "restarts and b-a"))
    yield Row("speed-qemu-q35", "qemu-q35", ("twin-linux",), SPEED)
    for board in COUNTED:
        yield Row(f"probes-{board}", board, PROBES[board])
    for image in OTHERS:
        yield Row(f"{image}-qemu-q35", "qemu-q35", (image,), NO_ENDS)
    for image in OLD_DISKS:
        yield Row(f"{image}-qemu-pc", "qemu-pc", (image,), NO_ENDS)
    yield Row("same-qemu-q35", "qemu-q35", ("twin-probes-shared",), ("-m", "not instant"), twice=True)
    for board, image in product(COUNTED, TWINS):
        yield Row(f"boots-{image}-{board}", board, (image,), BOOTS)


def _with_threads() -> Iterator[Row]:
    for board in THREADS:
        yield Row(f"probes-{board}", board, PROBES[board], machines=2)  # one probe works, the other one waits
        for image in TWINS:
            yield Row(f"boots-{image}-{board}", board, (image,), BOOTS)
    board = THREADS[0]
    yield Row(f"restarts-twin-linux-{board}", board, ("twin-linux",), (*STRESS, "restarts and a-b"))
    for image in TWINS:
        yield Row(f"{image}-{board}", board, (image,), NO_SPEED)
    for image in OTHERS:
        yield Row(f"{image}-{board}", board, (image,), FEW)
    for image in OLD_DISKS:
        yield Row(f"{image}-{THREADS[1]}", THREADS[1], (image,), FEW)


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
