"""Does the owner reach its ports, and nobody else? Paper §3.1(2), §3.2: one OS controls each device."""

import pytest

from fixtures.bare import Bare, Twin
from fixtures.partitions import Partition
from harness.image import Board
from harness.probe import Fault
from suites.devices.ports import WIDTHS, check_closed, check_no_write_arrives
from suites.devices.uart import scratch_port
from suites.interrupts.sources import VECTOR, beats, some_timers, start

FREE_RAM = 0x1000000
PACE = 0.01
"""How much it may be off; one that shares its processor sees it up to a slice late."""


@pytest.mark.requirement("DEV-01")
def test_does_its_owner_reach_the_serial_port_itself(subject: Partition, board: Board) -> None:
    port = scratch_port(subject, board)
    for value in (0x00, 0xA5, 0x5A, 0xFF):
        assert subject.out(1, port, value) is None
        assert subject.in_(1, port) == value


@pytest.mark.counted
@pytest.mark.requirement("DEV-01")
def test_does_its_interval_timer_run_as_fast_as_on_the_bare_machine(subject: Partition, bare: Bare) -> None:
    """By the processor's time stamp counter, which no exit stops or puts forward."""
    if "pit" not in subject.spec.devices:
        pytest.skip(f"the manifest does not give {subject} the interval timer")

    assert timed(subject, subject.scratch) == pytest.approx(bare.ask(timed, FREE_RAM), rel=PACE)


@pytest.mark.requirement("DEV-02")
def test_does_a_foreign_port_read_as_all_ones(subject: Partition, board: Board) -> None:
    check_closed(subject, board, (name for name in board.devices if name not in subject.spec.devices))


@pytest.mark.requirement("DEV-02")
def test_does_a_write_to_a_neighbours_port_reach_it(
    subject: Partition, neighbour: Partition, board: Board
) -> None:
    check_no_write_arrives(subject, neighbour, board)


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


def timed(probe: Partition | Twin, free: int) -> int | Fault:
    """Ticks of the time stamp counter until the interval timer has counted, with CPUIDs all the while."""
    start = "53 b030e643 b000e640 b040e640 0f31 4189c0"  # push rbx; mode 0, 0x4000; rdtsc; mov r8d, eax
    wait = "31c0 0fa2 b0e2e643 e440 a880 74f2"  # until its output is high: cpuid; status; in al, 40; test; jz
    stop = "0f31 4429c0 5b c3"  # rdtsc; sub eax, r8d; pop rbx; ret
    assert probe.poke(free, bytes.fromhex(start + wait + stop)) is None
    return probe.fetch(free)
