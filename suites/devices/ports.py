"""Ports of devices that somebody else owns."""

from collections.abc import Iterable

from harness.image import Board
from harness.image.fields import PortRange

KEYBOARD_CONTROLLER = 0x60, 0x64


def closed_ports(board: Board, devices: Iterable[str]) -> list[PortRange]:
    """Returns the ports of some devices, but for those by which the machine is reset.

    An operating system resets itself by the keyboard controller, whether it has a keyboard or not: so there
    everybody finds one that is idle.
    """
    everybodys = KEYBOARD_CONTROLLER if board.power.i8042 else ()
    found = (ports for name in devices for ports in board.devices[name].port_ranges)
    return [ports for ports in found if ports.first not in everybodys]
