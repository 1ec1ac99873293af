"""Whatever becomes of the harness, no QEMU outlives it."""

import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.machine.process import bound_to

ROOT = Path(__file__).parents[2]


class Lonely:
    """A harness in a process of its own, and the QEMU that belongs to it."""

    def __init__(self, directory: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.machine.lonely", str(directory)],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        assert self.process.stdout is not None
        self._output = self.process.stdout
        self.qemu = int(self._output.readline())
        self._qemu_ends = os.pidfd_open(self.qemu)

    def qemu_ended(self, seconds: float) -> bool:
        """Whether the kernel says within that time that QEMU has ended."""
        ready, _, _ = select.select([self._qemu_ends], [], [], seconds)
        return bool(ready)

    def end(self) -> None:
        self.process.kill()
        self.process.wait(10)
        self._output.close()
        os.close(self._qemu_ends)


@pytest.fixture
def lonely(tmp_path: Path) -> Iterator[Lonely]:
    harness = Lonely(tmp_path)
    yield harness
    harness.end()


def test_lives_as_long_as_its_harness(lonely: Lonely) -> None:
    """So that the other tests here can fail."""
    assert not lonely.qemu_ended(0.2)


def test_kill_leaves_none(lonely: Lonely) -> None:
    lonely.process.kill()

    assert lonely.qemu_ended(2)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signals_leave_none(lonely: Lonely, number: int) -> None:
    os.killpg(lonely.process.pid, number)  # what a terminal does for Ctrl-C: to all of the group

    assert lonely.qemu_ended(2)
    assert lonely.process.wait(5) != 0


def test_ctrl_c_does_not_reach_qemu_first(lonely: Lonely) -> None:
    """It has a session of its own: so it is ended by its owner, who then keeps what it still has said."""
    assert os.getsid(lonely.qemu) != os.getsid(lonely.process.pid)


def test_starts_for_the_parent_that_asked() -> None:
    ran = subprocess.run(bound_to(os.getpid(), ["echo", "started"]), capture_output=True, check=True)

    assert ran.stdout == b"started\n"


def test_starts_nothing_for_a_parent_that_died_before() -> None:
    ran = subprocess.run(bound_to(1, ["echo", "started"]), capture_output=True, check=False)

    assert ran.stdout == b""
