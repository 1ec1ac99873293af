"""Crash rules: what they tell, and that as much of a line as has come is enough to tell."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.console.crash import CRASH_RULES, find_crash
from harness.errors import ImageError, MachineCrash

DEATHS = {
    "mrmc: panic: exit 0x7f of partition b": ("controller panic", MachineCrash),
    "[    1.2] Kernel panic - not syncing: Attempted to kill init!": ("kernel panic", MachineCrash),
    "mrmc: refused: partition b: memory overlaps": ("configuration refused by the controller", ImageError),
}


@pytest.mark.parametrize("line", DEATHS)
def test_a_death_is_named(line: str) -> None:
    crash = find_crash(line)

    assert crash is not None
    assert (crash.name, crash.error) == DEATHS[line]


@pytest.mark.parametrize(
    "line",
    ["", "mrmc: ready, 2 partitions", "mrmc: a ended: soft-off", "kernel.panic=0", "mrmc: error: no such"],
)
def test_life_is_no_death(line: str) -> None:
    assert find_crash(line) is None


@given(st.sampled_from(sorted(DEATHS)), st.text(max_size=20))
def test_what_follows_changes_nothing(line: str, more: str) -> None:
    """A rule that waits for more could miss the crash that is cut off by it."""
    for end in range(len(line) + 1):
        early = find_crash(line[:end], CRASH_RULES)
        if early:
            assert find_crash(line[:end] + more, CRASH_RULES) is early
