"""Does a message-signalled interrupt reach its owner only, whatever its words? Paper §3.2, §3.4."""

import pytest

from fixtures.bare import Bare
from fixtures.partitions import Partition
from harness.image import Board
from harness.probe import Stray, Verified
from suites.devices.edu import ACKNOWLEDGE, RAISE, Edu, edu_at, edu_of
from suites.devices.pci import MSI, MSI_ADDRESS, NOTHING, Asked
from suites.interrupts.sources import SHORT_TICKS, VECTOR, apic_id

pytestmark = pytest.mark.usefixtures("mechanism")

CAUSE = 0x2
NMI = 2
ADDRESS = 0xFEE00000
LOGICAL = 1 << 2
"""Destination mode of the address word; the processor is in its bits 12 to 19 (APM vol. 2 §16.10)."""
EVERYBODY = 0xFF
DELIVERY = {"fixed": 0, "lowest": 1, "smi": 2, "nmi": 4, "init": 5, "extint": 7}
"""Delivery modes, bits 8 to 10 of the data word."""
LEVEL = 3 << 14
PAGE, SEED = 0x1000, 0x3E55A6E
WORDS = ((4, MSI_ADDRESS), (4, MSI_ADDRESS + 4), (2, MSI_ADDRESS + 8))
"""Address and data of a capability with addresses of 64 bits: width and offset (PCI 3.0 §6.8.1)."""
RESERVED_VECTORS = (0, 2, 8, 15)


@pytest.mark.requirement("IRQ-01", "IRQ-12")
def test_does_it_arrive_as_on_the_bare_machine(subject: Partition, bare: Bare, board: Board) -> None:
    name, own = edu_of(subject, board), apic_id(subject, board)

    assert sent(subject, name, own) == bare.ask(sent, name, board.processors.apic_ids[0]) == (3, VECTOR, 0)


@pytest.mark.requirement("IRQ-02", "IRQ-12")
def test_does_it_reach_a_neighbour(subject: Partition, neighbour: Partition, board: Board) -> None:
    with neighbour.undisturbed():
        sent(subject, edu_of(subject, board), apic_id(subject, board))

    _has_seen_nothing(neighbour)


@pytest.mark.requirement("IRQ-12")
@pytest.mark.parametrize("delivery", DELIVERY)
def test_does_one_that_is_aimed_at_a_neighbour_reach_it(
    subject: Partition, neighbour: Partition, board: Board, delivery: str
) -> None:
    edu, other = edu_at(subject, edu_of(subject, board)), apic_id(neighbour, board)
    subject.await_(VECTOR, 0, 0)  # on a shared processor its own number is that of the neighbour

    with neighbour.undisturbed():
        for address in (other << 12, EVERYBODY << 12, EVERYBODY << 12 | LOGICAL, 1 << other + 12 | LOGICAL):
            for level in (0, LEVEL):
                _send(edu, ADDRESS | address, level | DELIVERY[delivery] << 8 | VECTOR)
        assert subject.echo(b"still there") == b"still there"

    _has_seen_nothing(neighbour)


@pytest.mark.requirement("IRQ-12")
def test_does_one_with_a_vector_of_an_exception_reach_anybody(
    subject: Partition, neighbour: Partition, board: Board
) -> None:
    """Vectors below 16 are not for interrupts (APM vol. 2 §16.6.2)."""
    edu, own = edu_at(subject, edu_of(subject, board)), apic_id(subject, board)

    with neighbour.undisturbed():
        for vector in RESERVED_VECTORS:
            _send(edu, ADDRESS | own << 12, vector)
        assert subject.echo(b"still there") == b"still there"

    _has_seen_nothing(neighbour)
    assert subject.stray() == Stray(0, 0)


@pytest.mark.requirement("IRQ-12", "MEM-04")
def test_does_one_to_an_address_in_ram_change_it(
    subject: Partition, neighbour: Partition, board: Board
) -> None:
    """A message is a write, and its address is the partition's word."""
    edu, first = edu_at(subject, edu_of(subject, board)), neighbour.host(neighbour.scratch)
    assert neighbour.fill(neighbour.scratch, PAGE, SEED) is None

    with neighbour.undisturbed():
        for address in range(first, first + PAGE, PAGE // 4):
            _send(edu, address, VECTOR)

    assert neighbour.verify(neighbour.scratch, PAGE, SEED) == Verified(0, 0)
    _has_seen_nothing(neighbour)


@pytest.mark.requirement("IRQ-12")
def test_do_its_words_read_back_as_on_the_bare_machine(subject: Partition, bare: Bare, board: Board) -> None:
    name = edu_of(subject, board)

    assert read_back(subject, name) == bare.ask(read_back, name)


def sent(probe: Asked, name: str, processor: int) -> tuple[int, int, int]:
    """How often a message arrived that was sent three times, as which vector, and how many strays came."""
    edu = edu_at(probe, name)
    probe.await_(VECTOR, 0, 0)  # from now on it is no stray
    for _ in range(3):
        _send(edu, ADDRESS | processor << 12, VECTOR)
    return probe.await_(VECTOR, 3, probe.patience), probe.seen(VECTOR).record.vector, probe.stray().count


def read_back(probe: Asked, name: str) -> list[int]:
    """Address and data of the capability, when all ones were written, and when zeros were."""
    function, found = edu_at(probe, name).function, []
    at = function.capability(MSI)
    for value in (NOTHING, 0):
        for width, offset in WORDS:
            function.write(width, at + offset, value & (1 << 8 * width) - 1)
        found += [function.read(width, at + offset) for width, offset in WORDS]
    return found


def _send(edu: Edu, address: int, data: int) -> None:
    """Sends one message: the device does so when a cause is added to none."""
    edu.be_master()
    edu.function.message(address, data)
    edu.write(RAISE, CAUSE)
    edu.probe.spin(SHORT_TICKS // 100)
    edu.write(ACKNOWLEDGE, CAUSE)


def _has_seen_nothing(neighbour: Partition) -> None:
    assert neighbour.seen(VECTOR).count == 0
    assert neighbour.seen(NMI).count == 0
    assert neighbour.stray() == Stray(0, 0)
