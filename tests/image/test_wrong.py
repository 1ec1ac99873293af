"""Every file in tests/wrong is refused before anything starts, and the refusal names file, key and reason.

The first two lines of such a file say which key, and which words of the reason, a person has to be shown.
They are written from the rules of the format, not from what the check prints.
"""

from pathlib import Path

import pytest

from harness.errors import UsageError
from harness.image import check_board, load_board, load_manifest, pack
from harness.image.check import refuse

WRONG = sorted((Path(__file__).parents[1] / "wrong").glob("*.toml"))


def expectation(path: Path) -> tuple[str, str]:
    """Key and words of the reason, from the head of the file."""
    key, reason = path.read_text().splitlines()[:2]
    return key.removeprefix("# key:").strip(), reason.removeprefix("# reason:").strip()


def use(path: Path, out: Path) -> None:
    """What every command does with a file before it starts a machine."""
    if path.name.startswith("board-"):
        board = load_board(path)
        refuse(path, "a board file", check_board(board))
    else:
        pack(load_board("qemu-q35"), load_manifest(path), out)


@pytest.mark.parametrize("path", WRONG, ids=lambda path: path.stem)
def test_a_wrong_file_is_refused_with_file_key_and_reason(path: Path, tmp_path: Path) -> None:
    key, reason = expectation(path)

    with pytest.raises(UsageError) as caught:
        use(path, tmp_path)

    lines = [line.strip() for line in str(caught.value).splitlines()]
    assert str(path) in lines[0]
    assert any(line.startswith(key) and reason in line for line in lines), str(caught.value)
    assert caught.value.todo


def test_there_are_enough_of_them() -> None:
    assert len(WRONG) >= 30


def test_every_mistake_is_told_not_only_the_first(tmp_path: Path) -> None:
    path = tmp_path / "three.toml"
    path.write_text('schema = 3\nname = "three"\nsummary = 3\ncolour = "red"\n[bare]\nserial = "com1"\n')

    with pytest.raises(UsageError) as caught:
        load_manifest(path)

    for key in ("schema:", "summary:", "colour:", "bare.payload:"):
        assert f"  {key}" in str(caught.value)
