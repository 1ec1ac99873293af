"""What a person or a script sees of `mrm`: help that teaches, errors in three parts, exit codes."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from commands import COMMANDS, exit_code, main
from harness.errors import (
    HarnessError,
    ImageError,
    InfraError,
    MachineCrash,
    Misbehaved,
    MrmError,
    UsageError,
)

WRONG = Path(__file__).parents[1] / "wrong"


def mrm(*words: str) -> Result:
    return CliRunner().invoke(main, list(words), prog_name="mrm")


class TestHelp:
    def test_names_every_command(self) -> None:
        result = mrm("--help")

        assert result.exit_code == 0
        assert all(f"\n  {command} " in result.output for command in COMMANDS)

    @pytest.mark.parametrize("command", COMMANDS)
    def test_of_a_command_shows_how_to_call_it(self, command: str) -> None:
        result = mrm(command, "--help")

        assert result.exit_code == 0
        assert f"Usage: mrm {command}" in result.output

    @pytest.mark.parametrize("words", ["certify", "run", "selftest", "image check", "board check"])
    def test_of_what_people_call_daily_has_examples_and_exit_codes(self, words: str) -> None:
        output = mrm(*words.split(), "--help").output

        assert f"\n    mrm {words}" in output
        assert "Exit codes: 0" in output


class TestExitCodes:
    @pytest.mark.parametrize(
        ("error", "code"),
        [
            (UsageError("x"), 2),
            (MachineCrash("x"), 1),
            (Misbehaved("x"), 1),
            (InfraError("x"), 3),
            (HarnessError("x"), 3),
            (ImageError("x"), 3),
        ],
    )
    def test_of_an_error_say_who_is_to_blame(self, error: MrmError, code: int) -> None:
        assert exit_code(error) == code

    @pytest.mark.parametrize(
        "words",
        [
            ["nonsense"],
            ["run"],
            ["run", "nonsense"],
            ["image", "check", "nonsense.toml"],
            ["image", "check", "twin-probes", "--board", "nonsense"],
            ["image", "build", "nonsense"],
            ["board", "check", "nonsense"],
            ["selftest", "--only", "nonsense"],
            ["run", str(WRONG / "image-memory-of-neighbour.toml")],
        ],
        ids=" ".join,
    )
    def test_2_for_wrong_usage_or_input(self, words: list[str]) -> None:
        assert mrm(*words).exit_code == 2

    @pytest.mark.parametrize("words", ["board check qemu-pc", "board list", "image list"])
    def test_0_for_what_is_right(self, words: str) -> None:
        assert mrm(*words.split()).exit_code == 0

    @pytest.mark.parametrize("cause", [RuntimeError("a mistake of ours"), KeyboardInterrupt()], ids=repr)
    def test_3_for_what_nobody_foresaw(self, cause: BaseException, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(_: object) -> None:
            raise cause

        monkeypatch.setattr("commands.board.load_board", fail)
        result = mrm("board", "check", "qemu-pc")

        assert result.exit_code == 3
        assert ("a mistake of ours" in result.stderr) != ("interrupted" in result.stderr)


class TestErrors:
    def test_have_three_parts_and_no_traceback(self) -> None:
        result = mrm("image", "check", str(WRONG / "image-processor-twice.toml"))

        assert result.stderr.startswith("mrm: ")
        assert "\n  why: " in result.stderr
        assert "\n  do:  " in result.stderr
        assert "Traceback" not in result.output

    def test_name_file_key_and_reason(self) -> None:
        path = WRONG / "image-key-misspelt.toml"

        lines = mrm("image", "check", str(path)).stderr.splitlines()

        assert str(path) in lines[0]
        assert any("partition[1].procesors" in line and '"processors"' in line for line in lines)

    def test_of_a_board_file_too(self) -> None:
        result = mrm("board", "check", str(WRONG / "board-port-reversed.toml"))

        assert result.exit_code == 2
        assert "device.rtc.ports[0]" in result.stderr


def test_a_right_image_is_shown_with_its_hashes() -> None:
    result = mrm("image", "check", "twin-probes", "--board", "qemu-pc")

    assert result.exit_code == 0, result.output
    assert "twin-probes is right for board qemu-pc: a, b" in result.output
    assert result.output.count("sha256") == 4
