"""Where results go."""

from pathlib import Path

import pytest

import commands.preflight
from commands.preflight import make_results
from harness.errors import UsageError


def test_default_is_a_new_directory_and_latest_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands.preflight, "RESULTS", tmp_path / "results")

    first, second = make_results(None), make_results(None)

    assert first != second
    assert (tmp_path / "results" / "latest").resolve() == second
    assert sorted(path.name for path in (tmp_path / "results").iterdir()) == sorted(
        [first.name, second.name, "latest"]
    )


def test_a_directory_with_something_in_it_is_refused(tmp_path: Path) -> None:
    (tmp_path / "results.json").touch()

    with pytest.raises(UsageError, match="is not empty"):
        make_results(tmp_path)
