"""Does the stand-in for the interval timer count as an 8254 does, whenever it is asked?"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from suites.core.counter import TERMINAL_COUNT, Counter
from suites.core.legacy import PIT_HERTZ, Legacy

SPEAKER = 2
GATE, OUT, REFRESH = 0x01, 0x20, 0x10
STATUS_OUT, NOT_LOADED = 0x80, 0x40
BOTH = 0x30
DAY = 86400

rates = st.one_of(st.sampled_from((1_000_000, 2_400_000, 1_193_183)), st.integers(10_000, 5_000_000))
modes = st.integers(0, 5)
counts = st.integers(2, 40)


def _program(legacy: Legacy, channel: int, mode: int, count: int) -> None:
    legacy.write(0x43, channel << 6 | BOTH | mode << 1)
    legacy.write(0x40 + channel, count & 0xFF, count >> 8)


def _assert_same(legacy: Legacy, model: Counter) -> None:
    assert (legacy.count(SPEAKER), bool(legacy.read(0x61) & OUT)) == (model.value, model.output)
    assert bool(legacy.status(SPEAKER) & STATUS_OUT) == model.output


@pytest.mark.requirement("CORE-12")
@given(
    rates, modes, counts, st.booleans(), st.lists(st.tuples(st.integers(1, 50), st.booleans()), max_size=6)
)
def test_does_it_count_pulse_by_pulse(
    khz: int, mode: int, count: int, begins: bool, gates: list[tuple[int, bool]]
) -> None:
    """Against a model that takes the pulses one by one, while the gate goes up and down."""
    legacy, model = Legacy(khz), Counter(mode, begins)
    legacy.write(0x61, GATE if begins else 0)
    _program(legacy, SPEAKER, mode, count)
    model.write(count)
    clock = 0
    for pulses, gate in [*gates, (100, True)]:
        for _ in range(pulses):
            clock += 1
            legacy.at_clock(clock)
            model.pulse()
            if model.armed:
                _assert_same(legacy, model)
        legacy.write(0x61, GATE if gate else 0)
        model.set_gate(gate)


@pytest.mark.requirement("CORE-12")
@given(rates, st.integers(0, 7), st.integers(2, 0xFFFF), st.lists(st.integers(0, 10**12), min_size=1))
def test_depends_an_answer_on_the_time_alone(khz: int, mode: int, count: int, times: list[int]) -> None:
    """Not on when, or how often, it was asked before; and it runs at 1193182 Hz to the pulse, for days."""
    often, once = Legacy(khz), Legacy(khz)
    for legacy in (often, once):
        _program(legacy, 0, mode, count)
    for now in sorted(times):
        often.now = now
        often.count(0), often.status(0), often.read(0x61)
    once.now = max(times)

    assert once.count(0) == often.count(0)
    assert once.status(0) == often.status(0)


@pytest.mark.requirement("CORE-12")
@pytest.mark.parametrize(("other", "mode"), [(6, 2), (7, 3)])
def test_have_two_modes_two_names_each(other: int, mode: int) -> None:
    legacy = Legacy()
    legacy.write(0x61, GATE)
    _program(legacy, 0, other, 1000)
    _program(legacy, 2, mode, 1000)
    for clock in range(1, 3000, 7):
        legacy.at_clock(clock)

        assert legacy.count(0) == legacy.count(2)
        assert (legacy.status(0) ^ legacy.status(2)) & STATUS_OUT == 0


@pytest.mark.requirement("CORE-12")
@given(rates, st.integers(0, 10 * DAY), st.integers(2, 0xFFFF))
def test_is_it_right_after_days(khz: int, seconds: int, count: int) -> None:
    legacy = Legacy(khz)
    _program(legacy, 0, 2, count)
    legacy.now = seconds * khz * 1000
    pulses = max(seconds * PIT_HERTZ - 1, 0)  # the first one loads

    assert legacy.count(0) == count - pulses % count


@pytest.mark.requirement("CORE-12")
@given(rates, st.integers(1, 0xFFFF), st.integers(20, 5000))
def test_takes_a_calibration_as_long_as_it_should(khz: int, count: int, nap_ns: int) -> None:
    """Channel 2 in mode 0, polled through port 0x61 until its output rises, as OS loaders and Linux do."""
    legacy = Legacy(khz)
    legacy.write(0x61, GATE)
    _program(legacy, SPEAKER, TERMINAL_COUNT, count)
    nap = max(nap_ns * khz // 1_000_000, count * khz * 1000 // PIT_HERTZ // 500, 1)
    while not legacy.read(0x61) & OUT:
        legacy.now += nap

    pulse = khz * 1000 / PIT_HERTZ
    assert count * pulse <= legacy.now <= (count + 2) * pulse + nap


@pytest.mark.requirement("CORE-12")
def test_falls_the_high_byte_in_step_without_latch() -> None:
    """Linux's quick calibration reads both bytes again and again and times the changes of the second one."""
    legacy = Legacy()
    legacy.write(0x61, GATE)
    _program(legacy, SPEAKER, TERMINAL_COUNT, 0xFFFF)
    changes: list[int] = []
    last = 0xFF
    while len(changes) < 100:
        legacy.after(2)
        legacy.read(0x42)
        high = legacy.read(0x42)
        if high != last:
            assert high == last - 1
            changes.append(legacy.now)
            last = high

    assert changes[-1] - changes[0] == pytest.approx(99 * 256 * 1e9 / PIT_HERTZ, abs=4000)


@pytest.mark.requirement("CORE-12")
@given(st.integers(0, 2), st.integers(0, 10**9), st.integers(0, 10**9))
def test_keeps_a_latched_count_until_it_is_read(channel: int, first: int, second: int) -> None:
    legacy = Legacy()
    legacy.write(0x61, GATE)
    _program(legacy, channel, 2, 0)
    legacy.now = first
    legacy.read(0x40 + channel)  # the first byte of a look that nobody ended
    legacy.write(0x43, channel << 6)
    legacy.now += second
    legacy.write(0x43, channel << 6)  # ignored: the first one is not read yet
    kept = legacy.read(0x40 + channel) | legacy.read(0x40 + channel) << 8

    assert kept == (0x10000 - max(first * PIT_HERTZ // 10**9 - 1, 0)) % 0x10000
    assert legacy.count(channel) == (0x10000 - max(legacy.now * PIT_HERTZ // 10**9 - 1, 0)) % 0x10000


@pytest.mark.requirement("CORE-12")
@pytest.mark.parametrize(
    ("access", "expected"), [(0x10, (0x34, 0x34)), (0x20, (0x12, 0x12)), (0x30, (0x34, 0x12))]
)
def test_comes_a_count_in_the_bytes_that_were_asked_for(access: int, expected: tuple[int, int]) -> None:
    legacy = Legacy()
    legacy.write(0x61, 0)  # its gate holds the count
    legacy.write(0x43, SPEAKER << 6 | access)
    legacy.write(0x42, *{0x10: (0x34,), 0x20: (0x12,), 0x30: (0x34, 0x12)}[access])

    assert (legacy.read(0x42), legacy.read(0x42)) == expected
    legacy.write(0x43, SPEAKER << 6)
    assert (legacy.read(0x42), legacy.read(0x42)) == expected


@pytest.mark.requirement("CORE-12")
def test_reads_the_status_back_before_the_count() -> None:
    legacy = Legacy()
    legacy.write(0x43, 0x34)
    assert legacy.status(0) == STATUS_OUT | NOT_LOADED | 0x34
    legacy.write(0x40, 0x00, 0x10)
    legacy.write(0x43, 0xC0 | 2)  # status and count of channel 0
    legacy.at_clock(1000)

    assert legacy.read(0x40) == STATUS_OUT | 0x34
    assert (legacy.read(0x40), legacy.read(0x40)) == (0x00, 0x10)
    assert legacy.count(0) == 0x1000 - 999


@pytest.mark.requirement("CORE-12")
def test_does_the_first_of_two_bytes_stop_a_count_in_mode_0() -> None:
    legacy = Legacy()
    legacy.write(0x61, GATE)
    _program(legacy, SPEAKER, TERMINAL_COUNT, 2)
    legacy.at_clock(50)
    assert legacy.read(0x61) & OUT
    legacy.write(0x42, 0xFF)
    legacy.at_clock(500)

    assert not legacy.read(0x61) & OUT
    assert legacy.status(SPEAKER) & NOT_LOADED


@pytest.mark.requirement("CORE-12")
@given(st.integers(0, 9999), st.integers(0, 30000), st.sampled_from((0, 2)))
def test_counts_it_in_decimal_digits(count: int, clock: int, mode: int) -> None:
    legacy = Legacy()
    legacy.write(0x43, 0x31 | mode << 1)
    digits = int(str(count), 16)
    legacy.write(0x40, digits & 0xFF, digits >> 8)
    legacy.at_clock(clock)
    start, past = count or 10000, max(clock - 1, 0)
    value = start - past % start if mode else start - past

    assert legacy.count(0) == int(str(value % 10000), 16)


@pytest.mark.requirement("CORE-12")
def test_moves_all_of_port_61_that_somebody_waits_for() -> None:
    """Refresh in bit 4, the output of channel 2 in bit 5; bits 0 to 3 read as they were written."""
    legacy = Legacy()
    legacy.write(0x61, 0xFF)
    _program(legacy, SPEAKER, 3, 100)
    seen = set()
    for clock in range(400):
        legacy.at_clock(clock)
        seen.add(legacy.read(0x61))

    assert seen == {0x0F | refresh | out for refresh in (0, REFRESH) for out in (0, OUT)}
    legacy.write(0x61, 0)
    assert legacy.read(0x61) & ~REFRESH == OUT  # the gate holds the square wave high


@pytest.mark.requirement("CORE-12")
def test_is_it_as_a_bios_leaves_it() -> None:
    """The clock tick runs with the longest count, and refresh every 15 µs; the speaker is silent."""
    legacy = Legacy()
    legacy.at_clock(1001)

    assert legacy.status(0) & 0x7F == 0x36
    assert legacy.count(0) == 0x10000 - 2 * 1001 % 0x10000
    assert legacy.status(1) & 0x7F == 0x14
    assert legacy.read(0x41) == 18 - 1001 % 18
    assert not legacy.read(0x61) & 0x0F
    assert legacy.read(0x43) == 0xFF  # write-only


@pytest.mark.requirement("CORE-12")
def test_stands_no_clock_still_whose_rate_is_not_known() -> None:
    legacy = Legacy(tsc_khz=0)
    _program(legacy, 0, 2, 0)
    legacy.now = 10**9 // 100

    assert legacy.count(0) == 0x10000 - (PIT_HERTZ // 100 - 1)
