"""Is each exception delivered as on the bare machine, and to nobody else? Paper §3.3(1), §3.4.

Vector, error code, saved state, CR2 and DR6 of every architectural exception that can be raised are
compared with what the same probe sees on the bare machine, from ring 0 and from ring 3.
"""

import pytest

from fixtures.bare import Bare
from fixtures.partitions import Partition
from harness.probe import Stray
from suites.exceptions.comparison import VECTORS, delivery, every_form, rings

RARELY_RAISED = ("ac", "xm")
"""Not by every emulator: the others would be counted as not asked, if these shared their requirements."""


def _name(name: str) -> object:
    cited = ("EXC-09",) if name in RARELY_RAISED else ("EXC-01", "EXC-02", "EXC-03", "EXC-04")
    return pytest.param(name, marks=pytest.mark.requirement(*cited))


@pytest.mark.parametrize("name", list(map(_name, VECTORS)))
def test_is_it_delivered_as_on_the_bare_machine(
    subject: Partition, neighbour: Partition, bare: Bare, name: str
) -> None:
    oracle = bare.ask(every_form)
    if any(oracle[name, ring].vector != VECTORS[name] for ring in rings(name)):
        pytest.skip(f"the bare machine does not raise #{name.upper()}")

    for ring in rings(name):
        record = subject.raise_(name, ring)

        assert delivery(record, subject.image) == oracle[name, ring], f"from ring {ring}"
        assert neighbour.stray() == Stray(0, 0)
        assert neighbour.seen(record.vector).count == 0


@pytest.mark.requirement("EXC-01", "EXC-02")
def test_is_it_delivered_the_same_a_second_time(subject: Partition, bare: Bare) -> None:
    first, second = every_form(subject), every_form(subject)

    assert first == bare.ask(every_form)
    assert second == first
