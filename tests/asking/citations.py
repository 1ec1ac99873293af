"""A pytest plugin: prints which requirements are due and cited by no test that was collected."""

import pytest

from fixtures.evidence import SUITES, requirements
from harness.catalogue import load_catalogue


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    session = terminalreporter._session
    assert session is not None
    cited = {name for item in session.items for name in requirements(item)}
    catalogue = load_catalogue(SUITES / "requirements.toml")
    due = [each.id for each in catalogue.requirement if each.since == catalogue.release]
    uncited = [name for name in due if name not in cited]
    terminalreporter.write_line(f"uncited: {' '.join(uncited) or 'none'}")
