"""What hypothesis draws from, for more than one test."""

import itertools

from hypothesis import strategies as st


def splits(data: bytes) -> st.SearchStrategy[list[bytes]]:
    """Every way to cut bytes into chunks."""
    cuts = st.sets(st.integers(0, len(data)), max_size=40)
    return cuts.map(lambda places: cut(data, places))


def cut(data: bytes, places: set[int]) -> list[bytes]:
    """Cut at the places, and leave no chunk empty: an empty one would mean the end."""
    edges = sorted({0, len(data)} | places)
    return [data[a:b] for a, b in itertools.pairwise(edges)]


words = st.from_regex(r"[a-z][a-z0-9-]{0,8}", fullmatch=True)
numbers = st.integers(0, (1 << 64) - 1)
arguments = st.lists(st.one_of(numbers, words, st.binary(max_size=20)), max_size=8)
