"""Do the registers of a partition keep their values whatever a neighbour does? Paper §3.3(1)."""

import pytest

from fixtures.bare import Bare
from fixtures.partitions import Partition
from harness.probe import Probe
from suites.processor.sharing import KINDS, sums

MSRS = {
    "sysenter-cs": 0x174,
    "sysenter-esp": 0x175,
    "sysenter-eip": 0x176,
    "star": 0xC0000081,
    "lstar": 0xC0000082,
    "cstar": 0xC0000083,
    "sfmask": 0xC0000084,
    "fs-base": 0xC0000100,
    "gs-base": 0xC0000101,
    "kernel-gs-base": 0xC0000102,
    "tsc-aux": 0xC0000103,
}
"""Those that a partition may write without changing how its own programs run (APM vol. 2, appendix A)."""
PAT = 0x277
PATS = (0x0007040600070406, 0x0006040700060407)
"""As after a reset, and with two of the types that nothing of the probe uses in another place."""
TPR = 0x80
STEPS = 2000
"""Of a sum in 8 or 16 registers, 32 or 34 instructions each: a slice of 60 us and more."""


@pytest.mark.requirement("CPU-03", "CPU-01")
def test_does_each_keep_its_registers_while_both_work(subject: Partition, neighbour: Partition) -> None:
    with subject.undisturbed(), neighbour.undisturbed():
        pass


@pytest.mark.requirement("CPU-03")
@pytest.mark.parametrize("beside", KINDS)
@pytest.mark.parametrize("kind", KINDS)
def test_are_its_sums_those_of_the_bare_machine_while_a_neighbour_sums(
    subject: Partition, neighbour: Partition, bare: Bare, kind: str, beside: str
) -> None:
    right = bare.ask(Probe.sum, kind, STEPS), bare.ask(Probe.sum, beside, 4 * STEPS)

    assert sums(subject, neighbour, kind, beside, STEPS) == right


@pytest.mark.requirement("CPU-04")
@pytest.mark.parametrize("name", MSRS)
def test_does_each_keep_its_msr(subject: Partition, neighbour: Partition, name: str) -> None:
    keep_apart(subject, neighbour, MSRS[name], 0x1234, 0x5678)


@pytest.mark.requirement("CPU-04")
def test_does_each_keep_its_page_attributes(subject: Partition, neighbour: Partition) -> None:
    keep_apart(subject, neighbour, PAT, *PATS)


@pytest.mark.requirement("CPU-04")
def test_does_each_keep_its_task_priority(subject: Partition, neighbour: Partition) -> None:
    subject.setcr(8, 5)
    neighbour.setcr(8, 3)

    assert (subject.lapic(TPR), neighbour.lapic(TPR)) == (0x50, 0x30)


@pytest.mark.requirement("CPU-04")
def test_does_each_keep_its_debug_registers(subject: Partition, neighbour: Partition) -> None:
    for register in range(4):
        subject.setdr(register, 0x1000 + register)
        neighbour.setdr(register, 0x2000 + register)

    with subject.undisturbed(), neighbour.undisturbed():
        pass

    assert [subject.dr(register) for register in range(4)] == [0x1000, 0x1001, 0x1002, 0x1003]
    assert [neighbour.dr(register) for register in range(4)] == [0x2000, 0x2001, 0x2002, 0x2003]


def keep_apart(subject: Partition, neighbour: Partition, msr: int, one: int, other: int) -> None:
    """Each writes a value of its own, and both work for a while: each reads its own."""
    assert subject.wrmsr(msr, one) is None
    assert neighbour.wrmsr(msr, other) is None
    with subject.undisturbed(), neighbour.undisturbed():
        pass
    assert (subject.rdmsr(msr), neighbour.rdmsr(msr)) == (one, other)
