"""Can a Linux with several processors put one to rest, and wake it again? Paper §3.1(1), §3.2.

A processor at rest is woken by INIT and start-up, which reach nobody else (APM vol. 2 §16.5).
"""

import pytest

from fixtures.partitions import Partition
from suites.systems.linux import shell
from suites.systems.load import undisturbed

pytestmark = pytest.mark.process

TIMES = 3


@pytest.mark.requirement("IRQ-08", "IRQ-07", "BOOT-05")
def test_can_it_put_a_processor_to_rest_and_wake_it(subject: Partition, neighbour: Partition) -> None:
    if len(subject.spec.processors) < 2:
        pytest.skip(f"the manifest gives {subject} one processor")
    last = len(subject.spec.processors) - 1
    online = f"/sys/devices/system/cpu/cpu{last}/online"

    with undisturbed(neighbour):
        for _ in range(TIMES):
            shell(subject, f"echo 0 >{online}")
            assert shell(subject, "nproc").strip() == str(last)
            shell(subject, f"echo 1 >{online}")
            assert shell(subject, f"taskset {1 << last:x} echo works") == "works\n"
