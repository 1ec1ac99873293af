"""Machines that run a few bytes of code."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from harness.deadline import Deadline, SystemClock
from harness.image import Board, PackedImage, load_board, load_manifest
from harness.machine import Machine, open_machine
from tests.machine.payload import write_kernel

Start = Callable[[bytes], Machine]


def packed(directory: Path, code: bytes, board: Board) -> PackedImage:
    """Return an image that is nothing but the code."""
    kernel = write_kernel(directory / "payload", code)
    return PackedImage(board, load_manifest("bare-probe"), kernel, "", (), None, {})


def within(seconds: float) -> Deadline:
    return Deadline(SystemClock(), seconds)


@pytest.fixture
def q35() -> Board:
    return load_board("qemu-q35")


@pytest.fixture
def start(tmp_path: Path, q35: Board) -> Iterator[Start]:
    """Starts a machine that runs some code, and ends it with the test."""
    with ExitStack() as ends:

        def run(code: bytes) -> Machine:
            machine = open_machine(q35, packed(tmp_path, code, q35), tmp_path / "logs")
            ends.callback(machine.close)
            machine.power_on(within(10))
            return machine

        yield run
