"""`mrm report`: everything can be computed again from the evidence."""

import json
import shutil
from pathlib import Path

from click.testing import CliRunner

from commands import main
from tests.certifying.conftest import GOLDEN

REPORTS = ("results.json", "junit.xml", "report.html")


def evidence(directory: Path, case: str) -> Path:
    shutil.copytree(GOLDEN.parent / case, directory)
    shutil.copy(GOLDEN, directory)
    return directory


def test_again_gives_the_same_bytes_wherever_the_directory_lies(tmp_path: Path) -> None:
    first, second = evidence(tmp_path / "a", "failed"), evidence(tmp_path / "b" / "c", "failed")

    for directory in (first, second):
        assert CliRunner().invoke(main, ["report", str(directory)]).exit_code == 1

    for name in REPORTS:
        assert (first / name).read_bytes() == (second / name).read_bytes()


def test_exit_codes_are_those_of_certify(tmp_path: Path) -> None:
    for case, code in (("conformant", 0), ("failed", 1), ("nothing", 3)):
        directory = evidence(tmp_path / case, case)
        assert CliRunner().invoke(main, ["report", str(directory)]).exit_code == code


def test_a_directory_without_evidence_is_refused(tmp_path: Path) -> None:
    answer = CliRunner().invoke(main, ["report", str(tmp_path)])

    assert answer.exit_code == 2
    assert "holds no evidence" in answer.output


def test_schema() -> None:
    answer = CliRunner().invoke(main, ["report", "--schema"])

    assert json.loads(answer.output)["properties"]["schema"]["const"] == "mrm-results/1"
