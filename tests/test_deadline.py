"""Deadlines: time runs out for the job and all its parts alike, and no test of that takes any."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.deadline import Deadline, FakeClock
from harness.errors import InfraError, TimedOut

durations = st.floats(0, 1e6)


class TestRemaining:
    def test_shrinks_with_the_clock(self) -> None:
        clock = FakeClock()
        deadline = Deadline(clock, 5)
        clock.advance(2)

        assert deadline.remaining() == 3
        assert not deadline.expired

    @given(durations, durations)
    def test_is_never_negative(self, seconds: float, passed: float) -> None:
        clock = FakeClock()
        deadline = Deadline(clock, seconds)
        clock.advance(passed)

        assert deadline.remaining() >= 0
        assert deadline.expired == (passed >= seconds)


class TestChild:
    @given(st.lists(st.tuples(durations, durations), min_size=1, max_size=10))
    def test_never_outlives_its_parent(self, steps: list[tuple[float, float]]) -> None:
        """Whenever it is made, and however deep the nesting is."""
        clock = FakeClock()
        parent = Deadline(clock, 1000)
        for seconds, passed in steps:
            child = parent.child(seconds)
            clock.advance(passed)

            assert child.end <= parent.end
            assert child.remaining() <= parent.remaining()
            parent = child

    def test_may_end_before_its_parent(self) -> None:
        clock = FakeClock()
        parent = Deadline(clock, 10)
        child = parent.child(1)
        clock.advance(1)

        assert child.expired
        assert parent.remaining() == 9


class TestCheck:
    def test_says_what_took_too_long(self) -> None:
        clock = FakeClock()
        deadline = Deadline(clock, 2)
        deadline.check("packing")
        clock.advance(2)

        with pytest.raises(TimedOut, match="packing took longer than 2 s") as caught:
            deadline.check("packing")
        assert isinstance(caught.value, InfraError)
