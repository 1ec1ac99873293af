"""Do all operating systems of an image start, every time? Paper §3.1(1), §3.3(2). On fresh machines."""

from collections.abc import Mapping

import pytest

from fixtures.partitions import Partition
from suites.systems.linux import shell

pytestmark = [pytest.mark.process, pytest.mark.stress(rounds=8)]


@pytest.mark.requirement("BOOT-01", "OS-01")
def test_does_every_system_reach_user_mode(partitions: Mapping[str, Partition], turn: int) -> None:
    for partition in partitions.values():
        assert shell(partition, "echo works") == "works\n"
