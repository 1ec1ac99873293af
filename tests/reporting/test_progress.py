"""Live progress, on a terminal and in a log, while evidence grows."""

import io
from pathlib import Path

from harness.deadline import FakeClock
from harness.records import Begin, End, Planned, Record
from harness.verdict import Blame, Verdict
from reports.progress import LOG_SECONDS, Follower, Progress

TESTS = ("suites/a.py::one", "suites/a.py::two", "suites/b.py::three")


def begin(test: str) -> Begin:
    time = "2026-01-01T00:00:00Z"
    line = {"test": test, "requirements": (), "image": "", "board": "", "time": time, "worker": "gw0"}
    return Begin.model_validate(line)


def end(test: str, verdict: Verdict = Verdict.PASS, reason: str = "") -> End:
    blame = Blame.INFRA if verdict is Verdict.ERROR else None
    return End(test=test, verdict=verdict, blame=blame, reason=reason, phase="call", seconds=0.1)


def shown(records: list[Record], terminal: bool = False) -> str:
    out = io.StringIO()
    progress = Progress(out, terminal, FakeClock())
    progress.take(records)
    progress.close()
    return out.getvalue()


def test_a_line_for_each_module_that_is_through() -> None:
    records: list[Record] = [Planned(tests=TESTS), *(end(test) for test in TESTS[:2])]

    assert shown(records) == " 0:00     2/3  suites/a.py: 2 PASS\n"


def test_several_workers_plan_the_same() -> None:
    plan = Planned(tests=TESTS)
    text = shown([plan, end(TESTS[0]), plan, end(TESTS[1]), end(TESTS[2])])

    assert text.splitlines() == [" 0:00     2/3  suites/a.py: 2 PASS", " 0:00     3/3  suites/b.py: 1 PASS"]


def test_failures_are_told_at_once() -> None:
    records: list[Record] = [
        Planned(tests=TESTS),
        end(TESTS[0], Verdict.CRASH, "panic \x1b[2J on com4\nmore"),
        end(TESTS[2], Verdict.ERROR, "no QEMU"),
    ]

    assert shown(records).splitlines() == [
        "CRASH suites/a.py::one",
        r"      panic \x1b[2J on com4",
        "ERROR (infra) suites/b.py::three",
        "      no QEMU",
        " 0:00     2/3  suites/b.py: 1 ERROR",
    ]


def test_a_terminal_counts_in_one_line_and_is_left_clean() -> None:
    text = shown([Planned(tests=TESTS), begin(TESTS[0])], terminal=True)

    assert "\n" not in text
    assert "0/3" in text
    assert "suites/a.py::one" in text
    assert text.endswith("\r\x1b[K")


def test_a_log_is_never_silent_for_long() -> None:
    out, clock = io.StringIO(), FakeClock()
    progress = Progress(out, False, clock)
    progress.take([Planned(tests=TESTS), begin(TESTS[0])])
    assert out.getvalue() == ""

    clock.advance(LOG_SECONDS)
    progress.take([])
    progress.take([])

    assert out.getvalue() == " 0:10     0/3  collecting  suites/a.py::one\n"


def test_follower_waits_for_whole_lines_and_skips_damaged_ones(tmp_path: Path) -> None:
    (tmp_path / "evidence").mkdir()
    path = tmp_path / "evidence" / "attempts-gw0.jsonl"
    line = Planned(tests=TESTS).model_dump_json()
    follower = Follower(tmp_path)
    seen: list[Record] = []

    with path.open("a") as file:
        for piece in ("nonsense\n", line[:10], line[10:], "\n" + line, "\n"):
            file.write(piece)
            file.flush()
            seen += follower.news()

    assert seen == [Planned(tests=TESTS)] * 2
    assert list(follower.news()) == []
