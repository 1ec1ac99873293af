"""Is the display adapter its owner's, and an empty bus to all others, below 1 MiB too? Paper §3.1(2)."""

import pytest

from fixtures.bare import Bare
from fixtures.partitions import Partition
from suites.devices.pci import Asked, Function, wake

DEVICE = "vga"
TEXT = 0xB8000
CELLS = 16
WINDOW = 0xA0000, 0xC0000
SEQUENCER, GRAPHICS, CRT = 0x3C4, 0x3CE, 0x3D4
TEXT_MODE = (
    *((SEQUENCER, 0x02, 0x03), (SEQUENCER, 0x04, 0x02)),  # two planes, even and odd addresses
    *((GRAPHICS, 0x00, 0x00), (GRAPHICS, 0x01, 0x00), (GRAPHICS, 0x03, 0x00), (GRAPHICS, 0x04, 0x00)),
    *((GRAPHICS, 0x05, 0x10), (GRAPHICS, 0x06, 0x0E), (GRAPHICS, 0x08, 0xFF)),  # from TEXT on
)
"""What makes its memory that of a text screen: index port, register, value (IBM VGA Technical Reference)."""
COLOUR = 0x3C2, 0x67
CURSOR = 0x0F
WORDS = (0x0741, 0x1F5A, 0x0000, 0xFFFF)


@pytest.fixture
def owner(subject: Partition) -> Partition:
    """A partition that has the display adapter."""
    if DEVICE not in subject.spec.devices:
        pytest.skip(f"the manifest does not give {subject} the display adapter")
    return subject


@pytest.mark.requirement("DEV-11")
def test_does_it_keep_a_text_as_on_the_bare_machine(owner: Partition, bare: Bare) -> None:
    assert written(owner) == bare.ask(written) == list(WORDS) * CELLS


@pytest.mark.requirement("DEV-11")
def test_do_its_registers_answer_as_on_the_bare_machine(owner: Partition, bare: Bare) -> None:
    assert registers(owner) == bare.ask(registers)


@pytest.mark.requirement("DEV-11", "DEV-02")
def test_does_a_neighbour_write_on_its_screen(owner: Partition, neighbour: Partition) -> None:
    seen, cursor = written(owner), _register(owner, CRT, CURSOR)

    for address in range(*WINDOW, 0x1000):
        neighbour.store(4, address, 0x12345678)
    for port, register, value in TEXT_MODE:
        _set(neighbour, port, register, ~value & 0xFF)
    _set(neighbour, CRT, CURSOR, ~cursor & 0xFF)

    assert _text(owner) == seen
    assert _register(owner, CRT, CURSOR) == cursor


def written(probe: Asked) -> list[int]:
    """What its memory keeps of some text."""
    _show_text(probe)
    for cell in range(CELLS * len(WORDS)):
        probe.store(2, TEXT + 2 * cell, WORDS[cell % len(WORDS)])
    return _text(probe)


def registers(probe: Asked) -> list[int]:
    """What it says of its state, and keeps of the cursor's place."""
    _show_text(probe)
    found = [_in(probe, 0x3CC)]
    for value in (0x00, 0xA5, 0x5A):
        _set(probe, CRT, CURSOR, value)
        found.append(_register(probe, CRT, CURSOR))
    return [*found, *(_register(probe, port, register) for port, register, _ in TEXT_MODE)]


def _show_text(probe: Asked) -> None:
    device = probe.machine.board.devices[DEVICE]
    if device.pci is not None:
        wake(Function(probe, device.pci), device)
    probe.out(1, *COLOUR)
    for port, register, value in TEXT_MODE:
        _set(probe, port, register, value)


def _text(probe: Asked) -> list[int]:
    found = [probe.load(2, TEXT + 2 * cell) for cell in range(CELLS * len(WORDS))]
    assert all(isinstance(word, int) for word in found)
    return [word for word in found if isinstance(word, int)]


def _set(probe: Asked, port: int, register: int, value: int) -> None:
    probe.out(2, port, value << 8 | register)


def _register(probe: Asked, port: int, register: int) -> int:
    probe.out(1, port, register)
    return _in(probe, port + 1)


def _in(probe: Asked, port: int) -> int:
    answer = probe.in_(1, port)
    assert isinstance(answer, int)
    return answer
