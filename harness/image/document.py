"""A file of ours in TOML: found by name or path, read, held against its model; every mistake told at once."""

import difflib
import reprlib
import tomllib
from collections.abc import Iterable
from pathlib import Path
from types import UnionType
from typing import Any, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from harness.errors import UsageError

ROOT = Path(__file__).resolve().parents[2]

M = TypeVar("M", bound=BaseModel)
Where = tuple[int | str, ...]


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word that looks most like this one, quoted; "nothing" if none is known."""
    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.0)
    return f'"{close[0]}"' if close else "nothing"


def find(name_or_path: str | Path, folder: Path, kind: str) -> Path:
    """The file that a person means: by its name in folder, or by a path if it looks like one.

    Raises:
      UsageError: there is no such file.
    """
    text = str(name_or_path)
    if isinstance(name_or_path, Path) or "/" in text or text.endswith(".toml"):
        return Path(name_or_path)
    known = names(folder)
    if text in known:
        return folder / f"{text}.toml"
    raise UsageError(
        f'there is no {kind} named "{text}"; the nearest is {nearest(text, known)}',
        why=f"{kind}s are looked up by name in {_shown(folder)}: {', '.join(known)}",
        todo="give one of these names, or the path of a file (with a slash, or ending in .toml)",
    )


def names(folder: Path) -> list[str]:
    """The names that find() knows."""
    return sorted(path.stem for path in folder.glob("*.toml"))


def load(path: Path, model: type[M], kind: str) -> M:
    """Reads a file and holds it against its model.

    Raises:
      UsageError: the file cannot be read, or says something the model does not know. Names every mistake.
    """
    return validate(read(path), model, kind, path)


def validate(data: dict[str, Any], model: type[M], kind: str, path: Path) -> M:
    """Holds what a file said against its model; load() is this with reading in front."""
    try:
        return model.model_validate(data)
    except ValidationError as error:
        mistakes = [f"{key_path(item['loc'])}: {_reason(item, model)}" for item in error.errors()]
    count = "1 mistake" if len(mistakes) == 1 else f"{len(mistakes)} mistakes"
    raise UsageError(
        f"{path} is no valid {kind}, it has {count}:\n  " + "\n  ".join(mistakes),
        why="nothing is started from a file that is not understood in full",
        todo=f"correct the keys named above; the files in {_shown(ROOT / 'targets')} are examples",
    )


def read(path: Path) -> dict[str, Any]:
    """Reads a TOML file.

    Raises:
      UsageError: it is not there, not readable, or not TOML; the line is named.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read: {error.strerror}",
            todo="check the path; a relative one begins at the current directory",
        ) from error
    except (ValueError, RecursionError) as error:  # bad TOML, bad UTF-8, absurd numbers, absurd nesting
        raise UsageError(
            f"{path} is not TOML: {error}",
            why="it could not even be taken apart into keys and values",
            todo="correct that line; https://toml.io describes the format",
        ) from error


def key_path(where: Where) -> str:
    """("partition", 1, "name") as a person writes it: partition[1].name."""
    text = ""
    for step in where:
        text += f"[{step}]" if isinstance(step, int) else f".{step}"
    return text.removeprefix(".") or "the file as a whole"


class _Shown(reprlib.Repr):
    """Values as TOML has them, cut where they are long."""

    def repr_int(self, x: int, level: int) -> str:
        return str(x) if abs(x) < 10_000 else hex(x)[:40]  # an absurd number has no decimal digits to be had

    def repr_bool(self, x: bool, level: int) -> str:
        return "true" if x else "false"


shown = _Shown().repr


_TYPES = {
    "int_type": "must be an integer",
    "string_type": "must be text",
    "bool_type": "must be true or false",
    "tuple_type": "must be an array",
    "dict_type": "must be a table",
    "model_type": "must be a table",
}


def _reason(error: ErrorDetails, model: type[BaseModel]) -> str:
    """One mistake in words: what is wrong with this key, and what would be right."""
    where, value, context = error["loc"], error["input"], error.get("ctx", {})
    match error["type"]:
        case "extra_forbidden":
            return (
                f"unknown key; the nearest known one is {nearest(str(where[-1]), _keys(model, where[:-1]))}"
            )
        case "missing":
            return f"is missing{_meaning(model, where)}; add it"
        case "literal_error":
            return f"is {shown(value)}, must be {context['expected']}{_meaning(model, where)}"
        case "string_pattern_mismatch":
            return f'is {shown(value)}, must be a lower-case name such as "web-1" ({context["pattern"]})'
        case "value_error" if isinstance(value, dict):
            return str(context["error"])
        case "value_error":
            return f"{shown(value)} {context['error']}{_meaning(model, where)}"
        case kind if kind in _TYPES:
            return f"{_TYPES[kind]}, is {shown(value)}{_meaning(model, where)}"
        case _:
            return (
                f"{error['msg'].replace('Input should', 'must')}, is {shown(value)}{_meaning(model, where)}"
            )


def _meaning(model: type[BaseModel], where: Where) -> str:
    """What the key is for, as its model says."""
    field = _field(model, where)
    return f" ({field.description})" if field is not None and field.description else ""


def _keys(model: type[BaseModel], where: Where) -> list[str]:
    """The keys that the table at this place may have."""
    table = _annotation(model, where)
    return [info.alias or name for name, info in table.model_fields.items()] if _is_model(table) else []


def _field(model: type[BaseModel], where: Where) -> FieldInfo | None:
    """The field that an error is about: the innermost named one, for an error inside an array."""
    while where and isinstance(where[-1], int):
        where = where[:-1]
    table = _annotation(model, where[:-1])
    return _by_key(table, where[-1]) if where and _is_model(table) else None


def _annotation(model: type[BaseModel], where: Where) -> Any:
    """The type that a model wants at this place; None where it has none."""
    wanted: Any = model
    for step in where:
        if _is_model(wanted):
            field = _by_key(wanted, step)
            wanted = field.annotation if field else None
        else:
            inner = [part for part in get_args(wanted) if part is not Ellipsis]
            wanted = inner[-1] if inner else None
        if get_origin(wanted) in (Union, UnionType):
            wanted = next(part for part in get_args(wanted) if part is not type(None))
    return wanted


def _by_key(table: type[BaseModel], key: int | str) -> FieldInfo | None:
    fields = table.model_fields
    return next((info for name, info in fields.items() if (info.alias or name) == key), None)


def _is_model(wanted: Any) -> bool:
    return isinstance(wanted, type) and issubclass(wanted, BaseModel)


def _shown(path: Path) -> str:
    return str(path.relative_to(ROOT)) if path.is_relative_to(ROOT) else str(path)
