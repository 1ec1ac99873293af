"""Evidence is on disk before the run goes on, is only ever appended, and a disk that is full is said so."""

import json
from pathlib import Path

import pytest

from harness.errors import InfraError
from harness.evidence import EvidenceWriter, slug
from harness.records import Begin, End, read_evidence
from harness.verdict import Verdict

TEST = "suites/memory/test_base.py::test_is_it[twin-probes-a-b]"


def test_what_is_written_reads_back(tmp_path: Path) -> None:
    writer = EvidenceWriter(tmp_path, "gw0")
    writer.begin(TEST, ("MEM-01",), "twin-probes", "qemu-q35")
    writer.end(End(test=TEST, verdict=Verdict.PASS, phase="call", seconds=0.1))

    first, second = read_evidence(tmp_path)

    assert isinstance(first, Begin)
    assert first.requirements == ("MEM-01",)
    assert isinstance(second, End)
    assert second.verdict is Verdict.PASS


def test_each_line_is_there_while_the_writer_still_runs(tmp_path: Path) -> None:
    writer = EvidenceWriter(tmp_path, "gw0")

    writer.begin(TEST, ("MEM-01",), "", "qemu-q35")

    (path,) = (tmp_path / "evidence").iterdir()
    assert json.loads(path.read_text())["type"] == "begin"


def test_a_second_run_appends(tmp_path: Path) -> None:
    for _ in range(2):
        EvidenceWriter(tmp_path, "gw0").begin(TEST, (), "", "qemu-q35")

    assert len(list(read_evidence(tmp_path))) == 2


def test_workers_write_files_of_their_own(tmp_path: Path) -> None:
    for worker in ("gw0", "gw1"):
        EvidenceWriter(tmp_path, worker).begin(TEST, (), "", "qemu-q35")

    assert len(read_evidence(tmp_path).files) == 2


def test_a_directory_that_cannot_be_made_is_refused_at_once(tmp_path: Path) -> None:
    (tmp_path / "evidence").write_text("a file in the way")

    with pytest.raises(InfraError, match="cannot write evidence"):
        EvidenceWriter(tmp_path, "gw0")


def test_a_full_disk_is_said_so(tmp_path: Path) -> None:
    (tmp_path / "evidence").mkdir()
    (tmp_path / "evidence" / "attempts-gw0.jsonl").symlink_to("/dev/full")
    writer = EvidenceWriter(tmp_path, "gw0")

    with pytest.raises(InfraError, match="No space left"):
        writer.begin(TEST, (), "", "qemu-q35")


def test_provenance_is_whole_or_not_there(tmp_path: Path) -> None:
    writer = EvidenceWriter(tmp_path, "gw0")

    writer.provenance("session", {"commit": "abc"})

    names = sorted(path.name for path in (tmp_path / "evidence").iterdir())
    assert names == ["attempts-gw0.jsonl", "provenance-session.json"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (TEST, TEST.replace("a-b", "b-a")),
        (TEST, TEST.replace("twin-probes", "twin-probes-zero")),
        (TEST, TEST.replace("test_base", "test_edges")),
    ],
)
def test_every_test_has_a_log_directory_of_its_own(one: str, other: str) -> None:
    assert slug(one) != slug(other)
    assert "/" not in slug(one)
