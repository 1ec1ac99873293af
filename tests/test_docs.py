"""Every command in the documentation is run, as it stands there.

Three kinds are not run here: those that `./mrm selftest` runs itself as its last step, `selftest` (it runs
this), and those that only a person can end, which are typed at and left.
"""

import fcntl
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pexpect
import pytest

ROOT = Path(__file__).parents[1]
PAGES = sorted(
    [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *ROOT.glob("*/README.md"), *ROOT.glob("targets/*/*.md")]
)
FENCE = re.compile(r"^ *```console\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
GATE = {
    "./mrm selftest",
    "./mrm certify",
    "./mrm certify --board qemu-pc",
    "./mrm certify --out results/first",
    "./mrm certify --out results/second",
    "./mrm compare results/first results/second",
}
"""Whole runs: the self-test's last steps are these commands (`commands/steps.py`)."""
LEAVE = "\x1dq"
"""Ctrl-] q, which leaves `mrm run`."""
SECONDS = 300


def commands() -> list[str]:
    """All lines that begin with a prompt, without their comments."""
    blocks = [block for page in PAGES for block in FENCE.findall(page.read_text())]
    lines = [line.strip() for block in blocks for line in block.splitlines()]
    found = (line.removeprefix("$ ").partition("  #")[0].strip() for line in lines if line.startswith("$ "))
    return sorted(set(found))


def conversations() -> list[str]:
    return [command for command in commands() if command.startswith("./mrm run ")]


def questions() -> list[str]:
    return [command for command in commands() if command not in GATE and command not in conversations()]


@pytest.fixture
def alone() -> Iterator[None]:
    """Commands that write and read `results/latest` come one after the other, whatever the worker."""
    with (ROOT / "build" / "docs.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture
def latest(alone: None) -> None:
    """A run that `results/latest` points to, for the commands that read one."""
    if (ROOT / "results" / "latest" / "results.json").exists():
        return
    subprocess.run(["./mrm", "certify", "-k", "MEM-01"], cwd=ROOT, check=True, timeout=SECONDS)


def test_there_are_commands() -> None:
    assert {"./mrm certify", "./mrm selftest"} <= set(commands())
    assert len(questions()) >= 8


@pytest.mark.usefixtures("latest")
@pytest.mark.parametrize("command", questions())
def test_a_command_does_what_it_is_said_to(command: str) -> None:
    ran = subprocess.run(
        shlex.split(command), cwd=ROOT, capture_output=True, text=True, timeout=SECONDS, check=False
    )

    assert ran.returncode == 0, ran.stdout[-2000:] + ran.stderr[-2000:]


@pytest.mark.parametrize("command", conversations())
def test_a_person_can_look_around_and_leave(command: str) -> None:
    with pexpect.spawn(command, cwd=str(ROOT), timeout=60, encoding="utf-8") as terminal:
        terminal.expect("mrmc: ready")
        terminal.send(LEAVE)
        terminal.expect(pexpect.EOF)

    assert terminal.exitstatus == 0
