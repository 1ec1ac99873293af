"""The self-test's own machinery: a step that fails is seen, and nothing that it started outlives it."""

import os
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from commands import main
from commands.runner import Runner, shown
from commands.step import Command, Step
from commands.steps import Options, steps
from harness.deadline import Deadline, SystemClock
from tests.commands.processes import ends

ROOT = Path(__file__).parents[2]
PYTHON = sys.executable


def step(*programs: str, seconds: float = 30, may_be_empty: bool = False) -> Step:
    """A step whose commands are Python programs."""
    commands = [Command([PYTHON, "-c", program]) for program in programs]
    return Step("some", "a step", lambda: commands, seconds, may_be_empty=may_be_empty)


@pytest.fixture
def runner() -> Runner:
    return Runner(Deadline(SystemClock(), 60))


class TestRunner:
    def test_passes_what_passes(self, runner: Runner) -> None:
        assert runner.take(step("pass", "pass")).problem == ""

    def test_sees_one_failure_among_many(self, runner: Runner, capfd: pytest.CaptureFixture[str]) -> None:
        outcome = runner.take(step("pass", "print('because of this'); exit(7)", "pass"))

        assert "ended with 7" in outcome.problem
        assert "because of this" in capfd.readouterr().out

    def test_ends_what_takes_too_long(self, runner: Runner) -> None:
        outcome = runner.take(step("import signal; signal.pause()", seconds=0.5))

        assert "took longer" in outcome.problem
        assert outcome.seconds < 20

    def test_ends_what_a_command_left_behind(self, runner: Runner, tmp_path: Path) -> None:
        """It must not be waited for, either: it holds the command's output open."""
        left = tmp_path / "pid"
        program = (
            "import subprocess, sys, pathlib;"
            "child = subprocess.Popen([sys.executable, '-c', 'import signal; signal.pause()']);"
            f"pathlib.Path({str(left)!r}).write_text(str(child.pid))"
        )
        outcome = runner.take(step(program))

        assert outcome.seconds < 20
        assert ends(int(left.read_text()))

    def test_begins_nothing_after_the_time_for_all(self) -> None:
        outcome = Runner(Deadline(SystemClock(), 0)).take(step("pass"))

        assert "not begun" in outcome.problem

    def test_no_test_matched_is_no_failure_where_a_person_chose(self, runner: Runner) -> None:
        assert runner.take(step("exit(5)", may_be_empty=True)).empty
        assert runner.take(step("exit(5)")).problem


class TestSteps:
    CHECKS = ("lint", "format", "types", "c-format", "analyze", "sanitize", "fuzz", "unit", "core")

    def test_the_whole_chain_comes_last(self) -> None:
        names = [step.name for step in steps(Options(None, 2))]

        assert names == [*self.CHECKS, "suites", "again", "pc", "same", "dma", "linux"]

    def test_an_expression_narrows_the_suites_instead(self) -> None:
        *checks, suites = steps(Options("power", 2))

        assert [step.name for step in checks] == [*self.CHECKS]
        assert suites.name == "suites"
        assert "power" in suites.commands()[0].words

    def test_whole_runs_are_those_of_the_documentation(self) -> None:
        """Which tests/test_docs.py therefore need not run."""
        whole = steps(Options(None, 2))[len(self.CHECKS) :][:4]
        runs = [step.commands()[0].words[3:] for step in whole]

        assert [words[0] for words in runs] == ["certify", "certify", "certify", "compare"]
        assert "qemu-pc" in runs[2]
        assert runs[3][1:] == [runs[0][-1], runs[1][-1]]

    def test_every_c_file_of_every_target_is_analyzed(self) -> None:
        analyze = next(step for step in steps(Options(None, 2)) if step.name == "analyze")
        analyzed = {Path(command.words[-1]).name for command in analyze.commands()}
        folders = ("core", "controller", "probe")

        wanted = {path.name for folder in folders for path in (ROOT / "targets" / folder).glob("*.c")}
        assert wanted <= analyzed

    def test_an_expression_reaches_the_tests_and_only_them(self) -> None:
        every = {step.name: step.commands() for step in steps(Options("power", 2))}
        given = {name for name, commands in every.items() if any("power" in each.words for each in commands)}

        assert given == {"unit", "core", "suites"}

    def test_list_takes_no_step(self) -> None:
        result = CliRunner().invoke(main, ["selftest", "--list"])

        assert result.exit_code == 0
        assert "suites" in result.output


def test_a_command_is_shown_so_that_it_can_be_repeated() -> None:
    assert shown(Command(["echo", "two words"])) == "echo 'two words'"
    assert len(shown(Command(["x" * 10_000]))) < 500


def test_ci_calls_the_selftest() -> None:
    script = ROOT / ".ci" / "run"

    assert os.access(script, os.X_OK)
    assert "exec ./mrm selftest" in script.read_text()
