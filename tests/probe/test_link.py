"""The link: whatever the line does, a request is carried out at most once and nothing else is tried again."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from harness.errors import HarnessError, MachineCrash, Silence
from harness.probe import Probe
from harness.probe.link import ANSWER_SECONDS, GARBAGE_LIMIT, PATIENCE_SECONDS
from tests.fakes import Bench
from tests.probe.fake_probe import FakeProbe, Mangle

RECORD = "6 0 100010 8 202 9000 10 0 0 100010"
ANSWERS = {"load": "ok 2a", "hello": "ok 1 linux 100000 8000 3f8 4", "last": "ok", "watch": "", "in": ""}


class Pair:
    """A probe's client, and the probe."""

    def __init__(
        self, logs: Path, request: Mangle = lambda line: line, answer: Mangle = lambda line: line
    ) -> None:
        self.bench = Bench(logs)
        console = self.bench.console("com1")
        self.far = FakeProbe(self.bench.streams["com1"], dict(ANSWERS), request, answer)
        self.near = Probe(console, self.bench.clock, "a")

    def transcript(self) -> list[str]:
        return self.near.transcript.read_text().splitlines()


@pytest.fixture
def pair(tmp_path: Path) -> Pair:
    return Pair(tmp_path)


class Fate:
    """What becomes of the lines that go one way: each passes, is lost or damaged, as drawn; then all pass."""

    def __init__(self, fates: list[str]) -> None:
        self._fates = iter(fates)

    def __call__(self, line: bytes) -> bytes:
        match next(self._fates, "pass"):
            case "lose":
                return b""
            case "damage":
                return line[:2] + b"~" + line[3:]
            case _:
                return line


fates = st.lists(st.sampled_from(["pass", "lose", "damage"]), max_size=6)


class TestRetransmission:
    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
    @given(fates, fates)
    def test_at_most_once_whatever_the_line_does(
        self, tmp_path: Path, out: list[str], back: list[str]
    ) -> None:
        pair = Pair(tmp_path, Fate(out), Fate(back))
        deadline = pair.bench.within(1000)

        for address in (0x1000, 0x2000, 0x3000):
            assert pair.near.ask("load", 4, address, deadline=deadline).number() == 42
        assert pair.far.done == ["load 4 1000", "load 4 2000", "load 4 3000"]

    def test_a_garbled_request_is_sent_again_at_once(self, tmp_path: Path) -> None:
        pair = Pair(tmp_path, request=Fate(["damage"]))

        assert pair.near.load(4, 0x1000) == 42
        assert pair.bench.clock.now == 0
        assert (pair.near.statistics.garbled, pair.near.statistics.repeated) == (1, 1)

    def test_a_lost_request_is_sent_again_when_patience_ends(self, tmp_path: Path) -> None:
        pair = Pair(tmp_path, request=Fate(["lose"]))

        assert pair.near.load(4, 0x1000) == 42
        assert pair.bench.clock.now == PATIENCE_SECONDS
        assert pair.near.statistics.repeated == 1

    def test_a_second_answer_to_a_repeated_request_is_stale(self, pair: Pair) -> None:
        """Both requests arrived: the first one's answer was only late."""
        pair.far.answers["load"] = ""
        pair.bench.plan(PATIENCE_SECONDS + 1, lambda: pair.far.send_raw(2 * "<00 ok 2a 1cc307b0\n"))

        assert pair.near.load(4, 0x1000) == 42
        pair.far.answers["load"] = "ok 7"
        assert pair.near.load(4, 0x2000) == 7
        assert pair.near.statistics.stale == 1

    def test_the_transcript_tells_nothing_of_repetitions(self, tmp_path: Path) -> None:
        pair = Pair(tmp_path, request=Fate(["damage", "lose"]), answer=Fate(["pass", "damage"]))
        pair.near.load(4, 0x1000)

        assert pair.transcript() == [">00 load 4 1000", "<00 ok 2a"]

    def test_noise_does_not_prolong_patience(self, tmp_path: Path) -> None:
        pair = Pair(tmp_path, request=Fate(["lose"]))
        for tenth in range(100):
            pair.bench.says("com1", b"[  1.0] chatter\n", at=tenth / 10)

        assert pair.near.load(4, 0x1000) == 42
        assert pair.bench.clock.now == pytest.approx(PATIENCE_SECONDS)


class TestSilence:
    def test_names_probe_question_and_last_step(self, pair: Pair) -> None:
        pair.near.load(4, 0x1000)
        pair.far.answers["load"] = ""

        with pytest.raises(Silence, match="probe a did not answer `load 4 2000` within 10 s") as caught:
            pair.near.load(4, 0x2000)
        assert pair.bench.clock.now == ANSWER_SECONDS
        assert caught.value.last_step == "probe a answered `load 4 1000`"

    def test_leaves_the_link_usable(self, pair: Pair) -> None:
        """And an answer that comes after all is not taken for that to the next request."""
        pair.far.answers["load"] = ""
        with pytest.raises(Silence):
            pair.near.load(4, 0x1000)
        pair.far._send("<00 ok 2a")
        pair.far.answers["load"] = "ok 7"

        assert pair.near.load(4, 0x2000) == 7

    def test_is_what_silent_asks_for(self, pair: Pair) -> None:
        assert pair.near.silent(1.0) is False
        pair.far.answers["hello"] = ""

        assert pair.near.silent(1.0) is True
        assert pair.bench.clock.now == 1.0

    def test_that_was_not_final_does_no_harm(self, pair: Pair) -> None:
        """The answer comes after `silent` has given up."""
        pair.far.answers["hello"] = ""
        assert pair.near.silent(1.0) is True
        pair.far._send("<00 ok 1 linux 100000 8000 3f8 4")

        assert pair.near.load(4, 0x1000) == 42

    def test_is_over_when_the_partition_starts_again(self, pair: Pair) -> None:
        pair.near.last("out", 1, 0xCF9, 6)
        pair.far.answers["hello"] = ""
        pair.bench.plan(1, pair.far.restart)

        assert pair.near.silent(5.0) is False
        assert pair.bench.clock.now == 1


class TestCrash:
    def test_a_hello_that_nobody_asked_for_is_a_restart(self, pair: Pair) -> None:
        pair.bench.plan(1, pair.far.restart)
        pair.far.answers["load"] = ""

        with pytest.raises(MachineCrash, match="its partition has restarted"):
            pair.near.load(4, 0x1000)
        assert pair.bench.clock.now == 1

    def test_a_hello_that_was_waited_for_is_none(self, pair: Pair) -> None:
        pair.bench.plan(1, pair.far.restart)

        assert pair.near.wait_hello(pair.bench.within(5)).base == 0x100000
        assert pair.near.load(4, 0x1000) == 42

    def test_after_last_a_hello_is_no_surprise(self, pair: Pair) -> None:
        pair.near.last("out", 1, 0xCF9, 6)
        pair.far.restart()

        assert pair.near.silent(1.0) is False
        assert pair.near.wait_hello(pair.bench.within(5)).start == "linux"

    def test_a_last_that_came_back_restores_the_surprise(self, pair: Pair) -> None:
        pair.near.last("out", 1, 0xCF9, 6)
        pair.far.event("survived", "ok")
        assert pair.near.wait_survived(pair.bench.within(5)).status == "ok"
        pair.far.restart()

        with pytest.raises(MachineCrash, match="restarted"):
            pair.near.load(4, 0x1000)

    def test_a_lost_probe_says_what_it_met(self, pair: Pair) -> None:
        pair.far.event("lost", *RECORD.split())

        with pytest.raises(MachineCrash, match="probe a is lost: it met exception 6 at 0x100010"):
            pair.near.load(4, 0x1000)

    def test_an_answer_to_nothing_is_garbage(self, pair: Pair) -> None:
        pair.far._send("<77 ok 1")

        with pytest.raises(MachineCrash, match="sent garbage: an answer with the number 77"):
            pair.near.load(4, 0x1000)

    def test_endless_damage_is_garbage_long_before_the_deadline(self, pair: Pair) -> None:
        pair.far.answers["load"] = ""
        for _ in range(GARBAGE_LIMIT):
            pair.far.send_raw("<00 ok zzzz\n")

        with pytest.raises(MachineCrash, match="cost 16 damaged lines"):
            pair.near.load(4, 0x1000)
        assert pair.bench.clock.now == 0

    def test_lost_events_are_counted(self, pair: Pair) -> None:
        pair.bench.plan(0, pair.far.restart)
        pair.near.wait_hello(pair.bench.within(1))
        pair.far._events += 2
        pair.far.event("begun")
        pair.near.load(4, 0x1000)

        assert pair.near.statistics.lost_events == 2


class TestPending:
    def test_one_request_at_a_time(self, pair: Pair) -> None:
        pending = pair.near.begin("load", 4, 0x1000)

        with pytest.raises(HarnessError, match="while `load 4 1000` is under way"):
            pair.near.load(4, 0x2000)
        assert pending.result().number() == 42

    def test_a_watch_is_not_ended_by_our_own_impatience(self, pair: Pair) -> None:
        watch = pair.near.watch(1000, 5)
        pair.far.event("begun")
        watch.wait_begun(pair.bench.within(5))
        pair.bench.clock.advance(20)
        pair.near.statistics.repeated = 0
        written = len(pair.bench.streams["com1"].written)
        with pytest.raises(Silence):
            pair.near._link.wait(lambda: False, "anything", pair.bench.within(5))

        assert len(pair.bench.streams["com1"].written) == written

    def test_a_watch_ends_when_its_result_is_wanted(self, pair: Pair) -> None:
        watch = pair.near.watch(1000, 5)
        pair.far.event("begun")
        watch.wait_begun(pair.bench.within(5))
        pair.bench.streams["com1"].on_write = lambda data: pair.far._send("<00 ok 5 0 0 0")

        assert watch.result(pair.bench.within(5)).ticks == 5
        assert pair.transcript() == [">00 watch 3e8 5", "!00 begun", "<00 ok 5 0 0 0"]

    def test_numbers_wrap(self, pair: Pair) -> None:
        for _ in range(300):
            pair.near.load(4, 0x1000)

        assert pair.transcript()[-2] == f">{299 & 0xFF:02x} load 4 1000"
