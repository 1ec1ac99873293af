"""Does an unmodified Linux move data as cheaply in a partition as on the bare machine? Paper §3.1(2), (3).

Measured is what its processor does for it, see `effort`: what disk or wire take is the host's affair.
"""

import pytest

from fixtures.evidence import Measure
from fixtures.partitions import Partition
from harness.image import Manifest
from suites.systems.effort import busy
from suites.systems.media import NETWORK_WORKS, disk_works, disks, interface_up
from suites.systems.twin import LinuxTwin

pytestmark = [pytest.mark.process, pytest.mark.counted]

LEAST, LEAST_OF_LARGE = 0.95, 0.9
"""What a partition's throughput has to be, of the bare machine's; the second for requests of 1 MiB, which two
starts of the bare machine itself carry out at costs that differ by more: docs/performance.md."""


@pytest.mark.requirement("PERF-04")
def test_does_it_use_its_disks_as_cheaply_as_on_the_bare_machine(
    alone: Partition, bare_linux: LinuxTwin, image: Manifest, measure: Measure
) -> None:
    own, bare = disks(alone), bare_linux.ask(disks)
    if not own:
        pytest.skip("it has no disk")
    for kind, disk in own.items():
        here = busy(alone, disk_works(kind, disk))
        _compare(measure, alone, here, bare_linux.ask(busy, disk_works(kind, bare[kind])), image)


@pytest.mark.requirement("PERF-04")
def test_does_it_use_its_network_as_cheaply_as_on_the_bare_machine(
    alone: Partition, bare_linux: LinuxTwin, image: Manifest, measure: Measure
) -> None:
    if not interface_up(alone):
        pytest.skip("it has no network interface")
    assert bare_linux.ask(interface_up), "the bare machine has what a partition has"

    here = busy(alone, NETWORK_WORKS)
    _compare(measure, alone, here, bare_linux.ask(busy, NETWORK_WORKS), image)


def _compare(
    measure: Measure, subject: Partition, here: dict[str, float], there: dict[str, float], image: Manifest
) -> None:
    for work, seconds in here.items():
        measure(f"speed.{work}", seconds, "s", subject.name)
        measure(f"speed.{work}", there[work], "s", "bare")
    if image.controller is not None and not subject.spec.slice_us:
        ratios = {work: there[work] / seconds for work, seconds in here.items()}
        assert {work: ratio for work, ratio in ratios.items() if ratio < _least(work)} == {}


def _least(work: str) -> float:
    return LEAST_OF_LARGE if "sequential" in work else LEAST
