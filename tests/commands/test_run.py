"""`mrm run`: a person at a real terminal, before real consoles of a real image."""

import sys
import termios
from collections.abc import Iterator
from pathlib import Path
from typing import TypeAlias

import pexpect
import pytest

from commands.run import titles
from commands.terminal import argument
from harness.image import load_manifest

ROOT = Path(__file__).parents[2]
SECONDS = 60
Person: TypeAlias = "pexpect.spawn[str]"
MRM = "from commands import main; main(prog_name='mrm')"


@pytest.fixture
def person(tmp_path: Path) -> Iterator[Person]:
    """A person who has started the twin probes; what is left is ended."""
    child = pexpect.spawn(
        sys.executable,
        ["-c", MRM, "run", "twin-probes", "--logs", str(tmp_path / "logs")],
        cwd=str(ROOT),
        timeout=SECONDS,
        encoding="utf-8",
        codec_errors="replace",
    )
    child.delaybeforesend = None
    yield child
    child.close(force=True)


def test_a_person_looks_around(person: Person, tmp_path: Path) -> None:
    before = termios.tcgetattr(person.child_fd)
    person.expect("mrmc: ready, 2 partitions")
    person.send("\x1d3")
    person.expect("3 com2: partition b")
    person.expect(r"!00 hello 1 linux ")
    person.send("\x1dp")
    person.expect("probe> ")
    person.send("echo xABC\x7f\x7fb\r")  # with a mistake, corrected
    person.expect(r"<00 ok xab [0-9a-f]{8}")
    person.send("\x1dn")
    person.expect("1 com4: controller")
    person.expect("mrmc: ready")  # what was said before is shown again
    person.send("\x1dq")
    person.expect("ended by you")
    person.expect(pexpect.EOF)
    assert termios.tcgetattr(person.child_fd) == before
    person.close()

    assert person.exitstatus == 0
    assert "mrmc: ready" in (tmp_path / "logs" / "console-com4.log").read_text()


def test_ctrl_c_goes_to_the_console_and_not_to_mrm(person: Person) -> None:
    person.expect("mrmc: ready")
    person.send("\x03\x1d2")
    person.expect("2 com1: partition a")
    assert person.isalive()


def test_a_machine_that_goes_off_ends_it_with_1(tmp_path: Path) -> None:
    words = ["-c", MRM, "run", "bare-probe", "--logs", str(tmp_path)]
    child = pexpect.spawn(sys.executable, words, cwd=str(ROOT), timeout=SECONDS)
    child.delaybeforesend = None
    child.expect("hello")
    child.send("\x1dplast out 2 604 2001\r")
    child.expect("the machine is off")
    child.expect(pexpect.EOF)
    child.close()

    assert child.exitstatus == 1


def test_logs_are_not_mixed_with_what_is_there(tmp_path: Path) -> None:
    (tmp_path / "mine").touch()
    words = ["-c", MRM, "run", "bare-probe", "--logs", str(tmp_path)]
    child = pexpect.spawn(sys.executable, words, cwd=str(ROOT), timeout=SECONDS)
    child.expect("is not empty")
    child.expect(pexpect.EOF)
    child.close()

    assert child.exitstatus == 2
    assert (tmp_path / "mine").exists()


def test_the_controller_comes_first() -> None:
    assert titles(load_manifest("twin-probes")) == {
        "com4": "controller",
        "com1": "partition a",
        "com2": "partition b",
    }


@pytest.mark.parametrize(
    ("word", "value"),
    [("3f8", 0x3F8), ("de", 0xDE), ("xab", b"\xab"), ("x", b""), ("lapic", "lapic"), ("xyz", "xyz")],
)
def test_words_are_arguments_as_the_protocol_has_them(word: str, value: object) -> None:
    assert argument(word) == value
