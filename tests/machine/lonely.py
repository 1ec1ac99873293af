"""A program that owns a machine and waits for ever: the tests of orphans end it from outside.

Prints the process number of its QEMU.
"""

import sys
from pathlib import Path

from harness.deadline import SystemClock
from harness.image import load_board
from harness.machine.qemu import QemuMachine
from tests.machine.conftest import packed, within
from tests.machine.payload import HALT

directory = Path(sys.argv[1])
board = load_board("qemu-q35")
machine = QemuMachine(board, packed(directory, HALT, board), directory / "logs", SystemClock())
try:
    machine.power_on(within(10))
    assert machine._process is not None
    print(machine._process.pid, flush=True)
    machine.consoles["com1"].readline(within(3600))
finally:
    machine.close()
