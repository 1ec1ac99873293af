"""How long does an interrupt wait while others have its processor? Paper §3.3(1). Counted in instructions."""

import pytest

from fixtures.bare import Bare
from fixtures.evidence import Measure
from fixtures.partitions import Partition
from harness.probe import Probe
from suites.processor.sharing import instant, share_a_processor, slice_ticks

pytestmark = [instant, pytest.mark.counted]

TIMES = 64
PERIOD_TICKS = 300_000
"""From one to two of it: an interrupt meets every part of the neighbour's slices."""
FAR_BELOW = 0.1
"""What of a slice an interrupt that pre-empts may take."""
SWITCH_TICKS = 10_000
"""More than it takes the processor to change hands, whoever the controller is by."""


@pytest.mark.requirement("CPU-06")
def test_does_an_interrupt_come_when_the_manifest_says(
    subject: Partition, neighbour: Partition, bare: Bare, measure: Measure
) -> None:
    """Held: behind the slices of others, and no longer. Pre-empting: far sooner."""
    share_a_processor(subject, neighbour)
    alone = bare.ask(Probe.lag, TIMES, PERIOD_TICKS)

    with neighbour.undisturbed():
        beside = subject.lag(TIMES, PERIOD_TICKS)

    others = slice_ticks(neighbour)
    measure("interrupt.longest", beside.longest, "instructions", subject.name)
    measure("interrupt.mean", beside.mean, "instructions", subject.name)
    measure("interrupt.longest", alone.longest, "instructions", "bare")
    if subject.spec.on_interrupt == "preempt":
        assert beside.longest < FAR_BELOW * others
    else:
        assert others / 2 < beside.longest < others + SWITCH_TICKS
