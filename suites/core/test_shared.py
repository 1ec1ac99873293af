"""Do the local APIC in software and the order of turns do what a shared processor needs?

Rules of their own, from APM vol. 2 chapter 16 and the paper's §3.3(1), not a second look at the code.
"""

import mrm_core
import pytest
from hypothesis import given
from hypothesis import strategies as st

TPR, EOI, SVR, LVT_TIMER, COUNT, COUNT_NOW, DIVIDE = 0x80, 0xB0, 0xF0, 0x320, 0x380, 0x390, 0x3E0
DIVIDE_BY = {0b0000: 2, 0b0001: 4, 0b0010: 8, 0b0011: 16, 0b1000: 32, 0b1001: 64, 0b1010: 128, 0b1011: 1}
PERIODIC, MASKED = 1 << 17, 1 << 16

pytestmark = pytest.mark.requirement("CORE-13")

vectors = st.integers(16, 255)
counts = st.integers(1, 2**32 - 1)
instants = st.integers(0, 2**48)
dividers = st.sampled_from(sorted(DIVIDE_BY))


@given(st.sets(vectors))
def test_are_interrupts_taken_by_class_each_once(asked: set[int]) -> None:
    apic = mrm_core.Apic(0)
    for vector in (*asked, *asked):
        apic.accept(vector)

    taken = []
    while vector := apic.take():
        assert apic.take() == 0, "nothing of a class that is in service interrupts it"
        taken.append(vector)
        assert apic.write(EOI, 0, 0) == "ended"

    assert taken == sorted(asked, reverse=True)
    assert apic.write(EOI, 0, 0) == "nothing"


@given(vectors, vectors)
def test_does_only_a_higher_class_interrupt(first: int, second: int) -> None:
    apic = mrm_core.Apic(0)
    apic.accept(first)
    assert apic.take() == first
    apic.accept(second)

    assert apic.take() == (second if second >> 4 > first >> 4 else 0)


@given(vectors, st.integers(0, 255))
def test_does_the_task_priority_hold_up_what_is_not_above_it(vector: int, priority: int) -> None:
    apic = mrm_core.Apic(0)
    apic.write(TPR, priority, 0)
    apic.accept(vector)

    assert apic.take() == (vector if vector >> 4 > priority >> 4 else 0)
    apic.write(TPR, 0, 0)
    assert apic.take() == (0 if vector >> 4 > priority >> 4 else vector)


@given(st.integers(0, 255))
def test_is_nothing_taken_while_it_is_switched_off(vector: int) -> None:
    apic = mrm_core.Apic(0)
    apic.write(SVR, 0xFF, 0)
    apic.accept(vector)
    apic.write(SVR, 0x1FF, 0)

    assert apic.take() == 0


@given(counts, dividers, instants, vectors)
def test_does_a_single_timer_interrupt_once_when_it_is_time(
    count: int, divide: int, begin: int, vector: int
) -> None:
    apic = timer(count, divide, begin, vector)
    end = begin + count * DIVIDE_BY[divide]

    assert apic.expires() == end
    apic.expire(end - 1)
    assert apic.take() == 0
    apic.expire(end)
    assert (apic.take(), apic.expires(), apic.read(COUNT_NOW, end)) == (vector, None, 0)


@given(counts, dividers, instants, vectors, st.integers(0, 2**20), st.floats(0, 0.999))
def test_does_a_periodic_timer_keep_its_beat_however_late_it_is_asked(
    count: int, divide: int, begin: int, vector: int, missed: int, part: float
) -> None:
    apic = timer(count, divide, begin, vector | PERIODIC)
    period = count * DIVIDE_BY[divide]

    apic.expire(begin + period * (missed + 1) + int(period * part))

    assert (apic.take(), apic.write(EOI, 0, 0), apic.take()) == (vector, "ended", 0)
    assert apic.expires() == begin + period * (missed + 2)


@given(counts, dividers, instants, st.floats(0, 0.999))
def test_does_its_count_go_down_with_time(count: int, divide: int, begin: int, part: float) -> None:
    elapsed = int(count * DIVIDE_BY[divide] * part)

    assert (
        timer(count, divide, begin, 0x40).read(COUNT_NOW, begin + elapsed)
        == count - elapsed // DIVIDE_BY[divide]
    )


@given(counts, instants)
def test_is_a_masked_timer_silent(count: int, begin: int) -> None:
    apic = timer(count, 0b1011, begin, 0x40 | MASKED)
    apic.expire(begin + count)

    assert (apic.take(), apic.expires()) == (0, None)


@given(st.lists(st.integers(1, 1000), min_size=1, max_size=8), st.integers(1, 50))
def test_does_each_get_its_slice_if_nobody_yields(slices: list[int], rounds: int) -> None:
    turn, everybody = mrm_core.Turn(*slices), (1 << len(slices)) - 1
    got = [0] * len(slices)
    now = 0

    for _ in range(rounds * len(slices)):
        member = turn.choose(everybody, 0, now)
        assert member is not None
        assert turn.end() == now + slices[member]
        assert turn.choose(everybody, 0, now + slices[member] - 1) == member
        got[member] += slices[member]
        now += slices[member]

    assert got == [rounds * length for length in slices]


steps = st.lists(st.tuples(st.integers(0, 255), st.integers(0, 255), st.integers(0, 200)), max_size=60)
slices_of = st.lists(st.integers(8, 1000), min_size=2, max_size=8)
bits = st.integers(0, 255)


@given(steps, st.integers(1, 8), bits)
def test_does_only_who_is_ready_run_and_nobody_wait_for_ever(
    steps: list[tuple[int, int, int]], members: int, preempts: int
) -> None:
    turn, now = mrm_core.Turn(*[100] * members, preempts=preempts), 0
    waited = [0] * members

    for ready, interrupted, passed in steps:
        ready &= (1 << members) - 1
        now += passed
        chosen = turn.choose(ready, interrupted, now)
        assert (chosen is None) == (ready == 0)
        assert chosen is None or ready >> chosen & 1
        for member in range(members):
            waiting = ready >> member & 1 and member != chosen
            waited[member] = waited[member] + passed if waiting else 0
            assert waited[member] <= members * 600


@given(slices_of, st.data())
def test_does_an_interrupt_pre_empt_at_once_and_the_other_have_its_rest(
    slices: list[int], data: st.DataObject
) -> None:
    turn, others = mrm_core.Turn(*slices, preempts=1), (1 << len(slices)) - 2
    first = turn.choose(others, 0, 0)
    assert first not in (None, 0)
    came = data.draw(st.integers(0, slices[first] - 1))
    stayed = data.draw(st.integers(0, slices[0] - 1))

    assert turn.choose(others | 1, 0, came) == first, "without an interrupt it waits for its turn"
    assert turn.may_preempt(0)
    assert turn.choose(others | 1, 1, came) == 0
    assert turn.end() == came + slices[0]
    assert turn.choose(others, 0, came + stayed) == first
    assert turn.end() == slices[first] + stayed


@given(slices_of)
def test_is_an_interrupt_held_where_the_manifest_says_so(slices: list[int]) -> None:
    turn, everybody = mrm_core.Turn(*slices), (1 << len(slices)) - 1
    first = turn.choose(everybody, 0, 0)
    assert first is not None

    assert turn.choose(everybody, everybody, slices[first] - 1) == first
    assert not any(turn.may_preempt(member) for member in range(len(slices)))


@given(slices_of, bits, st.lists(st.tuples(bits, st.integers(1, 300)), max_size=300))
def test_does_pre_empting_make_nobodys_share_bigger(
    slices: list[int], preempts: int, steps: list[tuple[int, int]]
) -> None:
    """All work without end; interrupts come as they like."""
    turn, everybody, now = mrm_core.Turn(*slices, preempts=preempts), (1 << len(slices)) - 1, 0
    got = [0] * len(slices)

    for interrupted, passed in steps:
        until = now + passed
        while now < until:
            member, end = turn.choose(everybody, interrupted, now), turn.end()
            assert member is not None
            assert end is not None
            assert end > now
            ran = min(end, until) - now
            got[member] += ran
            now += ran

    for member, length in enumerate(slices):
        share = now * length / sum(slices)
        if preempts >> member & 1:
            assert got[member] <= share + 2 * length
        else:
            assert got[member] >= share - 2 * length


@given(st.integers(8, 1000), st.integers(1000, 10_000))
def test_does_a_storm_of_short_interrupts_come_to_an_end(own: int, other: int) -> None:
    """Each is over in a tick, and each is charged for what the switches cost the other one."""
    turn, now, times = mrm_core.Turn(own, other, preempts=1), 0, 0
    assert turn.choose(2, 0, now) == 1

    while turn.may_preempt(0):
        assert turn.choose(3, 1, now) == 0
        now, times = now + 1, times + 1
        assert turn.choose(2, 0, now) == 1

    assert 1 <= times <= 8
    assert turn.choose(3, 1, now) == 1, "it has nothing left, so its interrupts are held"


def timer(count: int, divide: int, begin: int, entry: int) -> mrm_core.Apic:
    """A local APIC whose timer was started."""
    apic = mrm_core.Apic(0)
    apic.write(DIVIDE, divide, begin)
    apic.write(LVT_TIMER, entry, begin)
    apic.write(COUNT, count, begin)
    return apic
