"""Is an unmodified Linux as fast in a partition as on the bare machine? Paper §3.1(3).

All processors of a board that counts instructions share one count: so the neighbours are stopped, and what is
measured is the partition alone. An image without a controller promises nothing: it is measured, not judged.
"""

import math

import pytest

from fixtures.evidence import Measure
from fixtures.operator import Operator
from fixtures.partitions import Partition
from harness.image import Manifest
from harness.machine import Machine
from suites.systems.effort import Effort, at_work, busy, so_far
from suites.systems.linux import said_at, switch_off
from suites.systems.twin import LinuxTwin

pytestmark = pytest.mark.process

MOST = 1.02
MOST_SHARED = 1 / 0.95
"""What a partition's time may be, of the bare machine's; the second if its processor is shared."""
MIX = {
    "compute": "dd if=/dev/zero bs=64k count=32 2>/dev/null | sha256sum >/dev/null",
    "compress": "dd if=/dev/zero bs=64k count=32 2>/dev/null | gzip -c >/dev/null",
    "pipe": "yes | head -n 100000 | wc -l >/dev/null",
    "switch": "cd /tmp; rm -f p q; mkfifo p q; (while read x; do echo $x; done <p >q)& exec 3>p 4<q; n=0; "
    "while [ $n -lt 500 ]; do echo $n >&3; read x <&4; n=$((n + 1)); done",
    "fork": "n=0; while [ $n -lt 100 ]; do (:); n=$((n + 1)); done",
    "exec": "n=0; while [ $n -lt 50 ]; do /bin/true; n=$((n + 1)); done",
}
STEADY = ("compute", "switch", "fork")
"""Work that asks the processor nothing about itself, as each new program does by CPUID."""
STEADY_TICKS = 300_000_000
"""How long that is watched, by a request that starts no program either."""
PATIENCE_SECONDS = 300
FORCED = "lapic"
"""Writes to the local APIC: EOI and timer are in one page with the register that stops other processors."""
MOST_EXITS = 2500
"""Of a whole life, without those that are forced: these are as many as there are interrupts."""


@pytest.fixture
def fresh(request: pytest.FixtureRequest, image: Manifest, alone: Partition) -> Partition:
    """The subject, started while nobody else runs."""
    if image.controller is not None:
        operator: Operator = request.getfixturevalue("operator")
        operator.start_again(alone)
    return alone


@pytest.mark.counted
@pytest.mark.requirement("PERF-05")
def test_does_it_start_as_fast_as_on_the_bare_machine(
    fresh: Partition, bare_alike: LinuxTwin, image: Manifest, measure: Measure
) -> None:
    here, there = boot(fresh), bare_alike.ask(boot)
    _compare(measure, fresh, here, there, image)


@pytest.mark.counted
@pytest.mark.requirement("PERF-06")
def test_does_it_work_as_fast_as_on_the_bare_machine(
    alone: Partition, bare_linux: LinuxTwin, image: Manifest, measure: Measure
) -> None:
    works = tuple(MIX.items())
    here, there = busy(alone, works), bare_linux.ask(busy, works)
    _compare(measure, alone, here, there, image)


@pytest.mark.parametrize("work", STEADY)
@pytest.mark.requirement("PERF-07")
def test_does_anything_exit_that_the_platform_does_not_force(
    subject: Partition, operator: Operator, measure: Measure, work: str
) -> None:
    if subject.spec.slice_us:
        pytest.skip("it shares its processor, which has to be taken from it")
    with at_work(subject, MIX[work]):
        began, before = so_far(subject), operator.exits(subject.name)
        subject.spin(STEADY_TICKS, subject.within(PATIENCE_SECONDS))
        after, ended = operator.exits(subject.name), so_far(subject)
    if before is None or after is None:
        pytest.skip("its manifest names no exit counters")

    spent, exits = ended - began, after - before
    for cause, count in exits.items():
        measure(f"speed.{work}.exits.{cause}", count / spent.elapsed, "a busy second", subject.name)
    assert set(exits) <= {FORCED}
    assert exits[FORCED] <= _forced(spent)


@pytest.mark.requirement("PERF-08")
def test_how_often_does_it_exit_from_power_on_to_power_off(
    machine: Machine, subject: Partition, operator: Operator, measure: Measure
) -> None:
    if subject.spec.slice_us or len(subject.spec.processors) > 1:
        pytest.skip("it has not exactly one processor of its own")
    switch_off(machine, subject)
    before = operator.exits(subject.name)
    operator.start(subject.name)
    subject.boot()
    switch_off(machine, subject)
    after = operator.exits(subject.name)
    operator.start(subject.name)
    subject.boot()
    if before is None or after is None:
        pytest.skip("its manifest names no exit counters")

    life = after - before
    for cause, count in life.items():
        measure(f"speed.life.exits.{cause}", count, "from power-on to power-off", subject.name)
    assert life.total() - life[FORCED] <= MOST_EXITS, life


def boot(linux: Partition) -> dict[str, float]:
    """Returns how long it took until its first process: in all, and since its processors were up.

    Before that it waits for timers that it measures its clocks by, as many as there are; and the clock that
    is read here may begin late.
    """
    first_process = said_at(linux, "Run /init")
    return {"boot": first_process, "boot.working": first_process - said_at(linux, "smp: Brought up")}


def _compare(
    measure: Measure, subject: Partition, here: dict[str, float], there: dict[str, float], image: Manifest
) -> None:
    for work, seconds in here.items():
        measure(f"speed.{work}", seconds, "s", subject.name)
        measure(f"speed.{work}", there[work], "s", "bare")
        measure(f"speed.{work}.ratio", seconds / there[work], "of the bare machine's time", subject.name)
    most = _most(image, subject)
    assert {work: seconds for work, seconds in here.items() if seconds > most * there[work]} == {}, there


def _most(image: Manifest, subject: Partition) -> float:
    if image.controller is None:
        return math.inf
    return MOST_SHARED if subject.spec.slice_us else MOST


def _forced(spent: Effort) -> int:
    """An EOI for each interrupt, and one write that sets the timer anew for each of the timer's."""
    return spent.interrupts + spent.timer_interrupts
