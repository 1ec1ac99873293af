"""Does what the processor refuses raise in a partition what it raises on the bare machine?

Paper §3.3(1), §3.3(2): what a privileged instruction does in a partition is what it does on the machine.
"""

from collections.abc import Callable

import pytest

from fixtures.bare import Bare, Twin
from fixtures.partitions import Partition
from harness.probe import Fault, Probe, Stray
from suites.exceptions.comparison import Delivery, delivery

HOLE = 0x8000_0000_0000
"""The first address that is not canonical with 48 bits of linear address (APM vol. 2 §5.3.1)."""
UNMAPPED = 0x7FFF_0000_0000
"""A canonical address that no page table of the probe leads to."""

WINDOW = 0x40_0000_0000
"""A linear address that the probe does not use."""
NOTHING = 0x9000_0000
"""A physical address below 4 GiB without RAM or device."""
PAGE = 0x1000

Provocation = Callable[[Probe], object]

PROVOCATIONS: dict[str, dict[str, Provocation]] = {
    "non-canonical": {
        "load": lambda probe: probe.load(8, HOLE),
        "store": lambda probe: probe.store(8, HOLE, 0),
        "load of the last one": lambda probe: probe.load(1, 0xFFFF_7FFF_FFFF_FFFF),
        "load that runs into the hole": lambda probe: probe.load(8, HOLE - 4),
    },
    "unmapped": {
        "load": lambda probe: probe.load(4, UNMAPPED),
        "store": lambda probe: probe.store(4, UNMAPPED + 8, 0),
        "fetch": lambda probe: probe.fetch(UNMAPPED),
    },
    "from-nothing-into-unmapped": {
        "load": lambda probe: probe.load(8, _last_page(probe) - 4),
        "store": lambda probe: probe.store(8, _last_page(probe) - 4, 0),
    },
}


@pytest.mark.requirement("EXC-07", "EXC-03")
@pytest.mark.parametrize("kind", PROVOCATIONS)
def test_does_it_raise_what_it_raises_on_the_bare_machine(
    subject: Partition, neighbour: Partition, bare: Bare, kind: str
) -> None:
    expected = bare.ask(provoked, kind)
    assert any(expected.values()), "the bare machine refuses nothing of this"

    assert provoked(subject, kind) == expected
    assert neighbour.stray() == Stray(0, 0)


def _last_page(probe: Probe) -> int:
    """Maps a page to where nobody has RAM, and returns the address behind it, which leads nowhere."""
    probe.map(WINDOW, NOTHING, PAGE, 1)
    return WINDOW + PAGE


def provoked(probe: Partition | Twin, kind: str) -> dict[str, Delivery | None]:
    """What each provocation of a kind raises, None for what goes through."""
    answers = {name: provoke(probe) for name, provoke in PROVOCATIONS[kind].items()}
    return {
        name: delivery(answer.record, probe.image) if isinstance(answer, Fault) else None
        for name, answer in answers.items()
    }
