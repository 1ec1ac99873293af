"""Does what the processor refuses raise in a partition what it raises on the bare machine?

Paper §3.3(1), §3.3(2): what a privileged instruction does in a partition is what it does on the machine.
"""

from collections.abc import Callable

import pytest

from fixtures.bare import Bare, Twin
from fixtures.partitions import Partition
from harness.probe import Fault, Probe, Stray
from suites.exceptions.comparison import Delivery, fault

HOLE = 0x8000_0000_0000
"""The first address that is not canonical with 48 bits of linear address (APM vol. 2 §5.3.1)."""
UNMAPPED = 0x7FFF_0000_0000
"""A canonical address that no page table of the probe leads to."""
EFER = 0xC0000080
FS_BASE = 0xC0000100

Provocation = Callable[[Probe], object]

PROVOCATIONS: dict[str, Provocation] = {
    "load-non-canonical": lambda probe: probe.load(8, HOLE),
    "store-non-canonical": lambda probe: probe.store(8, HOLE, 0),
    "load-last-non-canonical": lambda probe: probe.load(1, 0xFFFF_7FFF_FFFF_FFFF),
    "load-across-the-hole": lambda probe: probe.load(8, HOLE - 4),
    "load-unmapped": lambda probe: probe.load(4, UNMAPPED),
    "store-unmapped": lambda probe: probe.store(4, UNMAPPED + 8, 0),
    "fetch-unmapped": lambda probe: probe.fetch(UNMAPPED),
    "cr0-paging-without-protection": lambda probe: probe.setcr(0, 0x80000010),
    "cr0-upper-half": lambda probe: probe.setcr(0, 1 << 32 | 0x80000011),
    "cr4-reserved-bit": lambda probe: probe.setcr(4, 1 << 63),
    "cr4-without-pae": lambda probe: probe.setcr(4, 0),
    "cr8-reserved-bit": lambda probe: probe.setcr(8, 1 << 8),
    "efer-reserved-bit": lambda probe: probe.wrmsr(EFER, 1 << 63),
    "fs-base-non-canonical": lambda probe: probe.wrmsr(FS_BASE, HOLE),
}


@pytest.mark.requirement("EXC-07", "EXC-03")
@pytest.mark.parametrize("name", PROVOCATIONS)
def test_does_it_raise_what_it_raises_on_the_bare_machine(
    subject: Partition, neighbour: Partition, bare: Bare, name: str
) -> None:
    expected = bare.ask(every_provocation)[name]
    if expected is None:
        pytest.skip(f"on the bare machine {name} raises nothing")

    assert fault(PROVOCATIONS[name](subject), subject.image) == expected
    assert neighbour.stray() == Stray(0, 0)


@pytest.mark.requirement("EXC-08")
def test_does_a_call_to_the_controller_want_the_right(subject: Partition) -> None:
    answer = subject.ask("cost", "vmmcall", 1, 0)

    assert answer.status == ("ok" if "call" in subject.spec.rights else "fault")


def every_provocation(probe: Twin) -> dict[str, Delivery | None]:
    """What each of them raises, None for what goes through."""
    answers = {name: provoke(probe) for name, provoke in PROVOCATIONS.items()}
    return {
        name: fault(answer, probe.image) if isinstance(answer, Fault) else None
        for name, answer in answers.items()
    }
