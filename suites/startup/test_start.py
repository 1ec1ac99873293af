"""Does every partition start, and find the environment that its manifest promises? Paper §3.3(2)B."""

from collections.abc import Iterator, Mapping

import pytest

from fixtures.bare import Bare, Twin
from fixtures.partitions import Partition
from harness.image import Board
from harness.probe import Fault, Probe

USABLE = 1
"""Type of an E820 entry that is RAM (ACPI 6.5 §15)."""
LEGACY = 0xA0000, 0x100000
EFER, SVME = 0xC0000080, 1 << 12
SVM = 1 << 2
"""CPUID 8000_0001h ECX (APM vol. 3 appendix E)."""


@pytest.mark.requirement("BOOT-01", "BRD-03")
def test_does_every_partition_say_hello_on_its_own_line(
    partitions: Mapping[str, Partition], board: Board
) -> None:
    for partition in partitions.values():
        device = board.devices[partition.spec.serial]
        assert partition.image.start.startswith(partition.spec.payload.kind)  # multiboot may be multiboot2
        assert (partition.image.serial, partition.image.gsi) == (device.ports[0].first, device.gsi)


@pytest.mark.requirement("BOOT-02")
def test_does_the_memory_map_agree_with_the_manifest(subject: Partition) -> None:
    promised = [part for stretch in subject.ram for part in _without_legacy(stretch.gpa, stretch.end)]

    assert _usable(subject) == _joined(promised)


@pytest.mark.requirement("BOOT-02")
def test_does_the_memory_map_leave_out_what_others_own(subject: Partition, neighbour: Partition) -> None:
    told = _usable(subject)

    assert all(subject.owns(base) and subject.owns(end - 1) for base, end in told)
    if subject.spec.view == neighbour.spec.view == "identity":
        assert not any(
            base < stretch.end and stretch.gpa < end for base, end in told for stretch in neighbour.ram
        )


@pytest.mark.requirement("BOOT-04")
def test_has_its_start_up_code_had_the_effect_of_the_bare_machine(subject: Partition, bare: Bare) -> None:
    assert mode(subject) == bare.ask(mode)


@pytest.mark.requirement("BOOT-05")
def test_does_it_see_a_feature_that_it_cannot_use(subject: Partition) -> None:
    shown = subject.cpuid(0x80000001).ecx & SVM != 0
    efer = subject.rdmsr(EFER)
    assert isinstance(efer, int)

    usable = not isinstance(subject.wrmsr(EFER, efer | SVME), Fault)

    assert shown == usable


@pytest.mark.requirement("BOOT-05")
def test_does_it_see_its_own_processor(subject: Partition, board: Board) -> None:
    own = board.processors.apic_ids[subject.spec.processors[0]]

    assert subject.cpuid(1).ebx >> 24 == own
    assert subject.lapic(0x20) >> 24 == own


def mode(probe: Probe | Twin) -> tuple[int, ...]:
    """The mode of the processor as the probe has set it up: all that does not depend on addresses."""
    regs = probe.regs()
    return regs.cr0, regs.cr4, regs.efer, regs.gdt_limit, regs.idt_limit, regs.tr, regs.cs, regs.dr6, regs.dr7


def _usable(partition: Partition) -> list[tuple[int, int]]:
    """Where the partition was told that it has RAM."""
    told = [entry for entry in partition.e820() if entry.type == USABLE]
    return _joined([(entry.base, entry.base + entry.size) for entry in told])


def _without_legacy(base: int, end: int) -> Iterator[tuple[int, int]]:
    """A range without video memory and firmware: whatever lies there, no PC tells its OS to use it as RAM."""
    if base < LEGACY[0]:
        yield base, min(end, LEGACY[0])
    if end > LEGACY[1]:
        yield max(base, LEGACY[1]), end


def _joined(ranges: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The same addresses in as few ranges as they need."""
    joined: list[tuple[int, int]] = []
    for base, end in sorted(ranges):
        if joined and base <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(end, joined[-1][1])
        else:
            joined.append((base, end))
    return joined
