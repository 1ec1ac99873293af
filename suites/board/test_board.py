"""Is the board what its description says? Everything else stands on that."""

import pytest

from fixtures.bare import Bare, Twin
from harness.image import Board
from harness.probe import Probe
from suites.interrupts.sources import BEATS, PERIODS, VECTOR
from suites.poweroff.forms import out, takes_the_machine_down

SVM = 1 << 2
"""CPUID 8000_0001h ECX (APM vol. 3 appendix E)."""
NESTED_PAGING = 1 << 0
"""CPUID 8000_000Ah EDX."""


@pytest.mark.requirement("BRD-01")
def test_has_the_processor_what_partitions_need(bare: Bare) -> None:
    assert bare.ask(Probe.cpuid, 0x80000001).ecx & SVM
    assert bare.ask(Probe.cpuid, 0x8000000A).edx & NESTED_PAGING


@pytest.mark.requirement("BRD-01")
def test_is_the_local_apic_where_the_board_says(bare: Bare, board: Board) -> None:
    assert bare.ask(Probe.regs).apic_base & ~0xFFF == board.processors.lapic
    assert bare.ask(Probe.lapic, 0x20) >> 24 == board.processors.apic_ids[0]


@pytest.mark.requirement("BRD-02")
def test_can_the_ram_be_used_where_the_board_says(bare: Bare, board: Board) -> None:
    for ram in board.memory.ram:
        for address in (ram.base, ram.end - 8):
            assert bare.ask(kept, address)


@pytest.mark.requirement("BRD-03")
def test_does_every_serial_port_keep_what_is_written(bare: Bare, board: Board) -> None:
    for name, device in board.devices.items():
        if device.serial:
            assert bare.ask(scratch_register, device.ports[0].first), name


@pytest.mark.requirement("BRD-04")
def test_does_the_soft_off_value_switch_it_off(bare: Bare, board: Board) -> None:
    assert bare.ask(takes_the_machine_down, out(2, board.power.pm1a_control, board.power.soft_off))


@pytest.mark.requirement("BRD-04")
def test_does_the_reset_register_reset_it(bare: Bare, board: Board) -> None:
    register = board.power.reset_register
    if register is None:
        pytest.skip(f"{board.name} has no reset register")
    assert bare.ask(takes_the_machine_down, out(1, register.port, register.value))


@pytest.mark.requirement("BRD-05")
@pytest.mark.parametrize("device", PERIODS)
def test_does_a_device_interrupt_on_its_line(bare: Bare, board: Board, device: str) -> None:
    gsi = board.devices[device].gsi
    assert gsi is not None

    assert bare.ask(interrupts, device, gsi) == BEATS


def kept(probe: Twin, address: int) -> bool:
    return probe.store(8, address, 0x5EC2E7) is None and probe.load(8, address) == 0x5EC2E7


def scratch_register(probe: Twin, port: int) -> bool:
    return probe.out(1, port + 7, 0x5A) is None and probe.in_(1, port + 7) == 0x5A


def interrupts(probe: Twin, device: str, gsi: int) -> int:
    probe.claim(gsi, VECTOR)
    probe.timer(device, VECTOR, PERIODS[device])
    return probe.await_(VECTOR, BEATS, probe.patience)
