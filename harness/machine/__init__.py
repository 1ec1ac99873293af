"""Machines: what can be switched on, listened to and looked into. One kind a file, behind one Protocol.

Here lives how a machine is started, owned and ended. What it boots is packed elsewhere (`harness.image`), and
what its lines say is understood elsewhere (`harness.console`, `harness.probe`).
"""

from pathlib import Path

from harness.deadline import Clock, SystemClock
from harness.image import Board, PackedImage
from harness.machine.machine import Machine
from harness.machine.qemu import QemuMachine
from harness.power import MachineEvent, MachineState, Run

__all__ = ["Machine", "MachineEvent", "MachineState", "Run", "open_machine"]

_KINDS = {"qemu": QemuMachine}


def open_machine(board: Board, image: PackedImage, logs: Path, clock: Clock | None = None) -> Machine:
    """Return the machine of a board, with an image in it, switched off.

    Args:
      logs: directory for what the machine says; made if it is not there.
      clock: what deadlines of this machine go by; the host's if left out.
    """
    return _KINDS[board.kind](board, image, logs, clock or SystemClock())
