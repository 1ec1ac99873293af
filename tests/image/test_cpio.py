"""The archive of an initrd: its form, read by a reader written for the test from the kernel's description."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.image.cpio import Entry, archive

FIELDS = ["ino", "mode", "uid", "gid", "nlink", "mtime", "filesize"]
FIELDS += ["devmajor", "devminor", "rdevmajor", "rdevminor", "namesize", "check"]

names = st.text("abc.-", min_size=1, max_size=9).filter(lambda name: name not in {".", ".."})
entries = st.dictionaries(names, st.binary(max_size=40).map(Entry.file), max_size=8)


def read(data: bytes) -> Iterator[tuple[str, dict[str, int], bytes]]:
    """Yields name, header and content of each member."""
    at = 0
    while True:
        assert data[at : at + 6] == b"070701"
        values = [int(data[at + 6 + 8 * index : at + 14 + 8 * index], 16) for index in range(len(FIELDS))]
        header = dict(zip(FIELDS, values, strict=True))
        start = at + 110
        name = data[start : start + header["namesize"]]
        assert name.endswith(b"\0")
        content = -(-(start + header["namesize"]) // 4) * 4
        end = content + header["filesize"]
        if name == b"TRAILER!!!\0":
            assert data[content:] == b""
            return
        yield name[:-1].decode(), header, data[content:end]
        at = -(-end // 4) * 4


@given(entries=entries)
def test_what_goes_in_comes_out(entries: dict[str, Entry]) -> None:
    members = list(read(archive(entries)))

    assert {name: content for name, _, content in members} == {
        name: entry.data for name, entry in entries.items()
    }
    assert len({header["ino"] for _, header, _ in members}) == len(members)


@given(entries=entries)
def test_the_order_in_which_it_was_given_does_not_show(entries: dict[str, Entry]) -> None:
    assert archive(dict(reversed(entries.items()))) == archive(entries)


def test_directories_come_before_what_lies_in_them_without_being_named() -> None:
    members = list(read(archive({"a/b/c": Entry.file(b"x"), "a/d": Entry.directory()})))

    assert [name for name, _, _ in members] == ["a", "a/b", "a/b/c", "a/d"]
    assert [header["mode"] for _, header, _ in members] == [0o40755, 0o40755, 0o100755, 0o40755]


def test_nobody_can_tell_who_wrote_it_and_when() -> None:
    for _, header, _ in read(archive({"bin/sh": Entry.link("busybox"), "init": Entry.file(b"x")})):
        assert header["uid"] == header["gid"] == header["mtime"] == 0


@pytest.mark.parametrize(
    ("entry", "is_file"),
    [(Entry.file(b"x"), True), (Entry.link("x"), False), (Entry.directory(), False)],
    ids=["file", "link", "directory"],
)
def test_which_are_files(entry: Entry, is_file: bool) -> None:
    assert entry.is_file is is_file
