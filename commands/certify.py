"""`mrm certify`: boots images on a board, asks everything, judges, writes the reports."""

import shlex
import shutil
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click

from commands import options
from commands.asker import ORDERLY_SECONDS, Asker
from commands.preflight import CORE, SUITES, absolute, check_expression, check_input, make_results
from commands.report import summary
from harness.attempts import CERTIFY, PYTEST_LOG
from harness.deadline import Deadline, SystemClock
from harness.evidence import EvidenceWriter
from harness.image import DEFAULT_BOARD, DEFAULT_IMAGES
from harness.image.document import ROOT
from reports.progress import Follower, Progress
from reports.visible import visible
from reports.write import CATALOGUE, write_reports

REFRESH_SECONDS = 0.2
START_SECONDS = 300.0
"""Until the first evidence; a busy host takes its time to collect."""
SILENCE_SECONDS = 660.0
"""No test takes this long to say something: the longest wait in one is for two kernels, one in the other."""
LAST_WORDS_LINES = 20


@dataclass(frozen=True)
class Plan:
    """What is going to be asked."""

    board: str
    images: tuple[str, ...]
    expression: str
    processes: int
    out: Path
    suites: Path = SUITES
    marks: str = ""
    rounds: int | None = None

    @property
    def command(self) -> list[str]:
        """The command line that asks the same again."""
        asked = [*self._subject, *self.narrowed, *self._often]
        return ["./mrm", "certify", *asked, "-n", str(self.processes)]

    @property
    def pytest(self) -> list[str]:
        """The command line of the process that asks."""
        keep = ["--evidence", str(self.out), "--alluredir", str(self.out / "allure-results")]
        return [
            *(sys.executable, "-m", "pytest", str(self.suites), f"--ignore={CORE}", *self._subject),
            *("-n", str(self.processes), *self.narrowed, *self._often, *keep),
        ]

    @property
    def narrowed(self) -> list[str]:
        """What keeps it from asking everything."""
        options = {"-k": self.expression, "-m": self.marks}
        return [word for option, given in options.items() if given for word in (option, given)]

    @property
    def _often(self) -> list[str]:
        return [] if self.rounds is None else ["--rounds", str(self.rounds)]

    @property
    def _subject(self) -> list[str]:
        return ["--board", self.board, *(word for image in self.images for word in ("--image", image))]


@click.command()
@click.option("--board", default=DEFAULT_BOARD, show_default=True, metavar="NAME|FILE", help="The machine.")
@click.option(
    "--image",
    "images",
    multiple=True,
    default=DEFAULT_IMAGES,
    show_default=True,
    metavar="NAME|FILE",
    help="What is asked; may be repeated.",
)
@options.out()
@click.option("-k", "expression", default="", metavar="EXPR", help="Ask only what matches, as in pytest.")
@click.option(
    "-m", "marks", default="", metavar="EXPR", help="Ask only what is marked so; `stress` for stress."
)
@options.rounds
@options.side_by_side("processes", "machines")
def certify(
    board: str,
    images: tuple[str, ...],
    out: Path | None,
    expression: str,
    marks: str,
    rounds: int | None,
    processes: int,
) -> None:
    """Boots images on a board, asks their partitions all questions, and judges the answers.

    DIR gets report.html (open it in a browser), results.json, junit.xml, allure-results/, and the raw
    evidence that everything was computed from: evidence/ and logs/.

    \b
    Examples:
      mrm certify
      mrm certify -k interrupts
      mrm certify --image twin-linux -m stress --rounds 5
      mrm certify --board my-board.toml --image my-image.toml --out /tmp/run1

    Exit codes: 0 conformant; 1 not conformant; 2 wrong usage or input; 3 could not ask.
    """
    board, images = absolute(board), tuple(map(absolute, images))
    check_input(board, images)
    for option, given in {"-k": expression, "-m": marks}.items():
        if given:
            check_expression(option, given)
    plan = Plan(board, images, expression, processes, make_results(out), marks=marks, rounds=rounds)
    sys.exit(ask(plan))


def ask(plan: Plan) -> int:
    """Asks, judges and reports; returns the exit code."""
    click.echo(f"mrm: asking {plan.board} about {', '.join(plan.images)}, results in {plan.out}")
    shutil.copyfile(plan.suites / CATALOGUE, plan.out / CATALOGUE)
    (plan.out / "logs").mkdir()
    log = plan.out / PYTEST_LOG
    clock = SystemClock()
    began = clock.monotonic()
    writer = EvidenceWriter(plan.out, CERTIFY)
    writer.session(plan.command, shlex.join(plan.narrowed))
    status, reason = _follow(plan, log)
    writer.closed(status, clock.monotonic() - began, reason)
    writer.close()
    results = write_reports(plan.out)
    if results.faults and not reason:
        click.echo(_last_words(log), err=True)
    click.echo(summary(results, plan.out))
    return results.outcome.exit_code


def _follow(plan: Plan, log: Path) -> tuple[int, str]:
    """Runs pytest and shows how far it is; its exit status, and why we ended it, if we did."""
    clock = SystemClock()
    follower = Follower(plan.out)
    progress = Progress(sys.stdout, sys.stdout.isatty(), clock)
    reason = ""
    patience = Deadline(clock, START_SECONDS)
    with _signals() as received:
        asker = Asker(plan.pytest, ROOT, log)
        try:
            while asker.wait(REFRESH_SECONDS) is None and not patience.expired:
                if progress.take(follower.news()) and not reason:
                    patience = Deadline(clock, SILENCE_SECONDS)
                if received and not reason:
                    reason = f"interrupted by signal {received[0]}"
                    asker.interrupt()
                    patience = Deadline(clock, ORDERLY_SECONDS)
                if len(received) > 1:
                    break
            if patience.expired and not reason:
                reason = f"ended by mrm certify: no evidence came for {patience.seconds:g} s"
        finally:
            status = asker.end()
            progress.take(follower.news())
            progress.close()
    return status, reason


@contextmanager
def _signals() -> Iterator[list[int]]:
    """Collects the signals by which a person or a system ends us, instead of dying of them."""
    received: list[int] = []
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [signal.signal(number, lambda given, _: received.append(given)) for number in numbers]
    try:
        yield received
    finally:
        for number, handler in zip(numbers, before, strict=True):
            signal.signal(number, handler)


def _last_words(log: Path) -> str:
    """What pytest said last, for when it did not end as it should."""
    lines = log.read_text(encoding="utf-8", errors="backslashreplace").splitlines()[-LAST_WORDS_LINES:]
    return visible("\n".join([f"mrm: the last lines of {log}:", *(f"  {line}" for line in lines)]))
