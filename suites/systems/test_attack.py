"""Can root of one Linux reach what another one owns? Paper §3.2, §3.3(1)."""

import pytest

from fixtures.machine import needs
from fixtures.partitions import Partition
from harness.image import Board
from harness.machine import Machine
from suites.devices.ports import check_closed, check_no_write_arrives
from suites.memory.attack import aims, nothing
from suites.systems.functions import foreign
from suites.systems.linux import claims
from suites.systems.load import undisturbed

pytestmark = [pytest.mark.process, pytest.mark.smoke]

PLACES = 16
TEXT_BYTES = 8


@pytest.mark.requirement("DEV-02")
def test_does_a_foreign_port_read_as_all_ones(subject: Partition, neighbour: Partition, board: Board) -> None:
    check_closed(subject, board, foreign(subject, neighbour))


@pytest.mark.requirement("DEV-02")
def test_does_a_write_to_a_neighbours_port_reach_it(
    subject: Partition, neighbour: Partition, board: Board
) -> None:
    check_no_write_arrives(subject, neighbour, board)


@pytest.mark.requirement("MEM-03")
def test_can_it_read_a_neighbours_ram(subject: Partition, neighbour: Partition) -> None:
    for stretch in neighbour.ram:
        for gpa in range(stretch.gpa, stretch.end, stretch.size // PLACES & ~7):
            for address in aims(subject, neighbour, gpa):
                assert _denied(subject, address), f"found at {address:#x}"


@pytest.mark.requirement("MEM-04")
def test_can_it_change_a_neighbours_kernel(
    machine: Machine, subject: Partition, neighbour: Partition
) -> None:
    needs(machine, "memory")
    code = next(claim for claim in claims(neighbour, "/proc/iomem") if claim.owner == "Kernel code")
    places = range(code.first, code.last - TEXT_BYTES, (code.last - code.first) // PLACES)
    before = [machine.read_memory(neighbour.host(gpa), TEXT_BYTES) for gpa in places]

    with undisturbed(neighbour):
        for gpa in places:
            for address in aims(subject, neighbour, gpa):
                subject.ask("store", 8, address, 0)

    assert [machine.read_memory(neighbour.host(gpa), TEXT_BYTES) for gpa in places] == before


def _denied(subject: Partition, address: int) -> bool:
    """Whether a load finds nothing: the subject's own kernel keeps it, or the machine has nothing there."""
    reply = subject.ask("load", 8, address)
    if reply.status == "bad":
        return reply.values == ("denied",)
    return reply.status == "fault" or nothing(reply.number(), 8)
