"""Takes steps: commands side by side, each with a limit, none outliving this process."""

import os
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from types import FrameType
from typing import IO, NoReturn, Self

import click
import pytest

from commands.step import Command, Step
from harness.deadline import Deadline, SystemClock
from harness.image.document import nearest

NO_TEST = "no test matches"
# Should this process be killed, the kernel kills the command: nobody would read what it says.
DIES_WITH_US = ["setpriv", "--pdeathsig", "KILL", "--"]


@dataclass(frozen=True)
class Outcome:
    """What came of a step."""

    step: Step
    problem: str
    """why it failed, in a few words; empty if it did not"""
    seconds: float
    empty: bool = False
    """whether no test matched the person's expression"""


class Runner:
    """Runs the commands of steps until the deadline; ends what is left of them when it is closed."""

    def __init__(self, deadline: Deadline) -> None:
        self._deadline = deadline
        self._running: set[subprocess.Popen[bytes]] = set()

    def __enter__(self) -> Self:
        signal.signal(signal.SIGTERM, _leave)
        return self

    def __exit__(self, *_: object) -> None:
        for process in list(self._running):
            self._end(process)

    def take(self, step: Step) -> Outcome:
        """Takes one step and says what came of it."""
        began = time.monotonic()
        commands = step.commands()
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            try:
                problems = list(pool.map(lambda command: self._run(command, step), commands))
            except BaseException:  # an interrupt: the pool would wait for commands that nobody waits for
                self.__exit__()
                raise
        failed = [problem for problem in problems if problem not in ("", NO_TEST)]
        seconds = time.monotonic() - began
        return Outcome(step, failed[0] if failed else "", seconds, empty=NO_TEST in problems)

    def _run(self, command: Command, step: Step) -> str:
        """Runs one command; returns what is wrong, if anything."""
        deadline = self._deadline.child(step.seconds)
        if deadline.expired:
            return "not begun: the time for all steps was over"
        with tempfile.TemporaryFile() as output:  # no pipe: whoever is left behind would hold it open
            problem = self._wait(self._start(command, None if step.talks else output), step, deadline)
            if problem not in ("", NO_TEST):
                output.seek(0)
                click.echo(f"$ {shown(command)}\n{output.read().decode(errors='replace')}")
        return problem

    def _wait(self, process: subprocess.Popen[bytes], step: Step, deadline: Deadline) -> str:
        try:
            code = process.wait(deadline.remaining())
        except subprocess.TimeoutExpired:
            return f"took longer than {step.seconds:.0f} s, or than was left"
        finally:
            self._end(process)
        if code == pytest.ExitCode.NO_TESTS_COLLECTED and step.may_be_empty:
            return NO_TEST
        return f"a command ended with {code}" if code else ""

    def _start(self, command: Command, output: IO[bytes] | None) -> subprocess.Popen[bytes]:
        """Starts a command in a session of its own, so that all it starts can be ended with it."""
        process = subprocess.Popen(
            [*DIES_WITH_US, *command.words],
            cwd=command.cwd,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT if output else None,
            start_new_session=True,
        )
        self._running.add(process)
        return process

    def _end(self, process: subprocess.Popen[bytes]) -> None:
        self._running.discard(process)
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:  # nothing is left of it
            return
        process.wait()


def choose(every: list[Step], only: tuple[str, ...]) -> list[Step]:
    """The steps that a person names behind --only; all, if none is named."""
    names = [step.name for step in every]
    for name in only:
        if name not in names:
            hint = f"there is no step {name!r}; the nearest is {nearest(name, names)} of {', '.join(names)}"
            raise click.BadParameter(hint, param_hint="--only")
    return [step for step in every if not only or step.name in only]


def show(steps: list[Step]) -> None:
    """Lists steps, with what they are for."""
    width = max(len(step.name) for step in steps)
    for step in steps:
        click.echo(f"{step.name:<{width}}  {step.purpose}")


def take_all(steps: list[Step], seconds: float) -> list[Outcome]:
    """Takes one step after the other, whatever came of those before, in so many seconds; says how it goes."""
    with Runner(Deadline(SystemClock(), seconds)) as runner:
        return [_take(runner, step, f"{index}/{len(steps)}") for index, step in enumerate(steps, 1)]


def _take(runner: Runner, step: Step, place: str) -> Outcome:
    click.secho(f"=== {place} {step.name}: {step.purpose}", bold=True)
    outcome = runner.take(step)
    verdict = f"FAILED: {outcome.problem}" if outcome.problem else NO_TEST if outcome.empty else "passed"
    click.secho(
        f"    {step.name} {verdict}, {outcome.seconds:.1f} s", fg="red" if outcome.problem else "green"
    )
    return outcome


def count(name: str, outcomes: list[Outcome]) -> int:
    """Says which steps failed, and how many did not; returns the exit code of the command of that name."""
    failed = [outcome for outcome in outcomes if outcome.problem]
    for outcome in failed:
        click.secho(f"{name}: {outcome.step.name} failed: {outcome.problem}", fg="red")
    total = sum(outcome.seconds for outcome in outcomes)
    counts = f"{len(outcomes) - len(failed)} of {len(outcomes)} steps passed in {total:.0f} s"
    click.secho(f"{name}: {counts}", bold=True, fg="red" if failed else "green")
    return 1 if failed else 0


def shown(command: Command) -> str:
    """A command as a person could repeat it, cut if it names a hundred files."""
    text = shlex.join(command.words)
    return text if len(text) <= 400 else f"{text[:400]} ..."


def _leave(_signal: int, _frame: FrameType | None) -> NoReturn:
    """An ordinary end on SIGTERM, so that what was started is ended as well."""
    sys.exit(128 + signal.SIGTERM)
