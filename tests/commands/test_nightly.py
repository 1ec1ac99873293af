"""The night: every row can be asked, none hides another, and what came of all is found afterwards."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from commands import main, nightly
from commands.profile import rows, steps
from commands.step import Command, Step
from harness.image import DEFAULT_IMAGES, load_board, load_manifest
from harness.image.document import names
from harness.image.manifest import FOLDER as MANIFESTS


def every() -> list[Step]:
    return steps(Path("DIR"), None)


def test_every_row_names_images_and_a_board_that_are_there() -> None:
    for row in rows():
        load_board(row.board)
        assert [load_manifest(image).name for image in row.images] == list(row.images)


def test_every_row_has_a_name_and_a_directory_of_its_own() -> None:
    assert len({step.name for step in every()}) == len(every())
    assert all(f"--out DIR/{step.name}" in " ".join(step.commands()[0].words) for step in every())


def test_every_image_is_asked_here_or_by_the_self_test_but_peers_and_bare_machines() -> None:
    asked = {image for row in rows() for image in row.images}

    assert asked | set(DEFAULT_IMAGES) == {name for name in names(MANIFESTS) if not name.startswith("bare-")}


def test_with_threads_it_is_asked_who_has_processors_of_its_own_who_shares_one_and_who_has_two() -> None:
    asked = {image for row in rows() if not load_board(row.board).is_counted for image in row.images}

    assert {"twin-probes", "twin-probes-shared", "twin-linux", "twin-linux-shared", "linux-smp"} <= asked


def test_only_a_row_with_threads_takes_two_lanes() -> None:
    assert all(
        step.lanes == 1 + row.board.endswith("-threads") for row, step in zip(rows(), every(), strict=True)
    )


def test_a_row_that_is_asked_twice_is_compared() -> None:
    (same,) = (step for step in every() if step.name.startswith("same"))

    first, again, compare = (command.words for command in same.commands())
    assert same.in_turn
    assert first[-1:] + again[-1:] == compare[-2:]


def test_the_fifty_restarts_are_not_forgotten() -> None:
    (restarts,) = (row for row in rows() if row.name.startswith("restarts"))

    assert "--rounds" not in restarts.narrowed


def test_a_row_that_fails_hides_none_behind_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def three(out: Path, rounds: int | None) -> list[Step]:
        codes = {"first": 0, "second": 1, "third": 0}
        commands = {name: [Command(["sh", "-c", f"exit {code}"])] for name, code in codes.items()}
        return [Step(name, "a row", lambda words=words: words) for name, words in commands.items()]  # type: ignore[misc]

    monkeypatch.setattr(nightly, "steps", three)
    answer = CliRunner().invoke(main, ["nightly", "--out", str(tmp_path / "out")])

    assert answer.exit_code == 1
    assert "2 of 3 steps passed" in answer.output
    summary = (tmp_path / "out" / "summary.txt").read_text().splitlines()
    said = {line.split()[0]: line for line in summary}
    assert set(said) == {"first", "second", "third"}
    assert "no results: a command ended with 1" in said["second"]


def test_what_came_of_rows_is_kept_if_the_night_is_interrupted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt() -> list[Command]:
        raise KeyboardInterrupt

    two = [Step("first", "a row", list), Step("second", "a row", interrupt)]
    monkeypatch.setattr(nightly, "steps", lambda out, rounds: two)
    CliRunner().invoke(main, ["nightly", "-n", "1", "--out", str(tmp_path / "out")])

    (line,) = (tmp_path / "out" / "summary.txt").read_text().splitlines()
    assert line.startswith("first ")


def test_a_row_that_is_not_there_is_refused_before_anything_starts(tmp_path: Path) -> None:
    words = ["nightly", "--only", "nonsense", "--out", str(tmp_path / "out")]

    answer = CliRunner().invoke(main, words)

    assert answer.exit_code == 2
    assert "there is no step 'nonsense'; the nearest is" in answer.output
    assert not (tmp_path / "out").exists()
