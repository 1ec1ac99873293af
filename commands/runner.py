"""Takes a step: its commands side by side or in turn, each with a limit, none outliving this process."""

import os
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from threading import Event
from types import FrameType
from typing import IO, NoReturn, Self

import click
import pytest

from commands.said import Said
from commands.step import Command, Step
from harness.deadline import Deadline
from harness.image.document import nearest

NO_TEST = "no test matches"
INTERRUPTED = "interrupted"
LOOK_SECONDS = 0.5
"""How often it is looked for what a command says."""
ORDERLY_SECONDS = 40.0
"""For a command to end by itself when it is told to: longer than `mrm certify` gives pytest."""
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
    """Runs the commands of steps until the deadline; when it is closed, ends what is left of them.

    Steps may be taken by several threads at once. Each command is ended by the thread that waits for it.
    """

    def __init__(self, deadline: Deadline) -> None:
        self._deadline = deadline
        self._closed = Event()

    def __enter__(self) -> Self:
        signal.signal(signal.SIGTERM, _leave)
        return self

    def __exit__(self, *_: object) -> None:
        self._closed.set()

    def take(self, step: Step) -> Outcome:
        """Takes one step and says what came of it."""
        began = time.monotonic()
        commands = step.commands()
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            try:
                if step.in_turn:
                    problems = self._run_in_turn(commands, step)
                else:
                    problems = list(pool.map(lambda command: self._run(command, step), commands))
            except BaseException:  # an interrupt: the pool would wait for commands that nobody waits for
                self._closed.set()
                raise
        failed = [problem for problem in problems if problem not in ("", NO_TEST)]
        seconds = time.monotonic() - began
        return Outcome(step, failed[0] if failed else "", seconds, empty=NO_TEST in problems)

    def _run_in_turn(self, commands: list[Command], step: Step) -> list[str]:
        for command in commands:
            if problem := self._run(command, step):
                return [problem]
        return []

    def _run(self, command: Command, step: Step) -> str:
        """Runs one command; returns what is wrong, if anything."""
        deadline = self._deadline.child(step.seconds)
        if self._closed.is_set():
            return INTERRUPTED
        if deadline.expired:
            return "not begun: the time for all steps was over"
        with tempfile.TemporaryFile() as output:
            said = Said(output, step.name)
            process = _start(command, output)
            try:
                problem = self._wait(process, step, deadline, said)
            finally:
                _end(process)
            if step.talks:
                said.show(whole_lines=False)
            elif problem not in ("", NO_TEST):
                click.echo(f"$ {shown(command)}\n{said.all()}")
        return problem

    def _wait(self, process: subprocess.Popen[bytes], step: Step, deadline: Deadline, said: Said) -> str:
        while not self._closed.is_set():
            if step.talks:
                said.show()
            try:
                code = process.wait(min(LOOK_SECONDS, deadline.remaining()))
            except subprocess.TimeoutExpired:
                if deadline.expired:
                    return f"took longer than {step.seconds:.0f} s, or than was left"
                continue
            if code == pytest.ExitCode.NO_TESTS_COLLECTED and step.may_be_empty:
                return NO_TEST
            return f"a command ended with {code}" if code else ""
        return INTERRUPTED


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


def count(name: str, outcomes: list[Outcome], seconds: float) -> int:
    """Says which steps failed, and how many did not; returns the exit code of the command of that name."""
    failed = [outcome for outcome in outcomes if outcome.problem]
    for outcome in failed:
        click.secho(f"{name}: {outcome.step.name} failed: {outcome.problem}", fg="red")
    counts = f"{len(outcomes) - len(failed)} of {len(outcomes)} steps passed in {seconds:.0f} s"
    click.secho(f"{name}: {counts}", bold=True, fg="red" if failed else "green")
    return 1 if failed else 0


def shown(command: Command) -> str:
    """A command as a person could repeat it, cut if it names a hundred files."""
    text = shlex.join(command.words)
    return text if len(text) <= 400 else f"{text[:400]} ..."


def _start(command: Command, output: IO[bytes]) -> subprocess.Popen[bytes]:
    """Starts a command in a session of its own, so that all it starts can be ended with it."""
    return subprocess.Popen(
        [*DIES_WITH_US, *command.words],
        cwd=command.cwd,
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    """Ends a command and what is left of it: in good order, if it can, so that what it found is not lost."""
    with suppress(ProcessLookupError):
        if process.poll() is None:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(ORDERLY_SECONDS)
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _leave(_signal: int, _frame: FrameType | None) -> NoReturn:
    """An ordinary end on SIGTERM, so that what was started is ended as well."""
    sys.exit(128 + signal.SIGTERM)
