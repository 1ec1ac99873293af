"""What Allure is told beside the tests."""

import json
from pathlib import Path

from reports.allure import write_allure_extras
from tests.reporting.conftest import Judged, ended


def test_environment_is_one_line_a_fact(judged: Judged, tmp_path: Path) -> None:
    directory = tmp_path / "allure-results"
    directory.mkdir()
    write_allure_extras(judged({"m::a": ended("FAIL", "x")}), directory)
    lines = (directory / "environment.properties").read_text().splitlines()

    assert "outcome = not conformant" in lines
    assert "images = twin-probes" in lines
    assert all(" = " in line for line in lines)
    names = [category["name"] for category in json.loads((directory / "categories.json").read_text())]
    assert len(names) == 4


def test_nothing_is_written_where_allure_did_not_run(judged: Judged, tmp_path: Path) -> None:
    write_allure_extras(judged({"m::a": ended("PASS")}), tmp_path / "allure-results")

    assert not (tmp_path / "allure-results").exists()
