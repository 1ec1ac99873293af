"""Steps side by side: never more than there are lanes, each heard behind its name, all ended when we are."""

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from threading import Barrier

import pytest

from commands.lanes import take_all
from commands.step import Command, Step
from tests.commands.processes import ends

ROOT = Path(__file__).parents[2]
SECONDS = 30.0


def step(name: str, work: Callable[[], object], lanes: int = 1) -> Step:
    """A step that does its work where it is asked for its commands."""

    def commands() -> list[Command]:
        work()
        return []

    return Step(name, "a step", commands, lanes=lanes)


def test_two_narrow_steps_run_at_once_and_a_wide_one_alone() -> None:
    together, under_way = Barrier(2), list[str]()

    def narrow() -> None:
        under_way.append("narrow")
        together.wait(SECONDS)
        under_way.pop()

    def wide() -> None:
        assert not under_way

    steps = [step("first", narrow), step("wide", wide, lanes=2), step("second", narrow)]
    outcomes, _ = take_all(steps, SECONDS, lanes=2)

    assert [outcome.step.name for outcome in outcomes] == ["first", "wide", "second"]


def test_a_step_that_is_wider_than_all_lanes_is_taken() -> None:
    taken = list[str]()

    take_all([step(name, lambda: taken.append("wide"), lanes=2) for name in ("a", "b")], SECONDS, lanes=1)

    assert taken == ["wide", "wide"]


def test_what_was_not_begun_in_time_is_said() -> None:
    command = Command([sys.executable, "-c", "pass"])

    outcomes, _ = take_all([Step(name, "", lambda: [command]) for name in ("a", "b")], 0, lanes=2)

    assert ["not begun" in outcome.problem for outcome in outcomes] == [True, True]


def test_commands_in_turn_end_with_the_first_that_fails(capsys: pytest.CaptureFixture[str]) -> None:
    programs = ("print('one')", "print('two'); exit(1)", "print('three')")
    commands = [Command([sys.executable, "-c", program]) for program in programs]

    outcomes, _ = take_all([Step("a", "", lambda: commands, talks=True, in_turn=True)], SECONDS)

    assert outcomes[0].problem == "a command ended with 1"
    assert [line for line in capsys.readouterr().out.splitlines() if line[0] == "a"] == ["a  one", "a  two"]


def test_lines_stand_behind_the_name_of_who_says_them(capsys: pytest.CaptureFixture[str]) -> None:
    program = "import sys; print('one'); print('two', end='')"
    command = Command([sys.executable, "-c", program])

    take_all([Step(name, "", lambda: [command], talks=True) for name in ("a", "b")], SECONDS, lanes=2)

    lines = [line for line in capsys.readouterr().out.splitlines() if line[0] in "ab"]
    assert sorted(lines) == ["a  one", "a  two", "b  one", "b  two"]


CHILD = """
import os, signal, sys
signal.signal(signal.SIGTERM, lambda *_: sys.exit("in good order"))
print(os.getpid(), flush=True)
signal.pause()
"""
PARENT = """
import sys
from commands.lanes import take_all
from commands.step import Command, Step
command = Command([sys.executable, "-c", sys.argv[1]])
take_all([Step(name, "", lambda: [command], talks=True) for name in ("some", "other")], 60, lanes=2)
"""


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT, signal.SIGKILL])
def test_who_is_ended_leaves_nothing(sign: signal.Signals) -> None:
    """In good order, if there is somebody left who can ask for it."""
    words = [sys.executable, "-c", PARENT, CHILD]
    process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    children = list[int]()
    while len(children) < 2:
        name, word, *_ = process.stdout.readline().split()
        children += [int(word)] if name in ("some", "other") else []

    process.send_signal(sign)

    rest, _ = process.communicate(timeout=20)
    assert process.returncode != 0
    assert all(map(ends, children))
    assert rest.count("in good order") == (0 if sign == signal.SIGKILL else 2)
