"""Of a log, the telling part is shown: its end, and the line that gave the death away."""

import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from reports.excerpt import AROUND_LINES, LINE_CHARACTERS, TAIL_BYTES, TAIL_LINES, excerpt

MANY = 500


def numbered(count: int) -> list[bytes]:
    return [f"line {number:03}".encode() for number in range(count)]


def lines_of(tmp_path: Path, content: bytes, reason: str = "") -> list[str]:
    path = tmp_path / "console.log"
    path.write_bytes(content)
    return [("> " if line.hit else "") + line.text for line in excerpt(path, "console.log", reason).lines]


def test_short_log_is_shown_whole(tmp_path: Path) -> None:
    assert lines_of(tmp_path, b"one\r\ntwo\n\nend without newline") == [
        "one",
        "two",
        "",
        "end without newline",
    ]


def test_of_a_long_log_the_tail_is_shown(tmp_path: Path) -> None:
    shown = lines_of(tmp_path, b"\n".join(numbered(MANY)))

    assert shown[0] == f"… {MANY - TAIL_LINES} lines left out …"
    assert shown[1:] == [f"line {number:03}" for number in range(MANY - TAIL_LINES, MANY)]


def test_crash_above_the_tail_is_shown_with_its_surroundings(tmp_path: Path) -> None:
    log = numbered(MANY)
    log[100] = b"mrmc: panic: processor 1"
    shown = lines_of(tmp_path, b"\n".join(log))

    assert shown[0] == f"… {100 - AROUND_LINES} lines left out …"
    assert shown[1 + AROUND_LINES] == "> mrmc: panic: processor 1"
    assert shown[2 + 2 * AROUND_LINES].endswith("lines left out …")
    assert len(shown) == 1 + 2 * AROUND_LINES + 1 + 1 + TAIL_LINES


def test_crash_just_above_the_tail_leaves_no_empty_gap(tmp_path: Path) -> None:
    log = numbered(MANY)
    log[MANY - TAIL_LINES - 1] = b"Kernel panic - not syncing"
    shown = lines_of(tmp_path, b"\n".join(log))

    assert [line for line in shown if line.startswith("…")] == [shown[0]]
    assert shown[1 + AROUND_LINES] == "> Kernel panic - not syncing"


def test_line_that_the_reason_quotes_is_a_hit(tmp_path: Path) -> None:
    log = b"something else\nexit 0x7b at 0x1000\n  \n"

    assert lines_of(tmp_path, log, "unexpected: exit 0x7b at 0x1000") == [
        "something else",
        "> exit 0x7b at 0x1000",
        "  ",
    ]


def test_huge_log_is_read_from_its_end_only(tmp_path: Path) -> None:
    shown = lines_of(tmp_path, b"x" * (TAIL_BYTES + 1000))
    assert shown == ["… 1,000 bytes left out …", "x" * LINE_CHARACTERS + "…"]

    shown = lines_of(tmp_path, b"x\n" * TAIL_BYTES)
    assert shown[0] == f"… {TAIL_BYTES:,} bytes and {TAIL_BYTES // 2 - TAIL_LINES} lines left out …"
    assert len(shown) == 1 + TAIL_LINES


@given(st.binary(max_size=2000))
def test_any_bytes_become_printable_lines_of_bounded_length(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as directory:
        shown = lines_of(Path(directory), content)

    assert all(line.isprintable() and len(line) <= LINE_CHARACTERS + 3 for line in shown)
