"""Ports of devices that somebody else owns."""

from collections.abc import Iterable
from itertools import product

from fixtures.partitions import Partition
from harness.image import Board
from suites.devices.uart import scratch_port
from suites.memory.attack import nothing

KEYBOARD_CONTROLLER = 0x60, 0x64
WIDTHS = (1, 2, 4)


def check_closed(subject: Partition, board: Board, devices: Iterable[str]) -> None:
    """Checks that the ports of some devices read as all ones, but for those by which the machine is reset.

    An operating system resets itself by the keyboard controller, whether it has a keyboard or not: so there
    everybody finds one that is idle.
    """
    everybodys = KEYBOARD_CONTROLLER if board.power.i8042 else ()
    found = (ports for name in devices for ports in board.devices[name].port_ranges)
    closed = [ports for ports in found if ports.first not in everybodys]
    for width, ports in product(WIDTHS, closed):
        for port in range(ports.first, ports.last + 2 - width, width):
            answer = subject.in_(width, port)
            assert nothing(answer, width), f"port {port:#x}: {answer}"


def check_no_write_arrives(subject: Partition, neighbour: Partition, board: Board) -> None:
    """Checks that nothing that the subject writes to a neighbour's serial port changes a register of it."""
    port = scratch_port(neighbour, board)
    assert neighbour.out(1, port, 0x5A) is None

    for width in WIDTHS:
        subject.out(width, port - width + 1, 0xA5A5A5A5 & (1 << 8 * width) - 1)

    assert neighbour.in_(1, port) == 0x5A, f"{subject} wrote to port {port:#x}, which {neighbour} has"
