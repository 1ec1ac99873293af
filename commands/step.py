"""A step that `mrm selftest` or `mrm nightly` takes: what it is for, and the commands that take it."""

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from harness.image.document import ROOT


@dataclass(frozen=True)
class Command:
    """A program with its arguments, and where it runs."""

    words: list[str]
    cwd: Path = field(default=ROOT)


@dataclass(frozen=True)
class Step:
    """One step; its commands may run side by side, unless it says otherwise."""

    name: str
    purpose: str
    commands: Callable[[], list[Command]]
    seconds: float = 120
    """how long one command may take"""
    talks: bool = False
    """whether what it says is shown as it comes, and not only after a failure"""
    lanes: int = 1
    """how many of the lanes it takes, where steps are taken side by side"""
    in_turn: bool = False
    """whether its commands run one after the other, for as long as each ends well"""
    may_be_empty: bool = False
    """whether it may find no test, because the person asked for some only"""


def python(module: str, *words: str) -> Command:
    """A module of this interpreter, run as a program."""
    return Command([sys.executable, "-m", module, *words])


def mrm(*words: str) -> Command:
    """The command line, as a person calls it."""
    return python("commands", *words)
