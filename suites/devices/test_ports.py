"""Does the owner reach its ports, and nobody else? Paper §3.1(2), §3.2: one OS controls each device."""

from itertools import product

import pytest

from fixtures.partitions import Partition
from harness.image import Board
from harness.image.fields import PortRange
from harness.probe import Fault
from suites.devices.ports import closed_ports
from suites.devices.uart import scratch_port
from suites.interrupts.sources import VECTOR, beats, some_timers, start
from suites.memory.attack import nothing

WIDTHS = (1, 2, 4)


@pytest.mark.requirement("DEV-01")
def test_does_its_owner_reach_the_serial_port_itself(subject: Partition, board: Board) -> None:
    port = scratch_port(subject, board)
    for value in (0x00, 0xA5, 0x5A, 0xFF):
        assert subject.out(1, port, value) is None
        assert subject.in_(1, port) == value


@pytest.mark.requirement("DEV-02")
def test_does_a_foreign_port_read_as_all_ones(subject: Partition, board: Board) -> None:
    for width, ports in product(WIDTHS, _foreign(subject, board)):
        for port in range(ports.first, ports.last + 2 - width, width):
            assert nothing(subject.in_(width, port), width), f"port {port:#x}"


@pytest.mark.requirement("DEV-02")
def test_does_a_write_to_a_neighbours_port_reach_it(
    subject: Partition, neighbour: Partition, board: Board
) -> None:
    port = scratch_port(neighbour, board)
    assert neighbour.out(1, port, 0x5A) is None

    for width in WIDTHS:
        subject.out(width, port - width + 1, 0xA5A5A5A5 & (1 << 8 * width) - 1)

    assert neighbour.in_(1, port) == 0x5A


@pytest.mark.requirement("DEV-03")
def test_does_a_string_instruction_reach_a_neighbours_port(
    subject: Partition, neighbour: Partition, board: Board
) -> None:
    port = scratch_port(neighbour, board)
    assert neighbour.out(1, port, 0x5A) is None

    for width in WIDTHS:
        subject.outs(width, port - width + 1, b"\xa5" * 16)
        seen = subject.ins(width, port, 4)
        assert isinstance(seen, Fault) or set(seen) == {0xFF}

    assert neighbour.in_(1, port) == 0x5A


@pytest.mark.requirement("DEV-03")
def test_does_a_string_instruction_reach_its_own_port(subject: Partition, board: Board) -> None:
    port = scratch_port(subject, board)

    assert subject.outs(1, port, b"\x11\x22\x33") is None

    assert subject.ins(1, port, 2) == b"\x33\x33"


@pytest.mark.requirement("DEV-02")
def test_do_writes_to_a_neighbours_timer_stop_it(
    subject: Partition, neighbour: Partition, board: Board
) -> None:
    for vector, device in enumerate(some_timers(neighbour), VECTOR):
        start(neighbour, board, device, vector)
        for ports in board.devices[device].port_ranges:
            for port in range(ports.first, ports.last + 1):
                subject.out(1, port, 0x30)

        assert beats(neighbour, vector)


def _foreign(subject: Partition, board: Board) -> list[PortRange]:
    """The ports of the board's devices that the subject does not own."""
    return closed_ports(board, (name for name in board.devices if name not in subject.spec.devices))
