"""Does an unmodified Linux find its own devices, and only those? Paper §3.1(1), (2)."""

import pytest

from fixtures.partitions import Partition
from harness.image import Board
from suites.systems.functions import BARS, HOST_BRIDGE, first_of, foreign, functions
from suites.systems.linux import claims, interrupts, shell, uarts

pytestmark = [pytest.mark.process, pytest.mark.smoke]

UNASKED = frozenset(("dma1", "pic1", "timer0", "timer1", "keyboard", "dma page reg", "pic2", "dma2", "fpu"))
"""Ports that Linux claims on every PC without looking (arch/x86/kernel/setup.c, standard_io_resources)."""

WINDOW = "PCI Bus"
"""Ports that a bridge passes on, whoever has claimed them behind it."""


@pytest.mark.requirement("OS-02", "DEV-01")
def test_does_it_find_its_own_serial_port_and_no_other(subject: Partition, board: Board) -> None:
    own = {
        device.ports[0].first: device.gsi
        for name in subject.spec.devices
        if (device := board.devices[name]).serial
    }

    assert uarts(subject) == own


@pytest.mark.requirement("OS-02")
def test_has_it_claimed_a_port_of_the_neighbours(
    subject: Partition, neighbour: Partition, board: Board
) -> None:
    claimed = [
        claim
        for claim in claims(subject, "/proc/ioports")
        if claim.owner not in UNASKED and not claim.owner.startswith(WINDOW)
    ]

    for ports in (ports for name in foreign(subject, neighbour) for ports in board.devices[name].port_ranges):
        assert not [claim for claim in claimed if claim.first <= ports.last and ports.first <= claim.last]


@pytest.mark.requirement("OS-02")
def test_has_it_asked_for_interrupts_of_its_own_devices_only(subject: Partition, board: Board) -> None:
    """Lines of nobody may be asked for, too: a driver asks for what its device had on every old PC."""
    own = {board.devices[name].gsi for name in shown(subject, board)}
    others = {device.gsi for device in board.devices.values()} - own

    asked = set(interrupts(subject))

    assert not asked & others
    assert subject.image.gsi in asked


@pytest.mark.requirement("OS-02", "DEV-05")
def test_does_it_see_its_own_pci_functions_and_no_other(subject: Partition, board: Board) -> None:
    """But for those by which it knows that there is a bus, and a device: they have nothing to be used."""
    own = {pci for name in subject.spec.devices if (pci := board.devices[name].pci) is not None}
    signs = {HOST_BRIDGE, *map(first_of, own)} - own

    found = functions(subject)

    assert set(found) - signs == own
    assert not any(base for sign in signs & set(found) for base in found[sign].bases)


@pytest.mark.requirement("OS-02", "DEV-07")
def test_are_its_pci_functions_where_the_board_file_says(subject: Partition, board: Board) -> None:
    found = functions(subject)
    for name in subject.spec.devices:
        device = board.devices[name]
        if device.pci is not None:
            bases = [0] * BARS
            for bar in device.bars:
                bases[bar.index] = bar.base
            assert list(found[device.pci].bases) == bases, f"{subject}: {name} has its base addresses wrong"


@pytest.mark.requirement("OS-02", "BOOT-07")
def test_do_its_acpi_devices_use_its_own_ports_only(subject: Partition, board: Board) -> None:
    own = {
        (ports.first, ports.last)
        for name in shown(subject, board)
        for ports in board.devices[name].port_ranges
    }
    serial = board.devices[subject.spec.serial]

    told = shell(subject, "cat /sys/bus/pnp/devices/*/resources").split("\n")

    used = {
        tuple(int(port, 16) for port in line.split()[1].split("-"))
        for line in told
        if line.startswith("io 0x")
    }
    assert (serial.ports[0].first, serial.ports[0].last) in used
    assert all(any(first <= port and last <= end for first, end in own) for port, last in used)
    assert f"irq {serial.gsi}" in told


def shown(subject: Partition, board: Board) -> set[str]:
    """Devices of the board that the subject has, or has a stand-in for. Some stand in for none of them."""
    return {*subject.spec.devices, *subject.spec.standins} & set(board.devices)
