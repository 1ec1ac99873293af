"""Consoles: every byte is kept, lines come in order, and a death is named at once."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.console.listener import GRACE_SECONDS
from harness.errors import ImageError, InfraError, MachineCrash, MrmError, Silence
from tests.fakes import Bench
from tests.strategies import cut, splits

GOLDEN = (
    b"\r\n[    0.000000] Booting\r\nmrmc: ready, 2 partitions\n\xff\xfe\n"
    b"mrmc: panic: lost the guest state of b\n    rip 0x8001234\n"
)

per_example = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
"""For tests that share nothing between their examples but the name of a directory."""


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def outcome(logs: Path, pattern: str, chunks: list[bytes]) -> tuple[str, str]:
    """What comes of waiting for a pattern while a stream comes in, in these chunks."""
    bench = Bench(logs)
    console = bench.console("com1")
    bench.says("com1", *chunks)
    try:
        return "match", console.expect(pattern, bench.within(5)).group()
    except MrmError as error:
        return type(error).__name__, error.what
    finally:
        console.close()


class TestExpect:
    @per_example
    @given(st.data(), st.sampled_from(["ready, . part", r"\[.*Booting", "xff", "lost the guest", "never"]))
    def test_chunk_edges_do_not_matter(self, tmp_path: Path, data: st.DataObject, pattern: str) -> None:
        assert outcome(tmp_path, pattern, data.draw(splits(GOLDEN))) == outcome(tmp_path, pattern, [GOLDEN])

    def test_finds_a_match_across_every_edge(self, tmp_path: Path) -> None:
        for place in range(len(GOLDEN)):
            chunks = cut(GOLDEN, {place, place + 1})
            assert outcome(tmp_path, "ready, 2 partitions", chunks) == ("match", "ready, 2 partitions")
            assert outcome(tmp_path, "never", chunks)[0] == "MachineCrash"

    def test_takes_each_line_once(self, bench: Bench) -> None:
        console = bench.console("com1")
        bench.says("com1", b"one\ntwo\none\n")
        console.expect("two", bench.within(5))

        assert console.readline(bench.within(5)) == "one"

    def test_says_what_did_not_come_and_what_did(self, bench: Bench) -> None:
        console = bench.console("com1")
        bench.says("com1", b"firmware\n")

        with pytest.raises(Silence, match="'login:' did not come on com1 within 3 s") as caught:
            console.expect("login:", bench.within(3))
        assert bench.clock.now == 3
        assert caught.value.last_step == "com1 said 'firmware'"
        assert "the last line was 'firmware'" in caught.value.why


class TestReadline:
    def test_names_the_last_step_when_nothing_ever_came(self, bench: Bench) -> None:
        console = bench.console("com1")
        bench.listener.reached("the processors run")

        with pytest.raises(Silence, match="not one line ever came") as caught:
            console.readline(bench.within(2))
        assert caught.value.last_step == "the processors run"

    def test_gives_what_came_before_the_end(self, bench: Bench) -> None:
        """An answer that is there is not lost by what happened after it."""
        console = bench.console("com1")
        bench.says("com1", b"answer\n")
        bench.ends("com1")
        bench.listener.turn(0)
        bench.listener.turn(0)

        assert console.readline(bench.within(5)) == "answer"
        with pytest.raises(InfraError, match="com1 has ended"):
            console.readline(bench.within(5))
        assert bench.clock.now == 0


class TestCrash:
    def test_of_a_partition_is_raised_where_its_line_is_read(self, bench: Bench) -> None:
        mine, neighbour = bench.console("com1"), bench.console("com2")
        bench.says("com1", b"Kernel panic - not syncing: oops\n")
        bench.says("com2", b"fine\n", at=1)

        assert neighbour.readline(bench.within(5)) == "fine"
        with pytest.raises(MachineCrash, match="kernel panic on com1: Kernel panic - not syncing: oops"):
            mine.readline(bench.within(5))

    def test_of_the_controller_ends_the_wait_on_any_line(self, bench: Bench) -> None:
        console = bench.console("com1")
        bench.console("com4", speaks_for_all=True)
        bench.says("com4", b"mrmc: pan", b"ic: bad exit\n", at=1)

        with pytest.raises(MachineCrash, match="mrmc: panic: bad exit"):
            console.readline(bench.within(60))
        assert bench.clock.now == 1

    def test_without_line_end_is_found_after_a_grace(self, bench: Bench) -> None:
        """Its reason comes with it, even when that is late; a line end that never comes is not waited for."""
        console = bench.console("com1")
        bench.console("com4", speaks_for_all=True)
        bench.says("com4", b"mrmc: panic", at=1)
        bench.says("com4", b": bad exit", at=1 + GRACE_SECONDS / 2)

        with pytest.raises(MachineCrash, match="mrmc: panic: bad exit"):
            console.readline(bench.within(60))
        assert bench.clock.now == 1 + GRACE_SECONDS

    def test_is_found_by_check_though_nobody_waits(self, bench: Bench) -> None:
        bench.console("com4", speaks_for_all=True)
        bench.says("com4", b"mrmc: panic: bad exit\n")
        bench.listener.turn(0)

        with pytest.raises(MachineCrash):
            bench.listener.check()

    def test_keeps_its_first_cause(self, bench: Bench) -> None:
        console = bench.console("com1")
        bench.console("com4", speaks_for_all=True)
        bench.says("com4", b"mrmc: panic: first\nmrmc: panic: second\n")
        bench.ends("com4")

        for _ in range(2):
            with pytest.raises(MachineCrash, match="panic: first"):
                console.readline(bench.within(5))

    def test_refusal_is_the_fault_of_the_image(self, bench: Bench) -> None:
        console = bench.console("com4", speaks_for_all=True)
        bench.says("com4", b"mrmc: refused: no partition\n")

        with pytest.raises(ImageError, match="no partition"):
            console.expect("ready", bench.within(5))


class TestLog:
    @per_example
    @given(chunks=splits(GOLDEN))
    def test_keeps_every_byte(self, tmp_path: Path, chunks: list[bytes]) -> None:
        bench = Bench(tmp_path)
        console = bench.console("com1")
        console.log.write_bytes(b"")
        for chunk in chunks:
            bench.streams["com1"].push(chunk)
        with pytest.raises(MachineCrash):
            console.expect("never", bench.within(5))
        console.drain()  # what was not read yet when the machine ended
        console.close()

        assert console.log.read_bytes() == GOLDEN


class TestWrite:
    def test_reaches_the_line(self, bench: Bench) -> None:
        bench.console("com1").write(b"status\n")

        assert bench.streams["com1"].written == b"status\n"

    def test_on_a_full_line_says_that_nobody_reads(self, bench: Bench) -> None:
        console = bench.console("com1")
        bench.streams["com1"].room = 3

        with pytest.raises(MachineCrash, match="com1 takes no more bytes"):
            console.write(b"status\n")
