"""Is an exception inside the handler of another delivered as on the bare machine? Paper §3.4."""

import pytest

from fixtures.bare import Bare, Twin
from fixtures.partitions import Partition
from harness.probe import Stray
from suites.exceptions.comparison import Delivery, delivery

GROUPS = {
    "contributory": [("gp", "ud"), ("gp", "gp"), ("ss", "ts"), ("np", "gp"), ("de", "np")],
    "page-faults": [("pf", "de"), ("de", "pf"), ("pf", "pf"), ("pf", "gp")],
    "traps": [("bp", "db"), ("db", "bp"), ("of", "br"), ("ud", "bp")],
    "floating-point": [("nm", "mf"), ("mf", "np"), ("mf", "nm"), ("ud", "nm")],
}
"""An exception, and one inside its handler: the classes of APM vol. 2 table 8-3, and others."""


@pytest.mark.requirement("EXC-05")
@pytest.mark.parametrize("group", GROUPS)
def test_are_both_delivered_as_on_the_bare_machine(
    subject: Partition, neighbour: Partition, bare: Bare, group: str
) -> None:
    assert nested(subject, group) == bare.ask(nested, group)
    assert neighbour.stray() == Stray(0, 0)


def nested(probe: Partition | Twin, group: str) -> dict[tuple[str, str], list[Delivery]]:
    return {pair: [delivery(record, probe.image) for record in probe.nested(*pair)] for pair in GROUPS[group]}
