"""From raw evidence to all reports of a results directory, in one step that can be repeated at any time."""

from pathlib import Path

from harness.catalogue import load_catalogue
from harness.errors import UsageError
from harness.judge import judge
from harness.results import Results
from reports.allure import write_allure_extras
from reports.html import render_html
from reports.junit import render_junit

CATALOGUE = "requirements.toml"
"""The catalogue as it was when the questions were asked, kept beside the evidence."""


def write_reports(directory: Path) -> Results:
    """Judges a results directory, and writes `results.json`, `junit.xml`, `report.html`, extras for Allure.

    Raises:
      UsageError: it holds no evidence, or no catalogue.
    """
    if not (directory / "evidence").is_dir():
        raise UsageError(
            f"{directory} holds no evidence",
            why="verdicts are computed from DIR/evidence/attempts-*.jsonl and from nothing else",
            todo="name a directory that `mrm certify` wrote, such as results/latest",
        )
    results = judge(directory, load_catalogue(directory / CATALOGUE))
    (directory / "results.json").write_text(results.to_json(), encoding="utf-8")
    (directory / "junit.xml").write_text(render_junit(results), encoding="utf-8")
    (directory / "report.html").write_text(render_html(results, directory), encoding="utf-8")
    write_allure_extras(results, directory / "allure-results")
    return results
