"""Is any port, MMIO range or PCI function allowed to who does not own it? Paper §3.1(2), §3.2."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.image.block import CFG
from suites.core.plans import PAGE, TWINS, Part, Plan
from suites.core.rules import guarded_ports, power_ports, ranges, standin_ports, windows
from suites.core.rules import ports as ports_of
from suites.core.strategies import plans, ports, sizes


def _simulated(plan: Plan, part: Part) -> set[int]:
    pci = range(0xCF8, 0xD00) if plan.computer.flags & CFG["MACHINE_PCI"] else range(0)
    power = {port for piece in power_ports(plan.computer) for port in piece}
    return power | set(pci) | standin_ports(part) | guarded_ports(part)


def _allowed(plan: Plan, part: Part) -> set[int]:
    timer = plan.computer.pm_timer
    shared = range(timer, timer + 4) if part.rights & CFG["RIGHT_PM_TIMER"] else range(0)
    return {port for piece in ports_of(part) for port in piece} - guarded_ports(part) | set(shared)


@pytest.mark.requirement("CORE-05")
@pytest.mark.parametrize("size", [1, 2, 4])
@pytest.mark.parametrize("index", [0, 1])
def test_is_every_port_routed_by_its_owner(index: int, size: int) -> None:
    legacy = ((0x3F8, 0x3FF), (0x20, 0x21), (0xA0, 0xA1), (0x4D0, 0x4D1), (0x60, 0x64))
    plan = TWINS.with_part(0, ports=legacy, standins=CFG["STANDIN_RTC"]).with_part(1, standins=31)
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
    assert owner is None or port in _allowed(plan, plan.parts[owner]) | guarded_ports(plan.parts[owner])


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
