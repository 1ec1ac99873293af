"""What does an access cost in a partition, and on the bare machine? Paper §3.1(3): no loss, above all in I/O.

On a board that counts instructions a cost is a number of instructions, the same in every run.
"""

import pytest

from fixtures.bare import Bare
from fixtures.evidence import Measure
from fixtures.partitions import Partition
from harness.image import Board
from harness.probe import Probe
from suites.devices.uart import scratch_port

pytestmark = pytest.mark.counted

RUNS = 200
FREE_RAM = 0x1000000
"""Far behind the image of the bare probe."""
TSC = 0x10
NOBODYS_PORT = 0xFFF0
UNIT = "instructions"


@pytest.mark.requirement("PERF-01")
def test_is_an_owned_port_as_cheap_as_on_the_bare_machine(
    subject: Partition, bare: Bare, board: Board, measure: Measure
) -> None:
    port = scratch_port(subject, board)

    here, there = cost(subject, "in", port), bare.ask(cost, "in", port)

    measure("cost.in.direct", here, UNIT, subject.name)
    measure("cost.in.direct", there, UNIT, "bare")
    assert here == there


@pytest.mark.requirement("PERF-02")
def test_is_its_ram_as_cheap_as_on_the_bare_machine(subject: Partition, bare: Bare, measure: Measure) -> None:
    for kind in ("load", "store"):
        here, there = cost(subject, kind, subject.scratch), bare.ask(cost, kind, FREE_RAM)

        measure(f"cost.{kind}", here, UNIT, subject.name)
        measure(f"cost.{kind}", there, UNIT, "bare")
        assert here == there


@pytest.mark.instant
@pytest.mark.requirement("PERF-03")
def test_what_does_an_exit_of_each_class_cost(
    subject: Partition, bare: Bare, board: Board, measure: Measure
) -> None:
    classes = {
        "cost.cpuid": ("cpuid", 0),
        "cost.in.denied": ("in", NOBODYS_PORT),
        "cost.rdmsr": ("rdmsr", TSC),
        "cost.mmio": ("load", board.interrupts.ioapic.base),
        "cost.eoi": ("eoi", 0),
    }
    if subject.ask("cost", "vmmcall", 1, 0).status == "ok":  # else it is the bare machine's #UD
        measure("cost.vmmcall", cost(subject, "vmmcall"), UNIT, subject.name)
    for name, (kind, argument) in classes.items():
        here, there = cost(subject, kind, argument), bare.ask(cost, kind, argument)
        measure(name, here, UNIT, subject.name)
        measure(name, there, UNIT, "bare")
        assert here >= there, f"{name}: it cannot cost less in a partition"


def cost(probe: Probe, kind: str, argument: int = 0) -> float:
    return probe.cost(kind, RUNS, argument).per_run
