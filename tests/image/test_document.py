"""Reading a file: whatever it holds, what comes is a model or a UsageError that a person can act on."""

import datetime
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import UsageError
from harness.image import board, manifest
from harness.image.board import Board
from harness.image.build import Recipe
from harness.image.document import key_path, nearest, read, validate
from harness.image.manifest import Manifest, load_manifest
from harness.image.reference import keys

SCALARS = (
    st.booleans()
    | st.integers()
    | st.integers(min_value=0).map(lambda number: 10**5000 + number)  # more digits than Python prints
    | st.floats()
    | st.text()
    | st.datetimes()
    | st.dates()
    | st.just(datetime.time(12))
)
WORDS = [
    "schema",
    "name",
    "partition",
    "bare",
    "controller",
    "memory",
    "base",
    "size",
    "device",
    "ports",
    "payload",
]
KEYS = st.sampled_from(WORDS) | st.text()
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(KEYS, inner), max_leaves=20)
T = TypeVar("T")

TABLES = st.dictionaries(KEYS, VALUES)


def attempt(call: Callable[[], T]) -> T | UsageError:
    """What a call returns, or how it refuses; anything else it raises is a failure of the test."""
    try:
        return call()
    except UsageError as error:
        return error


class TestValidate:
    @given(data=TABLES, model=st.sampled_from([Board, Manifest]))
    def test_no_table_raises_anything_but_usage_errors(self, data: dict[str, Any], model: Any) -> None:
        with pytest.raises(UsageError) as caught:  # random tables are never whole
            validate(data, model, "test", Path("some.toml"))

        assert "some.toml" in str(caught.value)

    @given(where=st.sampled_from(["base", "size"]), value=VALUES)
    def test_a_right_manifest_with_one_value_replaced(self, where: str, value: Any) -> None:
        data = read(load_manifest("twin-probes").source)
        data["partition"][1]["memory"][0][where] = value

        outcome = attempt(lambda: validate(data, Manifest, "test", Path("some.toml")))

        if isinstance(outcome, UsageError):
            assert f"partition[1].memory[0].{where}" in str(outcome)
        else:
            assert 0 <= getattr(outcome.partitions[1].memory[0], where) < 1 << 64


class TestRead:
    @given(
        data=st.binary(max_size=200)
        | st.text(alphabet="[]{}=.,'\"#\n\\ abc019-_T:", max_size=200).map(str.encode)
    )
    def test_no_bytes_raise_anything_but_usage_errors(self, tmp_path_factory: Any, data: bytes) -> None:
        path = tmp_path_factory.mktemp("read") / "some.toml"
        path.write_bytes(data)

        outcome = attempt(lambda: read(path))

        assert str(path) in str(outcome) if isinstance(outcome, UsageError) else isinstance(outcome, dict)

    @pytest.mark.parametrize("text", ["a = " + "[" * 100_000, "a = " + "9" * 5_000], ids=["deep", "long"])
    def test_absurd_files_are_refused(self, tmp_path: Path, text: str) -> None:
        path = tmp_path / "absurd.toml"
        path.write_text(text)

        with pytest.raises(UsageError, match=r"absurd\.toml is not TOML"):
            read(path)

    def test_a_syntax_error_names_the_line(self, tmp_path: Path) -> None:
        path = tmp_path / "some.toml"
        path.write_text("a = 1\nb =\n")

        with pytest.raises(UsageError, match="line 2"):
            read(path)

    def test_a_directory_is_refused(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="cannot be read"):
            read(tmp_path)


@pytest.mark.parametrize(
    ("where", "text"),
    [(("partition", 1, "name"), "partition[1].name"), (("name",), "name"), ((), "the file as a whole")],
)
def test_key_path(where: tuple[int | str, ...], text: str) -> None:
    assert key_path(where) == text


@given(word=st.text(), known=st.lists(st.text(), min_size=1))
def test_the_nearest_word_is_always_a_known_one(word: str, known: list[str]) -> None:
    assert nearest(word, known).strip('"') in [each.strip('"') for each in known]


class TestKeys:
    def test_every_key_of_a_shipped_file_is_in_the_reference(self) -> None:
        for model, folder in ((Board, board.FOLDER), (Manifest, manifest.FOLDER)):
            known = {key.path for key in keys(model)}
            for path in folder.glob("*.toml"):
                assert set(paths(read(path), "device" if model is Board else "disks")) <= known

    def test_every_key_has_a_meaning(self) -> None:
        assert all(key.meaning for model in (Board, Manifest, Recipe) for key in keys(model))


def paths(table: dict[str, Any], named: str, prefix: str = "") -> Iterator[str]:
    """The keys of a file as the reference writes them; `named` is the table whose keys are names."""
    for key, value in table.items():
        several = isinstance(value, list)
        path = f"{prefix}{key}" + ("[]" if several else ".NAME" if key == named else "")
        yield path
        for inner in value if several else value.values() if key == named else [value]:
            if isinstance(inner, dict):
                yield from paths(inner, "", f"{path}.")
