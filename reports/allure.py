"""What Allure shows beside the tests that allure-pytest recorded: what they ran on, and kinds of failure.

Written into `allure-results/`, where Allure looks for these two files by name.
"""

import json
from pathlib import Path

from harness.results import Results
from reports.visible import visible

CATEGORIES = [
    {"name": "The system under test died (CRASH)", "messageRegex": r"(?s).*MachineCrash.*|.*Silence.*"},
    {"name": "The system under test broke a requirement (FAIL)", "matchedStatuses": ["failed"]},
    {"name": "Could not ask (ERROR)", "matchedStatuses": ["broken"]},
    {"name": "A condition was not met (SKIP)", "matchedStatuses": ["skipped"]},
]


def write_allure_extras(results: Results, directory: Path) -> None:
    """Writes environment and categories, if there are results for Allure at all."""
    if not directory.is_dir():
        return
    (directory / "categories.json").write_text(json.dumps(CATEGORIES, indent=2) + "\n", encoding="utf-8")
    facts = {
        "outcome": results.outcome.value,
        "why": results.why,
        "boards": ", ".join(sorted({test.board for test in results.tests if test.board})),
        "images": ", ".join(sorted({test.image for test in results.tests if test.image})),
        "catalogue": results.release,
    }
    lines = [f"{key} = {_escaped(value)}\n" for key, value in facts.items()]
    (directory / "environment.properties").write_text("".join(lines), encoding="utf-8")


def _escaped(value: str) -> str:
    """As Java reads properties: one line, backslashes doubled."""
    return visible(value).replace("\\", "\\\\").replace("\n", "\\n")
