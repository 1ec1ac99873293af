"""Does translation ever leave the partition, and is it inverted exactly? Paper §3.3(1), §3.3(2)B."""

from itertools import pairwise
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suites.core.plans import MIB, PAGE, TWINS, ZERO, Part, Plan
from suites.core.rules import ram, seen_ram
from suites.core.strategies import plans

HOLE = range(0xA0000, MIB)
RAM, RESERVED = 1, 2
EDGES = (-1, 0, 1, 7, 8, PAGE - 1, PAGE)


class Access(NamedTuple):
    """Bytes of guest-physical memory, around the edges of what a partition has."""

    plan: Plan
    who: int
    gpa: int
    size: int

    @property
    def part(self) -> Part:
        return self.plan.parts[self.who]


@st.composite
def accesses(draw: st.DrawFn) -> Access:
    plan = draw(plans())
    index = draw(st.integers(0, len(plan.parts) - 1))
    gpa, _, length = draw(st.sampled_from(plan.parts[index].memory))
    edge = draw(st.sampled_from((gpa, gpa + length, gpa + length // 2)))
    at = draw(st.one_of(st.integers(0, (1 << 64) - 1), st.sampled_from(EDGES).map(lambda step: edge + step)))
    size = draw(st.sampled_from((1, 2, 4, 8, 16, PAGE, MIB, 1 << 40, (1 << 64) - 1)))
    return Access(plan, index, max(at, 0), size)


def _expected(part: Part, gpa: int) -> int | None:
    """Where one byte lies, from the plan's own rows."""
    for base, hpa, size in part.memory:
        if base <= gpa < base + size:
            return hpa + gpa - base
    return None


@pytest.mark.requirement("CORE-02")
@given(accesses())
def test_is_every_byte_where_the_plan_says(access: Access) -> None:
    core = access.plan.core()

    assert core.to_hpa(access.who, access.gpa) == _expected(access.part, access.gpa)


@pytest.mark.requirement("CORE-02")
@given(accesses())
def test_does_no_access_leave_the_partition(access: Access) -> None:
    core = access.plan.core()
    hpa = core.to_hpa(access.who, access.gpa, access.size)
    ends = (access.gpa, access.gpa + access.size - 1)
    first, last = (_expected(access.part, at) for at in ends)
    is_whole = _is_contiguous(access.part, range(access.gpa, access.gpa + access.size))

    assert hpa == (first if is_whole else None)
    if is_whole:
        assert last == (hpa or 0) + access.size - 1


def _is_contiguous(part: Part, asked: range) -> bool:
    """Whether all of it is RAM and one piece of host memory, entry by entry."""
    at, start = asked.start, _expected(part, asked.start)
    while at < asked.stop:
        hpa = _expected(part, at)
        if hpa is None or start is None or hpa - start != at - asked.start:
            return False
        at = next(base + size for base, _, size in part.memory if base <= at < base + size)
    return True


@pytest.mark.requirement("CORE-02")
@given(accesses())
def test_is_the_way_back_the_same(access: Access) -> None:
    core = access.plan.core()
    hpa = core.to_hpa(access.who, access.gpa)

    if hpa is not None:
        assert core.to_gpa(access.who, hpa) == access.gpa
        for other in range(len(access.plan.parts)):
            assert other == access.who or core.to_gpa(other, hpa) is None


@pytest.mark.requirement("CORE-02")
@given(plans(), st.integers(0, 0x20000000), st.sampled_from((1, 8, PAGE)))
def test_has_a_host_address_one_owner_at_most(plan: Plan, hpa: int, size: int) -> None:
    core = plan.core()
    owners = [index for index in range(len(plan.parts)) if core.to_gpa(index, hpa, size) is not None]
    whole = [
        index
        for index, part in enumerate(plan.parts)
        if any(piece.start <= hpa and hpa + size <= piece.stop for piece in ram(part))
    ]

    assert owners == whole
    assert len(owners) <= 1


@pytest.mark.requirement("CORE-02")
@pytest.mark.parametrize(("gpa", "size", "hpa"), [(0x1FFFFFF, 1, 0xDFFFFFF), (0x1FFFFFF, 2, None)])
def test_do_pieces_adjoin_only_where_both_views_do(gpa: int, size: int, hpa: int | None) -> None:
    assert ZERO.core().to_hpa(0, gpa, size) == hpa


@pytest.mark.requirement("CORE-02")
def test_may_an_access_cross_entries_that_adjoin_in_both_views() -> None:
    halves = ((0x10000000, 0x10000000, PAGE), (0x10001000, 0x10001000, PAGE))

    assert TWINS.with_part(1, memory=halves).core().to_hpa(1, 0x10000FFC, 8) == 0x10000FFC


@pytest.mark.requirement("CORE-02")
def test_is_nothing_no_access() -> None:
    assert TWINS.core().to_hpa(0, 0, 0) is None
    assert TWINS.core().to_gpa(0, 0, 0) is None


@pytest.mark.requirement("CORE-02")
@given(plans())
def test_does_the_memory_map_tell_the_truth(plan: Plan) -> None:
    core = plan.core()
    for index, part in enumerate(plan.parts):
        entries = core.e820(index)
        told = [range(base, base + size) for base, size, kind in entries if kind == RAM]
        reserved = [(base, base + size) for base, size, kind in entries if kind == RESERVED]
        has_low = any(piece.start < HOLE.start for piece in seen_ram(part))

        assert sum(map(len, told)) == sum(_outside_hole(piece) for piece in seen_ram(part))
        assert all(core.to_hpa(index, at) is not None for piece in told for at in (piece[0], piece[-1]))
        assert reserved == ([(HOLE.start, HOLE.stop)] if has_low else [])
        assert entries == sorted(entries)
        assert all(a.stop < b.start for a, b in pairwise(told))


def _outside_hole(piece: range) -> int:
    return len(piece) - max(0, min(piece.stop, HOLE.stop) - max(piece.start, HOLE.start))


@pytest.mark.requirement("CORE-02")
@pytest.mark.parametrize(
    ("plan", "index", "entries"),
    [
        (TWINS, 0, [(0, 0xA0000, RAM), (0xA0000, 0x60000, RESERVED), (MIB, 0x3F00000, RAM)]),
        (TWINS, 1, [(0x10000000, 0x4000000, RAM)]),
        (ZERO, 0, [(0, 0xA0000, RAM), (0xA0000, 0x60000, RESERVED), (MIB, 0x2F00000, RAM)]),
    ],
    ids=["identity-low", "identity-high", "zero-based"],
)
def test_is_the_memory_map_as_a_pc_has_it(
    plan: Plan, index: int, entries: list[tuple[int, int, int]]
) -> None:
    assert plan.core().e820(index) == entries
