"""What `mrm nightly` asks: a row for each run of `mrm certify`: board, images, questions.

By these rules a night stays short:

* What every change is asked by `mrm selftest` is not asked again: the default images on Q35, twice and
  compared bit for bit, and the first of them on the other board. Here a shared processor is compared.
* What is the same bit for bit in two runs is asked once, where instructions are counted. With threads it is
  asked what an order of events can change, of images that differ in who shares processors or who moves data.
  A chip set changes no order, nor does a kernel: one board with threads is enough, and so is one kernel.
* 50 restarts in a row differ from one another only with threads. Counted, three are enough.
* How an operating system ends does not depend on its kernel, nor does how fast it is, nor how much it moves
  in a stream. All ways to end are asked of one kernel, with threads on processors of its own, and counted on
  a shared one; speed only of the former, counted. The other images are asked all but `SLOW`.
* What depends on the chip set is seen by probes.
* A peer, a guest of KVM, is measured and not judged: that is `mrm peers`.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from commands.step import Step, mrm

COUNTED = ("qemu-q35", "qemu-pc")
THREADS = ("qemu-q35-threads", "qemu-pc-threads")
PROBES = {
    "qemu-q35": ("trio-probes", "twin-multiboot", "twin-probes-dma"),
    "qemu-pc": ("twin-probes-shared",),
    "qemu-q35-threads": ("twin-probes", "twin-probes-shared", "twin-probes-dma"),
}
TWINS = ("twin-linux", "twin-linux-shared")
"""The same two kernels, on processors of their own and on a shared one."""
OTHERS = {
    "qemu-q35": ("trio-linux", "linux-smp", "twin-linux-zero", "linux-full", "linux-i386", "memtest"),
    "qemu-pc": ("bootsector", "mixed"),  # has IDE disks
}
ORDERS = {
    "qemu-q35-threads": ("twin-linux-shared", "trio-linux", "linux-smp", "twin-linux-zero"),
    "qemu-pc-threads": ("mixed",),
}
"""Images with orders of events of their own."""
NEEDS = {
    "disks or network": (*TWINS, "twin-linux-zero", *OTHERS["qemu-pc"]),
    "sharing": ("twin-linux-shared", "trio-linux"),
    "put_a_processor": ("linux-smp",),
    "text_of_each_kernel": ("twin-linux", "linux-full", "linux-i386"),
}
"""Questions that only these images of operating systems can answer; to the last one, the others would say the
same, for they have the same kernels. A run in which all questions of an area were skipped could not ask."""
SPEED = ("speed", "throughput")
ENDS = ("register", "panic", "restart")
SLOW = (*SPEED, *ENDS, "next_start", "reverse", "stream_arrive")
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
    """All rows: first those that need two lanes; of the others the long ones."""
    yield from _with_threads("qemu-q35-threads")
    yield Row("speed-qemu-q35", "qemu-q35", ("twin-linux",), ("-k", " or ".join(SPEED)))
    yield Row("twin-linux-shared-qemu-q35", "qemu-q35", ("twin-linux-shared",), _systems(TWINS[1], *SPEED))
    yield Row("twin-linux-qemu-q35", "qemu-q35", ("twin-linux",), _systems(TWINS[0], *SPEED, *ENDS))
    for board in COUNTED:
        yield Row(f"probes-{board}", board, PROBES[board])
    yield Row("same-qemu-q35", "qemu-q35", ("twin-probes-shared",), ("-m", "not instant"), twice=True)
    for board, images in OTHERS.items():
        for image in images:
            yield Row(f"{image}-{board}", board, (image,), _systems(image, *SLOW))
    for board, image in product(COUNTED, TWINS):
        yield Row(f"boots-{image}-{board}", board, (image,), BOOTS)


def _with_threads(board: str) -> Iterator[Row]:
    # No instruction is counted. Of two probes one waits for the other: two machines keep two lanes busy.
    yield Row(f"probes-{board}", board, PROBES[board], ("-k", "not PERF"), machines=2)
    for image in TWINS:
        yield Row(f"boots-{image}-{board}", board, (image,), BOOTS)
    yield Row(f"restarts-twin-linux-{board}", board, ("twin-linux",), (*STRESS, "restarts and a-b"))
    yield Row(f"twin-linux-{board}", board, ("twin-linux",), _systems("twin-linux", *SPEED, "stream_arrive"))
    for place, images in ORDERS.items():
        for image in images:
            yield Row(f"{image}-{place}", place, (image,), ("-m", "smoke", *_systems(image, *SPEED)))


def _systems(image: str, *left_out: str) -> tuple[str, ...]:
    """The option that chooses the suite of operating systems, but for some questions."""
    unanswered = (questions for questions, images in NEEDS.items() if image not in images)
    return ("-k", f"systems and not ({' or '.join((*left_out, *unanswered))})")


def steps(out: Path, rounds: int | None) -> list[Step]:
    """The rows as steps, whose results go to a directory each below `out`."""
    often = () if rounds is None else ("--rounds", str(rounds))
    return [_step(row, out, often) for row in rows()]


def _step(row: Row, out: Path, often: tuple[str, ...]) -> Step:
    subject = ("--board", row.board, *(word for image in row.images for word in ("--image", image)))
    asked = (*subject, *row.narrowed, *often, "-n", str(row.machines))
    first, again = str(out / row.name), str(out / f"{row.name}-again")
    commands = [mrm("certify", *asked, "--out", first)]
    if row.twice:
        commands += [mrm("certify", *asked, "--out", again), mrm("compare", first, again)]
    words = (f"{', '.join(row.images)} on {row.board}", *row.narrowed, "twice" if row.twice else "")
    return Step(
        row.name,
        " ".join(words).rstrip(),
        lambda: commands,
        ROW_SECONDS,
        talks=True,
        lanes=row.lanes,
        in_turn=True,
    )
