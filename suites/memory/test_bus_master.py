"""Can a partition's device reach by DMA what its processors cannot? Paper §3.3(1).

The device is one that moves what it is told to, from where and to where it is told (suites/devices/edu.py).
What is refused must neither arrive nor stop the device: each time it shows that it still works.
"""

import pytest

from fixtures.bare import Bare
from fixtures.machine import needs
from fixtures.operator import Operator
from fixtures.partitions import Partition
from harness.image import Board, Manifest
from harness.image.fields import Range
from harness.machine import Machine
from harness.probe import Stray, Verified
from suites.devices.edu import BUFFER, BUFFER_BYTES, TO_RAM, Edu, edu_at, edu_of
from suites.devices.pci import Asked
from suites.interrupts.sources import BEATS, PERIODS, SHORT_TICKS, VECTOR, apic_id, line, timers
from suites.memory.attack import SECRET_BYTES, SEED, aims, aims_at_host, nothing

WHOLE = Verified(0, 0)
NOT_A_WORD = SECRET_BYTES // 8
PIECE, OTHER_SEED = BUFFER_BYTES // 2, 0xF00D
SITES = 16
REDIRECTION, WINDOW, MASKED = 0x10, 0x10, 1 << 16
"""I/O APIC: index of the first entry, offset of the data register, the bit that masks (82093AA §3.2)."""
MESSAGES = 0xFEE00000
"""Where a write is an interrupt, for the processor in address bits 12 to 19 (APM vol. 2 §16.10)."""
DELIVERY = {"fixed": 0, "nmi": 4, "init": 5}
NMI = 2
CONTROL = 0x18
"""Offset of the register that switches an IOMMU off (48882 §3.4.1)."""


@pytest.fixture
def thief(subject: Partition, board: Board) -> Edu:
    """The subject's device, a bus master."""
    if board.iommu is None:
        pytest.skip(f"nothing confines DMA: {board.name} has no IOMMU")
    edu = edu_at(subject, edu_of(subject, board))
    edu.be_master()
    return edu


@pytest.mark.requirement("MEM-12")
def test_does_it_reach_its_own_ram(subject: Partition, thief: Edu) -> None:
    for stretch in subject.ram:
        for place in (stretch.gpa + stretch.size // 2, stretch.end - PIECE, stretch.end - SECRET_BYTES):
            assert _carries(thief, place), f"at {place:#x}"


@pytest.mark.requirement("MEM-12")
def test_does_it_reach_its_own_ram_after_a_new_start(
    subject: Partition, thief: Edu, operator: Operator, board: Board
) -> None:
    operator.start_again(subject)

    edu = edu_at(subject, edu_of(subject, board))
    edu.be_master()
    assert _carries(edu, subject.scratch)


@pytest.mark.requirement("MEM-11")
def test_does_it_read_a_neighbours_secret(subject: Partition, neighbour: Partition, thief: Edu) -> None:
    assert neighbour.fill(neighbour.scratch, SECRET_BYTES, SEED) is None

    for address in aims(subject, neighbour, neighbour.scratch):
        _fetch(thief, address, subject.scratch)
        seen = subject.verify(subject.scratch, SECRET_BYTES, SEED)
        assert isinstance(seen, Verified)
        assert seen.wrong == NOT_A_WORD, f"found at {address:#x}"
    assert _carries(thief, subject.scratch)


@pytest.mark.requirement("MEM-11")
def test_does_it_write_into_a_neighbours_ram(subject: Partition, neighbour: Partition, thief: Edu) -> None:
    assert neighbour.fill(neighbour.scratch, SECRET_BYTES, SEED) is None

    with neighbour.undisturbed():
        for address in aims(subject, neighbour, neighbour.scratch):
            _move(thief, BUFFER, address, SECRET_BYTES, TO_RAM)

    assert neighbour.verify(neighbour.scratch, SECRET_BYTES, SEED) == WHOLE
    assert _carries(thief, subject.scratch)


@pytest.mark.requirement("MEM-07", "MEM-11")
def test_does_a_transfer_over_the_end_of_its_ram_write_beyond(
    machine: Machine, subject: Partition, thief: Edu
) -> None:
    needs(machine, "memory")
    for stretch in subject.ram:
        beyond = stretch.hpa + stretch.size
        before = machine.read_memory(beyond, PIECE // 2)

        subject.fill(subject.scratch, PIECE, SEED)
        _move(thief, subject.scratch, BUFFER, PIECE)
        _move(thief, BUFFER, stretch.end - PIECE // 2, PIECE, TO_RAM)

        assert machine.read_memory(beyond, PIECE // 2) == before, f"changed behind {beyond:#x}"
        assert subject.verify(stretch.end - PIECE // 2, PIECE // 2, SEED) == WHOLE
    assert _carries(thief, subject.scratch)


@pytest.mark.requirement("MEM-08", "MEM-11")
def test_does_it_read_the_controllers_ram(
    machine: Machine, subject: Partition, thief: Edu, image: Manifest
) -> None:
    needs(machine, "memory")
    memory = _controller(image)
    for host in range(memory.base, memory.end, memory.size // SITES):
        kept = machine.read_memory(host, SECRET_BYTES)
        if any(kept):
            for address in aims_at_host(subject, host):
                assert _fetch(thief, address, subject.scratch) != kept, f"found at {address:#x}"
    assert _carries(thief, subject.scratch)


@pytest.mark.requirement("MEM-08", "MEM-11")
def test_does_the_controller_survive_what_it_writes(
    subject: Partition, thief: Edu, image: Manifest, operator: Operator
) -> None:
    memory = _controller(image)
    for host in range(memory.base, memory.end, memory.size // SITES):
        for address in aims_at_host(subject, host):
            _move(thief, BUFFER, address, PIECE, TO_RAM)
    assert _carries(thief, subject.scratch)

    operator.start_again(subject)


@pytest.mark.requirement("MEM-09", "MEM-11")
def test_does_it_go_on_where_there_is_nothing(subject: Partition, thief: Edu, board: Board) -> None:
    beyond = max(ram.end for ram in board.memory.ram)
    for address in range(beyond, beyond + (SITES << 24), 1 << 24):
        _move(thief, BUFFER, address, PIECE, TO_RAM)
        _move(thief, address, BUFFER, PIECE)

    assert _carries(thief, subject.scratch)


@pytest.mark.requirement("IRQ-10", "MEM-11")
def test_does_it_mask_a_neighbours_interrupt(
    subject: Partition, neighbour: Partition, thief: Edu, bare: Bare, board: Board
) -> None:
    """By the I/O APIC, whose registers are memory to a device."""
    if not timers(neighbour):
        pytest.skip(f"the manifest gives no timer to {neighbour}")
    timer = timers(neighbour)[0]
    assert not bare.ask(beats_though_masked, edu_of(subject, board), timer, line(board, timer))

    _start(neighbour, timer, line(board, timer))
    _mask_pin(thief, board, line(board, timer), subject.scratch)

    assert _beats(neighbour, neighbour.patience)
    assert _carries(thief, subject.scratch)


@pytest.mark.requirement("IRQ-12")
@pytest.mark.parametrize("delivery", DELIVERY)
def test_does_it_interrupt_a_neighbour_by_a_write(
    subject: Partition, neighbour: Partition, thief: Edu, board: Board, delivery: str
) -> None:
    if board.iommu is not None and not board.iommu.confines_messages:
        pytest.skip(f"the IOMMU of {board.name} does not tell whose write is an interrupt")
    address = MESSAGES | apic_id(neighbour, board) << 12

    with neighbour.undisturbed():
        _put(thief, address, (DELIVERY[delivery] << 8 | VECTOR).to_bytes(4, "little"), subject.scratch)

    assert neighbour.seen(VECTOR).count == neighbour.seen(NMI).count == 0
    assert neighbour.stray() == Stray(0, 0)
    assert _carries(thief, subject.scratch)


@pytest.mark.requirement("MEM-11")
def test_can_what_confines_it_be_switched_off(
    subject: Partition, neighbour: Partition, thief: Edu, board: Board
) -> None:
    assert board.iommu is not None
    registers = board.iommu.registers
    assert neighbour.fill(neighbour.scratch, SECRET_BYTES, SEED) is None

    for offset in range(0, registers.size, 0x1000):
        assert nothing(subject.load(8, registers.base + offset), 8)
    subject.store(8, registers.base + CONTROL, 0)
    _put(thief, registers.base + CONTROL, bytes(8), subject.scratch)
    _move(thief, BUFFER, neighbour.host(neighbour.scratch), SECRET_BYTES, TO_RAM)

    assert neighbour.verify(neighbour.scratch, SECRET_BYTES, SEED) == WHOLE
    assert _carries(thief, subject.scratch)


def beats_though_masked(probe: Asked, name: str, timer: str, gsi: int) -> bool:
    """Whether a timer still interrupts when a device has masked its pin."""
    edu = edu_at(probe, name)
    edu.be_master()
    ram = probe.image.base + probe.image.size
    _start(probe, timer, gsi)
    _mask_pin(edu, probe.machine.board, gsi, ram)
    return _beats(probe, SHORT_TICKS)


def _start(probe: Asked, timer: str, gsi: int) -> None:
    probe.claim(gsi, VECTOR)
    probe.timer(timer, VECTOR, PERIODS[timer])
    assert _beats(probe, probe.patience)


def _beats(probe: Asked, ticks: int) -> bool:
    probe.forget()
    return probe.await_(VECTOR, BEATS, ticks) == BEATS


def _mask_pin(edu: Edu, board: Board, gsi: int, ram: int) -> None:
    ioapic = board.interrupts.ioapic
    index = REDIRECTION + 2 * (gsi - ioapic.first_gsi)
    _put(edu, ioapic.base, index.to_bytes(4, "little"), ram)
    _put(edu, ioapic.base + WINDOW, MASKED.to_bytes(4, "little"), ram)


def _move(edu: Edu, source: int, destination: int, count: int, direction: int = 0) -> None:
    """A whole transfer, whatever becomes of it."""
    edu.move(source, destination, count, direction)
    edu.finish()


def _put(edu: Edu, address: int, data: bytes, ram: int) -> None:
    """Has the device write these bytes, which it finds in RAM of its owner."""
    assert edu.probe.poke(ram, data) is None
    _move(edu, ram, BUFFER, len(data))
    _move(edu, BUFFER, address, len(data), TO_RAM)


def _fetch(edu: Edu, address: int, ram: int) -> bytes:
    """Returns what the device holds when it was told to read there; it is left in RAM of its owner."""
    _move(edu, address, BUFFER, SECRET_BYTES)
    _move(edu, BUFFER, ram, SECRET_BYTES, TO_RAM)
    held = edu.probe.peek(ram, SECRET_BYTES)
    assert isinstance(held, bytes)
    return held


def _carries(edu: Edu, ram: int) -> bool:
    """Whether bytes come back that the device has taken from there."""
    edu.probe.fill(ram, SECRET_BYTES, OTHER_SEED)
    _move(edu, ram, BUFFER, SECRET_BYTES)
    edu.probe.fill(ram, SECRET_BYTES, 0)
    _move(edu, BUFFER, ram, SECRET_BYTES, TO_RAM)
    return edu.probe.verify(ram, SECRET_BYTES, OTHER_SEED) == WHOLE


def _controller(image: Manifest) -> Range:
    """The RAM that the controller keeps for itself."""
    if image.controller is None:
        pytest.skip(f"{image.name} has no controller")
    return image.controller.memory
