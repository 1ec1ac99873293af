"""The keys that a file may have, told from its model: so the reference is never older than the check."""

from collections.abc import Iterator
from typing import Any, Literal, NamedTuple, get_args, get_origin

from pydantic import BaseModel


class Key(NamedTuple):
    """One key of a file."""

    path: str
    """such as partition[].memory[].base"""
    required: bool
    meaning: str


def keys(model: type[BaseModel], prefix: str = "") -> Iterator[Key]:
    """All keys of a model, those of a table behind it."""
    for name, field in model.model_fields.items():
        path = f"{prefix}{field.alias or name}"
        inner, suffix = _inner(field.annotation)
        yield Key(
            path + suffix, field.is_required(), f"{field.description or ''}{_choices(field.annotation)}"
        )
        if inner is not None:
            yield from keys(inner, f"{path}{suffix}.")


def _choices(annotation: Any) -> str:
    """The words to choose from, where there are some."""
    if get_origin(annotation) is Literal:
        return f" ({' | '.join(map(str, get_args(annotation)))})"
    return next(filter(None, map(_choices, get_args(annotation))), "")


def _inner(annotation: Any) -> tuple[type[BaseModel] | None, str]:
    """The model inside a type, and how one writes that there are several of it."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation, ""
    found = [model for model, _ in map(_inner, get_args(annotation)) if model is not None]
    suffix = {tuple: "[]", dict: ".NAME"}.get(get_origin(annotation), "")
    return (found[0] if found else None), suffix
