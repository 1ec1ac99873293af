"""Options that several commands have, each defined once."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])


def out(kind: str = "") -> Callable[[Command], Command]:
    """`--out DIR`: where `make_results` is to make the directory for results of this kind."""
    prefix = f"results/{kind}-" if kind else "results/"
    return click.option(
        "--out",
        type=click.Path(path_type=Path, file_okay=False),
        metavar="DIR",
        help=f"Where results go; it must be empty.  [default: {prefix}DATE-TIME, and {prefix}latest]",
    )


def side_by_side(name: str, what: str) -> Callable[[Command], Command]:
    """`-n`: how many of what are under way at once; the parameter's name is the command's choice."""
    return click.option(
        "-n",
        name,
        type=click.IntRange(1, 64),
        default=min(2, os.cpu_count() or 1),
        show_default=True,
        metavar="N",
        help=f"How many {what} at once.",
    )


rounds = click.option(
    "--rounds", type=click.IntRange(1), metavar="N", help="How often each stress test does its work."
)
"""`--rounds`: see `fixtures/stress.py`."""
