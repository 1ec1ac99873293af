"""Two runs are the same, or it is said where they part."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from commands.compare import compare as command
from harness.catalogue import load_catalogue
from harness.comparison import compare
from harness.errors import UsageError
from harness.judge import judge

GOLDEN = Path(__file__).parent / "golden"
TRANSCRIPT = Path("logs/some-test/probe-a.txt")


def finished(case: str, directory: Path, cost: int = 50) -> Path:
    """Make a finished run of a golden one: its evidence with a measurement, results and a transcript."""
    shutil.copytree(GOLDEN / case, directory)
    attempts = directory / "evidence" / "attempts-gw0.jsonl"
    measured = f'{{"type":"measure","test":"m.py::two","name":"cost","value":{cost},"unit":"instructions"}}\n'
    *before, end = attempts.read_text().splitlines(keepends=True)
    attempts.write_text("".join([*before, measured, end]))
    catalogue = load_catalogue(GOLDEN / "requirements.toml")
    (directory / "results.json").write_text(judge(directory, catalogue).to_json())
    (directory / TRANSCRIPT).parent.mkdir(parents=True)
    (directory / TRANSCRIPT).write_text(">00 hello\n<00 ok 1\n")
    return directory


@pytest.fixture
def first(tmp_path: Path) -> Path:
    return finished("conformant", tmp_path / "first")


@pytest.fixture
def second(tmp_path: Path) -> Path:
    return finished("conformant", tmp_path / "second")


def test_a_run_is_the_same_as_its_repetition(first: Path, second: Path) -> None:
    found = compare(first, second)

    assert found.differences == ()
    assert found.compared["verdicts"] > 0
    assert found.compared["transcripts and consoles"] == 1


def test_a_byte_on_a_line_is_a_difference(first: Path, second: Path) -> None:
    (second / TRANSCRIPT).write_text(">00 hello\n<00 ok 2\n")

    (difference,) = compare(first, second).differences

    assert (difference.where, difference.first, difference.second) == (
        str(TRANSCRIPT),
        "<00 ok 1",
        "<00 ok 2",
    )


def test_a_missing_transcript_is_a_difference(first: Path, second: Path) -> None:
    (first / TRANSCRIPT).unlink()

    (difference,) = compare(first, second).differences

    assert (difference.first, difference.second) == ("", ">00 hello")


def test_an_empty_transcript_is_not_a_missing_one(first: Path, second: Path) -> None:
    (first / TRANSCRIPT).unlink()
    (second / TRANSCRIPT).write_text("")

    assert len(compare(first, second).differences) == 1


def test_a_verdict_is_a_difference(first: Path, tmp_path: Path) -> None:
    failed = finished("failed", tmp_path / "failed")

    parted = {difference.where: difference for difference in compare(first, failed).differences}

    assert parted["m.py::one"].first == "PASS"
    assert parted["m.py::one"].second == "FAIL | wrong byte"
    assert "m.py::two" in parted


def test_a_measured_number_is_a_difference(first: Path, tmp_path: Path) -> None:
    slower = finished("conformant", tmp_path / "slower", cost=51)

    (difference,) = compare(first, slower).differences

    assert (difference.first, difference.second) == ("50 instructions", "51 instructions")


def test_what_holds_no_results_is_refused(first: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="holds no results"):
        compare(first, tmp_path)


def test_the_command_says_it_with_its_exit_code(first: Path, second: Path) -> None:
    same = CliRunner().invoke(command, [str(first), str(second)])
    (second / TRANSCRIPT).write_text("")
    different = CliRunner().invoke(command, [str(first), str(second)])

    assert (same.exit_code, different.exit_code) == (0, 1)
    assert "no differences" in same.output
    assert str(TRANSCRIPT) in different.output
