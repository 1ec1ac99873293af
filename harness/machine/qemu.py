"""A board that QEMU emulates."""

from collections.abc import Mapping
from pathlib import Path

from harness.console import Console
from harness.deadline import Clock, Deadline
from harness.image import Board, PackedImage
from harness.machine import MachineEvent, MachineState


class QemuMachine:
    """A machine in a QEMU process of its own. See `harness.machine.Machine`."""

    capabilities = frozenset({"monitor", "nmi", "memory"})

    def __init__(self, board: Board, image: PackedImage, logs: Path, clock: Clock) -> None:
        raise NotImplementedError
