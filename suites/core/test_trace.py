"""Does the event trace record what was routed where, and never grow?"""

import mrm_core
import pytest
from hypothesis import given
from hypothesis import strategies as st

from suites.core.plans import TWINS

CAPACITY = mrm_core.TRACE["EVENTS"]
REFUSED_OWNER = 1
LEFT, RIGHT = 0, 1


def _events(core: mrm_core.Core) -> list[mrm_core.Event]:
    return mrm_core.parse_trace(core.trace_memory())


@pytest.mark.requirement("CORE-09")
def test_is_a_refused_claim_recorded_with_who_and_what() -> None:
    core = TWINS.core()
    core.claim(RIGHT, 4, 0x31)
    core.claim(LEFT, 4, 0x31)
    (event,) = _events(core)

    assert (event.kind, event.partition, event.a, event.b) == ("gsi", RIGHT, 4 | 0x31 << 32, REFUSED_OWNER)
    assert core.line(4)[4] == 1


@pytest.mark.requirement("CORE-09")
def test_are_routed_exceptions_and_ends_recorded() -> None:
    core = TWINS.core()
    core.exception(RIGHT, 13, 0x18)
    core.started(RIGHT)
    core.end(RIGHT, "soft-off")
    fault, end = _events(core)

    assert (fault.kind, fault.partition, fault.a, fault.b) == ("exception", RIGHT, 13 | 0x18 << 32, 0)
    assert (end.kind, end.partition) == ("power", RIGHT)


@pytest.mark.requirement("CORE-09")
def test_is_a_refused_ipi_recorded_and_a_granted_one_not() -> None:
    core = TWINS.core()
    core.ipi(LEFT, 0, 0x40 | 1 << 56)
    core.ipi(LEFT, 0, 0x40)
    (event,) = _events(core)

    assert (event.kind, event.partition, event.a) == ("ipi", LEFT, 0x40 | 1 << 56)


@pytest.mark.requirement("CORE-09")
@pytest.mark.parametrize("count", [0, 1, CAPACITY - 1, CAPACITY, CAPACITY + 1, 3 * CAPACITY + 7])
def test_are_the_newest_events_kept_in_order(count: int) -> None:
    core = TWINS.core()
    for number in range(count):
        core.claim(RIGHT, 4, number % 256)
    events = _events(core)

    assert len(core.trace_memory()) == mrm_core.TRACE["RING_BYTES"]
    assert [event.number for event in events] == list(range(max(0, count - CAPACITY), count))
    assert all(event.a >> 32 == event.number % 256 for event in events)


@pytest.mark.requirement("CORE-09")
def test_is_an_event_that_is_being_written_left_out() -> None:
    core = TWINS.core()
    for vector in range(3):
        core.claim(RIGHT, 4, vector)
    memory = bytearray(core.trace_memory())
    header = len(memory) - CAPACITY * 32
    sequence = header + 32 + 12  # of the second event
    memory[sequence : sequence + 4] = bytes(4)

    assert [event.number for event in mrm_core.parse_trace(memory)] == [0, 2]


@pytest.mark.requirement("CORE-09")
@given(st.binary(max_size=64), st.integers(0, 40))
def test_is_other_memory_refused(start: bytes, offset: int) -> None:
    memory = bytearray(TWINS.core().trace_memory())
    form = bytes(memory[:16])
    memory[offset : offset + len(start)] = start

    if memory[:16] != form:
        with pytest.raises(ValueError, match="trace"):
            mrm_core.parse_trace(memory)
    else:
        assert len(mrm_core.parse_trace(memory)) <= CAPACITY
