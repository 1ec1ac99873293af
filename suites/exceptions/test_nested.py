"""Is an exception inside the handler of another delivered as on the bare machine? Paper §3.4."""

import pytest

from fixtures.bare import Bare, Twin
from fixtures.partitions import Partition
from harness.probe import Stray
from suites.exceptions.comparison import Delivery, delivery

PAIRS = [
    ("gp", "ud"), ("ud", "gp"), ("pf", "de"), ("de", "pf"), ("pf", "pf"), ("gp", "gp"), ("bp", "db"),
    ("db", "bp"), ("nm", "xm"), ("mf", "np"), ("ss", "ts"), ("of", "br"),
]  # fmt: skip


@pytest.mark.requirement("EXC-05")
@pytest.mark.parametrize(("outer", "inner"), PAIRS, ids=["-in-".join(reversed(pair)) for pair in PAIRS])
def test_are_both_delivered_as_on_the_bare_machine(
    subject: Partition, neighbour: Partition, bare: Bare, outer: str, inner: str
) -> None:
    records = subject.nested(outer, inner)

    assert [delivery(record, subject.image) for record in records] == bare.ask(every_pair)[outer, inner]
    assert neighbour.stray() == Stray(0, 0)


def every_pair(probe: Twin) -> dict[tuple[str, str], list[Delivery]]:
    return {pair: [delivery(record, probe.image) for record in probe.nested(*pair)] for pair in PAIRS}
