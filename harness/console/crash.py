"""What a line looks like when the one that wrote it has died."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from harness.errors import ImageError, MachineCrash, MrmError


@dataclass(frozen=True)
class CrashRule:
    """A death, how to tell it, and the error that it is.

    The pattern is searched in a line, and in as much of a line as has come. So it must not depend on what
    follows: once it matches, it has to match whatever is appended (no `$`, no negative lookahead).
    """

    name: str
    pattern: re.Pattern[str]
    error: type[MrmError] = MachineCrash


CRASH_RULES: tuple[CrashRule, ...] = (
    CrashRule("controller panic", re.compile(r"mrmc: panic")),
    CrashRule("configuration refused by the controller", re.compile(r"mrmc: refused"), ImageError),
    CrashRule("kernel panic", re.compile(r"Kernel panic")),
)


def find_crash(line: str, rules: Sequence[CrashRule] = CRASH_RULES) -> CrashRule | None:
    """Return the first rule that a line fulfils."""
    return next((rule for rule in rules if rule.pattern.search(line)), None)
