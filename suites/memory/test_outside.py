"""What does a partition find where it has no RAM: the controller's, firmware, nobody's? Paper §3.3(1)."""

import pytest

from fixtures.machine import needs
from fixtures.operator import Operator
from fixtures.partitions import Partition
from harness.image import Board, Manifest
from harness.image.fields import Range
from harness.machine import Machine
from suites.memory.attack import aims_at_host, nothing

SITES = 16


@pytest.mark.requirement("MEM-08")
def test_can_it_read_the_controllers_ram(subject: Partition, image: Manifest) -> None:
    memory = _controller(image)
    for host in (*range(memory.base, memory.end, (memory.size // SITES) & ~7), memory.end - 8):
        for address in aims_at_host(subject, host):
            assert nothing(subject.load(8, address), 8), f"found at {address:#x}"


@pytest.mark.requirement("MEM-08")
def test_does_the_controller_survive_stores_into_its_ram(
    subject: Partition, neighbour: Partition, image: Manifest, operator: Operator
) -> None:
    memory = _controller(image)

    with neighbour.undisturbed():
        for address in aims_at_host(subject, memory.base):
            subject.fill(address, memory.size, 0, 0x8008)

    operator.start_again(subject)


@pytest.mark.requirement("MEM-09")
def test_does_it_find_nothing_where_nobody_has_ram(subject: Partition, board: Board) -> None:
    beyond = max(ram.end for ram in board.memory.ram)
    for address in range(beyond, beyond + (SITES << 24), 1 << 24):
        assert nothing(subject.load(8, address), 8), f"found at {address:#x}"
        subject.store(8, address, 0)
        assert nothing(subject.load(8, address), 8), f"kept at {address:#x}"


@pytest.mark.requirement("MEM-09")
def test_does_it_find_nothing_where_the_machine_has_ram_for_nobody(
    subject: Partition, image: Manifest, board: Board
) -> None:
    for ram in board.memory.ram:
        for address in range(ram.base, ram.end, (ram.size // SITES) & ~7):
            if not subject.owns(address):
                subject.store(4, address, 0)
                assert nothing(subject.load(4, address), 4), f"found at {address:#x}"


@pytest.mark.requirement("MEM-10")
def test_can_it_change_what_the_firmware_keeps(machine: Machine, subject: Partition, board: Board) -> None:
    needs(machine, "memory")
    for area in board.memory.firmware:
        for address in range(area.base, area.end, (area.size // SITES) & ~7):
            before = machine.read_memory(address, 8)
            subject.store(8, address, int.from_bytes(before, "little") ^ 0xFFFF)
            assert machine.read_memory(address, 8) == before, f"changed at {address:#x}"


def _controller(image: Manifest) -> Range:
    """The RAM that the controller keeps for itself."""
    if image.controller is None:
        pytest.skip(f"{image.name} has no controller")
    return image.controller.memory
