"""Is any port, MMIO range or PCI function allowed to who does not own it? Paper §3.1(2), §3.2."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.image.block import CFG
from suites.core.plans import PAGE, TWINS, Part, Plan
from suites.core.rules import ports as ports_of
from suites.core.rules import power_ports, ranges, standin_ports, windows
from suites.core.strategies import plans, ports, sizes

ENABLE = 0x80000000
ADDRESS, DATA = 0xCF8, 0xCFC
HOST_BRIDGE = 0
bdfs = st.one_of(st.integers(0, 0xFFFF), st.integers(0, 31).map(lambda device: device << 3))


def _simulated(plan: Plan, part: Part) -> set[int]:
    pci = range(0xCF8, 0xD00) if plan.computer.flags & CFG["MACHINE_PCI"] else range(0)
    return {port for piece in power_ports(plan.computer) for port in piece} | set(pci) | standin_ports(part)


def _allowed(plan: Plan, part: Part) -> set[int]:
    timer = plan.computer.pm_timer
    shared = range(timer, timer + 4) if part.rights & CFG["RIGHT_PM_TIMER"] else range(0)
    return {port for piece in ports_of(part) for port in piece} | set(shared)


@pytest.mark.requirement("CORE-05")
@pytest.mark.parametrize("size", [1, 2, 4])
@pytest.mark.parametrize("index", [0, 1])
def test_is_every_port_routed_by_its_owner(index: int, size: int) -> None:
    plan = TWINS.with_part(0, standins=CFG["STANDIN_RTC"]).with_part(1, standins=31)
    part = plan.parts[index]
    core, simulated, allowed = plan.core(), _simulated(plan, part), _allowed(plan, part)

    for port in range(0x10000):
        under = set(range(port, port + size))
        is_simulated, is_allowed = not under.isdisjoint(simulated), under <= allowed
        expected = "allow" if is_allowed else "simulate" if is_simulated else "deny"
        if port + size > 0x10000:
            expected = "deny"
        assert core.port(index, port, size) == expected, hex(port)


@pytest.mark.requirement("CORE-05")
@given(plans(), ports, sizes)
def test_is_a_port_allowed_to_its_owner_alone(plan: Plan, port: int, size: int) -> None:
    core = plan.core()
    for index, part in enumerate(plan.parts):
        is_allowed = core.port(index, port, size) == "allow"

        assert is_allowed == (set(range(port, port + size)) <= _allowed(plan, part))
    owner = core.port_owner(port)
    assert owner is None or port in _allowed(plan, plan.parts[owner])


@pytest.mark.requirement("CORE-05")
@given(plans(), st.integers(0, 31), st.integers(-8, PAGE + 8), st.sampled_from((1, 2, 4, 8)))
def test_is_mmio_allowed_to_its_owner_alone(plan: Plan, page: int, offset: int, size: int) -> None:
    core, gpa = plan.core(), 0xFEB00000 + page * PAGE + offset
    for index, part in enumerate(plan.parts):
        owned = any(piece.start <= gpa and gpa + size <= piece.stop for piece in ranges(part.mmio))

        assert core.mmio(index, gpa, size) == ("allow" if owned else "deny")
    owner = core.mmio_owner(gpa)
    assert owner is None or any(gpa in piece for piece in ranges(plan.parts[owner].mmio))


@pytest.mark.requirement("CORE-05")
@pytest.mark.parametrize("index", [0, 1])
def test_are_interrupt_controllers_simulated_and_pci_window_and_iommu_hidden(index: int) -> None:
    core = TWINS.core()
    lapic, ioapic, ecam, iommu = windows(TWINS.computer)

    for page in (lapic, ioapic):
        for gpa, size in ((page.start, 4), (page.stop - 4, 4), (page.start - 2, 4), (page.stop - 1, 8)):
            assert core.mmio(index, gpa, size) == "simulate"
        assert core.mmio(index, page.start - 4, 4) == "deny"
        assert core.mmio(index, page.stop, 4) == "deny"
    assert core.mmio(index, ecam.start, 4) == "deny"
    assert core.mmio(index, iommu.start, 4) == "deny"
    assert core.mmio(index, (1 << 64) - 4, 8) == "deny"


@pytest.mark.requirement("CORE-05")
@given(plans(), bdfs, st.integers(0, 255), st.integers(0, 3), sizes, st.booleans())
def test_is_a_pci_function_reached_by_its_owner_alone(
    plan: Plan, bdf: int, register: int, offset: int, size: int, write: bool
) -> None:
    core, latch = plan.core(), ENABLE | bdf << 8 | register
    for index, part in enumerate(plan.parts):
        core.pci_latch(index, ADDRESS, 4, latch)
        owned = any(bdf == own for own, _ in part.pci)
        readable = bdf == HOST_BRIDGE and not write
        inside = offset + size <= 4
        expected = latch & ~3 if inside and (owned or readable) else None

        assert core.pci(index, DATA + offset, size, write) == expected
    owner = core.pci_owner(bdf)
    assert (owner is None) == all(bdf != own for part in plan.parts for own, _ in part.pci)


@pytest.mark.requirement("CORE-05")
@pytest.mark.parametrize("index", [0, 1])
def test_is_the_host_bridge_read_by_all_and_written_by_nobody(index: int) -> None:
    core = TWINS.core()
    core.pci_latch(index, ADDRESS, 4, ENABLE | HOST_BRIDGE << 8)

    assert core.pci(index, DATA, 4, False) == ENABLE
    assert core.pci(index, DATA, 4, True) is None


@pytest.mark.requirement("CORE-05")
def test_has_each_partition_an_address_latch_of_its_own() -> None:
    core = TWINS.core()
    core.pci_latch(0, ADDRESS, 4, ENABLE | 0x0018 << 8 | 0x10)
    core.pci_latch(1, ADDRESS, 4, ENABLE | 0x0028 << 8 | 0x24)

    assert core.pci(0, DATA, 4, True) == ENABLE | 0x0018 << 8 | 0x10
    assert core.pci(1, DATA, 4, True) == ENABLE | 0x0028 << 8 | 0x24
    assert core.pci_latched(0, ADDRESS, 4) == ENABLE | 0x0018 << 8 | 0x10


@pytest.mark.requirement("CORE-05")
@pytest.mark.parametrize(("port", "size"), [(0xCF8, 1), (0xCF8, 2), (0xCF9, 1), (0xCFA, 2), (0xCFC, 4)])
def test_is_the_latch_written_by_double_words_only(port: int, size: int) -> None:
    """PCI 3.0 §3.2.2.3.2; whatever else arrives there is no configuration address."""
    core = TWINS.core()
    core.pci_latch(0, ADDRESS, 4, ENABLE | 0x0018 << 8)
    core.pci_latch(0, port, size, 0)

    assert core.pci(0, DATA, 4, False) == ENABLE | 0x0018 << 8
    assert core.pci_latched(0, port, size) == (1 << size * 8) - 1


@pytest.mark.requirement("CORE-05")
def test_does_a_disabled_address_reach_nothing() -> None:
    core = TWINS.core()
    core.pci_latch(0, ADDRESS, 4, 0x0018 << 8)

    assert core.pci(0, DATA, 4, False) is None


@pytest.mark.requirement("CORE-05")
def test_is_the_latch_forgotten_at_a_restart() -> None:
    core = TWINS.core()
    core.pci_latch(0, ADDRESS, 4, ENABLE | 0x0018 << 8)
    core.reset(0)

    assert core.pci_latched(0, ADDRESS, 4) == 0
