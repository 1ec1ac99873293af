"""Lines: the same ones, wherever the stream was cut."""

from hypothesis import given
from hypothesis import strategies as st

from harness.console import LineReader
from tests.strategies import splits

bytes_with_lines = st.lists(st.sampled_from([b"a", b"bc", b"\n", b"\r", b"\r\n", b"\xff", b"-" * 9])).map(
    b"".join
)


def read(chunks: list[bytes], limit: int = 65536) -> tuple[list[bytes], bytes]:
    reader = LineReader(limit)
    return [line for chunk in chunks for line in reader.feed(chunk)], reader.rest


@given(st.data(), bytes_with_lines, st.integers(1, 12))
def test_chunk_edges_do_not_matter(data: st.DataObject, stream: bytes, limit: int) -> None:
    assert read(data.draw(splits(stream)), limit) == read([stream], limit)


@given(bytes_with_lines)
def test_nothing_is_lost_but_carriage_returns(stream: bytes) -> None:
    lines, rest = read([stream])

    assert b"\n".join([*lines, rest]) == stream.replace(b"\r", b"")


@given(bytes_with_lines, st.integers(1, 12))
def test_no_line_is_longer_than_the_limit(stream: bytes, limit: int) -> None:
    lines, rest = read([stream], limit)

    assert max(map(len, [*lines, rest])) <= limit


def test_a_line_without_end_is_not_a_line_yet() -> None:
    assert read([b"one\ntwo"]) == ([b"one"], b"two")
