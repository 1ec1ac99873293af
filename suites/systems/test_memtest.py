"""Does Memtest86+ find exactly the RAM of its partition, and no fault in it, beside a Linux at work?

It answers nobody, so what it shows is read: a screen that it paints on its serial line.
"""

import contextlib
import re

import pytest

from fixtures.operator import Operator
from fixtures.partitions import Partition
from harness.deadline import Deadline
from harness.errors import Silence
from harness.image import Manifest, PartitionSpec
from harness.machine import Machine
from suites.systems.load import undisturbed

pytestmark = pytest.mark.process

GUEST = "guest:memtest"
SECONDS = 600.0
"""Less than a run waits for a sign of life (`mrm certify`: 660 s). 61 % of a pass over 8 MiB took 145 s of a
host's processor: it never pauses, so a busy host is felt."""
LOOK_SECONDS = 0.5
UNITS = {"KB": 1 << 10, "MB": 1 << 20}
MIB = 1 << 20
HOLE_BYTES = 0x60000
"""Where a PC has adapters and ROM, from 640 KiB to 1 MiB: no memory map lists it as RAM."""
WINDOW = re.compile(r"ing: (\d+)([KM]B) - (\d+)([KM]B) \[\S+ of ([\d.]+)MB\]")
"""What it tests just now, of how much in all; sizes have three digits."""
COUNTS = re.compile(r"Pass: +(\d+) +Errors: +(\d+)")
ROUNDED = MIB // 100


class Screen:
    """All that was painted on a serial line since this was made."""

    def __init__(self, machine: Machine, serial: str) -> None:
        self._console = machine.consoles[serial]
        self._clock = machine.clock
        self._before = self._console.log.stat().st_size
        self._text = ""

    def look(self) -> None:
        """Takes what has come. There are no lines to wait for: it moves the cursor."""
        with contextlib.suppress(Silence):
            self._console.readline(Deadline(self._clock, LOOK_SECONDS))
        with self._console.log.open("rb") as log:
            log.seek(self._before)
            self._text = log.read().decode("ascii", errors="replace")

    @property
    def windows(self) -> list[tuple[int, int]]:
        """The ranges that were tested, one after the other; not each is painted that is tested."""
        found = WINDOW.findall(self._text)
        return [(int(first) * UNITS[a], int(end) * UNITS[b]) for first, a, end, b, _ in found]

    @property
    def tested_bytes(self) -> set[float]:
        """How much there is to test in all, as it was ever shown."""
        return {float(size) * MIB for *_, size in WINDOW.findall(self._text)}

    @property
    def passes(self) -> int:
        return max((int(passes) for passes, _ in COUNTS.findall(self._text)), default=0)

    @property
    def errors(self) -> set[int]:
        """The numbers of errors that were ever shown."""
        return {int(errors) for _, errors in COUNTS.findall(self._text)}


@pytest.fixture
def memtest(image: Manifest) -> PartitionSpec:
    """The partition that it runs in."""
    found = next((spec for spec in image.partitions if spec.payload.file == GUEST), None)
    if found is None:
        pytest.skip(f"no partition of {image.name} runs {GUEST}")
    return found


@pytest.mark.requirement("MEM-02", "BOOT-02", "OS-01")
@pytest.mark.parametrize(
    "passes",
    [
        pytest.param(0, marks=pytest.mark.smoke, id="once-through"),
        pytest.param(1, marks=pytest.mark.stress(rounds=1), id="a-pass"),
    ],
)
def test_does_it_test_exactly_its_own_ram(
    machine: Machine, subject: Partition, memtest: PartitionSpec, operator: Operator, passes: int
) -> None:
    """Once through: a test has been at the end of its RAM, and another one begins in front. 1 pass: all."""
    screen, end = Screen(machine, memtest.serial), max(stretch.end for stretch in memtest.ram)
    own = sum(stretch.size for stretch in memtest.ram) - HOLE_BYTES
    with undisturbed(subject):
        operator.start(memtest.name)
        deadline = subject.within(SECONDS)
        while not _done(screen, end, passes):
            assert not deadline.expired, f"{screen.passes} passes, {screen.windows} in {SECONDS} s"
            screen.look()
        operator.stop(memtest.name)

    assert min(screen.windows)[0] == min(stretch.gpa for stretch in memtest.ram)
    assert max(last for _, last in screen.windows) == end
    assert all(abs(shown - own) < ROUNDED for shown in screen.tested_bytes)
    assert screen.errors == {0}, f"partition {memtest.name} found errors in what it takes for its RAM"


def _done(screen: Screen, end: int, passes: int) -> bool:
    if passes:
        return screen.passes >= passes
    at_end = [number for number, (_, last) in enumerate(screen.windows) if last == end]
    return bool(at_end) and screen.windows[0] in screen.windows[at_end[0] :]
