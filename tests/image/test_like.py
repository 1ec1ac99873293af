"""A board that is like another one: what it says counts, what it leaves out is as there."""

from pathlib import Path

import pytest

from harness.errors import UsageError
from harness.image import load_board
from harness.image.board import FOLDER


def board(folder: Path, name: str, text: str) -> Path:
    path = folder / f"{name}.toml"
    path.write_text(f'schema = 1\nname = "{name}"\n{text}')
    return path


def test_all_is_as_there_but_what_it_says(tmp_path: Path) -> None:
    path = board(tmp_path, "mine", 'like = "qemu-q35"\n[qemu]\ntiming = "threads"\n[device.com1]\ngsi = 6\n')
    mine, other = load_board(path), load_board("qemu-q35")

    assert (mine.name, mine.qemu.timing, mine.devices["com1"].gsi) == ("mine", "threads", 6)
    assert mine.qemu.machine == other.qemu.machine
    assert mine.devices["com1"].ports == other.devices["com1"].ports
    assert list(mine.devices) == list(other.devices)
    assert mine.memory == other.memory


def test_it_may_be_like_one_that_is_like_another(tmp_path: Path) -> None:
    board(tmp_path, "one", 'like = "qemu-q35"\nsummary = "one"\n[qemu]\ntiming = "threads"\n')
    two = load_board(board(tmp_path, "two", 'like = "one.toml"\n[qemu]\nfirmware = "seabios"\n'))

    assert (two.summary, two.qemu.timing, two.qemu.firmware) == ("one", "threads", "seabios")
    assert two.sources == (tmp_path / "two.toml", tmp_path / "one.toml", FOLDER / "qemu-q35.toml")


@pytest.mark.parametrize(
    ("like", "reason"),
    [
        ('"mine.toml"', "leads back to"),
        ('"qemu-q53"', 'the nearest is "qemu-q35"'),
        ('"nowhere.toml"', "cannot be read"),
        ("5", "like: must be text"),
    ],
)
def test_like_nothing_that_is_there(tmp_path: Path, like: str, reason: str) -> None:
    with pytest.raises(UsageError, match=reason):
        load_board(board(tmp_path, "mine", f"like = {like}\n"))


def test_tables_and_values_do_not_merge(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="qemu: must be a table"):
        load_board(board(tmp_path, "mine", 'like = "qemu-q35"\nqemu = 5\n'))
