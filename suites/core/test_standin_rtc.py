"""Does the stand-in for the real-time clock tell the time as an MC146818 does, whenever it is asked?"""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.image.block import CFG
from suites.core.legacy import PLAN, Legacy

KIB, MIB = 1 << 10, 1 << 20

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
DAY = 86400
CENTURIES = 146097 * DAY  # after which the Gregorian calendar repeats
UPDATING, SET, BINARY, HOURS_24 = 0x80, 0x80, 0x04, 0x02
PM = 0x80
SECOND = 10**9  # in ticks of a TSC of 1 GHz
TIME = (0, 2, 4, 6, 7, 8, 9, 0x32)

moments = st.one_of(
    st.integers(0, CENTURIES - 1),
    st.sampled_from(
        [
            int((datetime(year, 2, 28, 23, 59, 59, tzinfo=UTC) - EPOCH).total_seconds())
            for year in (2000, 2024, 2026, 2100)
        ]
    ),
)
forms = st.sampled_from((0, BINARY, HOURS_24, BINARY | HOURS_24))


def _number(byte: int, form: int) -> int:
    return byte if form & BINARY else (byte >> 4) * 10 + (byte & 0xF)


def _hour(byte: int, form: int) -> int:
    if form & HOURS_24:
        return _number(byte, form)
    hour = _number(byte & ~PM, form)
    assert 1 <= hour <= 12
    return hour % 12 + (12 if byte & PM else 0)


def _read(legacy: Legacy, form: int) -> tuple[datetime, int]:
    """Date and time, and the day of the week."""
    read = {index: legacy.cmos(index) for index in TIME}
    second, minute, weekday, day, month, year, century = (
        _number(byte, form) for index, byte in read.items() if index != 4
    )
    hour = _hour(read[4], form)
    moment = datetime(century * 100 + year, month, day, hour, minute, second, tzinfo=UTC)
    return moment, weekday


@pytest.mark.requirement("CORE-12")
@given(moments, forms, st.integers(0, 400 * DAY))
def test_tells_it_the_time_in_every_form(base: int, form: int, passed: int) -> None:
    legacy = Legacy(base_seconds=base)
    legacy.set_cmos(0x0B, form)
    legacy.now = passed * SECOND
    moment, weekday = _read(legacy, form)
    expected = EPOCH + timedelta(seconds=(base + passed) % CENTURIES)

    assert moment == expected
    assert weekday == expected.isoweekday() % 7 + 1  # Sunday is 1


@pytest.mark.requirement("CORE-12")
@given(st.integers(10_000, 5_000_000), st.integers(1, 10 * DAY))
def test_does_a_second_last_a_second(khz: int, seconds: int) -> None:
    legacy = Legacy(khz, base_seconds=1_767_225_600)  # 2026-01-01
    legacy.now = seconds * khz * 1000
    after, _ = _read(legacy, HOURS_24)
    legacy.now -= 1
    before, _ = _read(legacy, HOURS_24)

    assert after == EPOCH + timedelta(seconds=1_767_225_600 + seconds)
    assert before == after - timedelta(seconds=1)


@pytest.mark.requirement("CORE-12")
@given(st.one_of(st.integers(0, 2 * SECOND), st.integers(SECOND - 3_000_000, SECOND)))
def test_is_the_time_steady_while_no_update_is_announced(now: int) -> None:
    """The data sheet grants 244 µs after a look that found none; the loop of every OS relies on it."""
    legacy = Legacy(now=now)
    updating = legacy.cmos(0x0A) & UPDATING
    before = legacy.cmos(0)
    legacy.after(243)

    assert updating or legacy.cmos(0) == before
    assert bool(updating) == (now % SECOND >= SECOND - 2_228_000)


@pytest.mark.requirement("CORE-12")
def test_is_an_update_seen_by_who_waits_for_it() -> None:
    """It begins and ends within a second, and the new time is there when it is over."""
    legacy = Legacy(now=SECOND // 2)
    while not legacy.cmos(0x0A) & UPDATING:
        legacy.after(100)
    began, second = legacy.now, legacy.cmos(0)
    while legacy.cmos(0x0A) & UPDATING:
        legacy.after(100)

    assert legacy.cmos(0) == second + 1
    assert legacy.now - began < 3_000_000
    assert legacy.now < 2 * SECOND


@pytest.mark.requirement("CORE-12")
def test_is_the_time_held_while_somebody_sets_it() -> None:
    legacy = Legacy(base_seconds=1_767_225_600)
    legacy.set_cmos(0x0B, SET | HOURS_24)
    held, _ = _read(legacy, HOURS_24)
    legacy.now = SECOND - 1
    assert not legacy.cmos(0x0A) & UPDATING
    legacy.now = 90 * SECOND
    legacy.set_cmos(0x0B, SET | HOURS_24)  # still

    assert _read(legacy, HOURS_24)[0] == held
    legacy.set_cmos(0x0B, HOURS_24)
    assert _read(legacy, HOURS_24)[0] == held + timedelta(seconds=90)


@pytest.mark.requirement("CORE-12")
@pytest.mark.parametrize("index", TIME)
def test_is_the_time_nobodys_to_set(index: int) -> None:
    legacy = Legacy(base_seconds=1_767_225_600)
    before = _read(legacy, HOURS_24)
    legacy.set_cmos(0x0B, SET | HOURS_24)
    legacy.set_cmos(index, 0x55)
    legacy.set_cmos(0x0B, HOURS_24)

    assert _read(legacy, HOURS_24) == before


def _size(legacy: Legacy, index: int, size: int = 2) -> int:
    return sum(legacy.cmos(index + byte) << 8 * byte for byte in range(size))


@pytest.mark.requirement("CORE-12")
@pytest.mark.parametrize("size", [64 * KIB, MIB, 2 * MIB, 16 * MIB, 65 * MIB, 128 * MIB])
def test_does_it_tell_how_much_ram_the_partition_has(size: int) -> None:
    """From 0, from 1 MiB and from 16 MiB; the registers of the first two end with 65535 KiB."""
    plan = PLAN.with_part(1, view=CFG["ZERO_BASED"], memory=((0, 0xC000000, size),), processors=(1, 2))
    legacy = Legacy(core=plan.core())

    assert _size(legacy, 0x15) == min(size, 640 * KIB) // KIB
    assert _size(legacy, 0x17) == _size(legacy, 0x30) == min(max(size - MIB, 0) // KIB, 0xFFFF)
    assert _size(legacy, 0x34) == max(size - 16 * MIB, 0) // (64 * KIB)
    assert _size(legacy, 0x5B, 3) == 0
    assert legacy.cmos(0x5F) == 1


@pytest.mark.requirement("CORE-12")
@pytest.mark.parametrize(("size", "told"), [(1 << 39, 1 << 23), (1 << 40, (1 << 24) - 1)])
def test_does_it_tell_how_much_ram_is_beyond_4_gib(size: int, told: int) -> None:
    """A hole before it ends the count from 1 MiB; three bytes of 64 KiB each end before 1 TiB."""
    computer = {"ram": ((0, 0xA0000), (MIB, 0x1FF00000), (1 << 32, size))}
    memory = ((MIB, 0x10000000, 3 * MIB), (1 << 32, 1 << 32, size))
    plan = PLAN.with_part(1, memory=memory, view=CFG["ZERO_BASED"]).with_computer(**computer)
    plan = plan.with_part(1, memory=((0, 0x14000000, 64 * KIB), *memory))
    legacy = Legacy(core=plan.core())

    assert [_size(legacy, index) for index in (0x15, 0x17, 0x34)] == [64, 3 * KIB, 0]
    assert _size(legacy, 0x5B, 3) == told


@pytest.mark.requirement("CORE-12")
def test_is_everything_else_memory() -> None:
    legacy = Legacy()
    memory = [index for index in range(128) if index not in (*TIME, 0x0A, 0x0B, 0x0C, 0x0D)]
    for index in memory:
        legacy.set_cmos(index, index ^ 0xA5)

    assert [legacy.cmos(index) for index in memory] == [index ^ 0xA5 for index in memory]
    assert legacy.cmos(0x0A) == 0x26


@pytest.mark.requirement("CORE-12")
def test_reports_it_no_interrupt_and_a_good_battery() -> None:
    legacy = Legacy()
    for index in (0x0C, 0x0D):
        legacy.set_cmos(index, 0x7F)
    legacy.set_cmos(0x0A, 0xFF)

    assert (legacy.cmos(0x0C), legacy.cmos(0x0D)) == (0, 0x80)
    assert legacy.cmos(0x0A) == 0x7F


@pytest.mark.requirement("CORE-12")
def test_is_the_index_latched_without_the_nmi_mask() -> None:
    legacy = Legacy()
    legacy.set_cmos(0x40, 0x12)
    legacy.write(0x70, 0x80 | 0x40)

    assert [legacy.read(0x71), legacy.read(0x71)] == [0x12, 0x12]
    assert legacy.read(0x70) == 0xFF  # write-only
    legacy.core.standin_write(1, 0x70, 2, 0x3441, 0)  # index and data in one access
    assert legacy.read(0x71) == 0x34
    assert legacy.read(0x70, 2) == 0x34FF
