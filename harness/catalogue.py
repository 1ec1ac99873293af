"""The catalogue of requirements: the one list that gives markers, traceability, reports and certificates.

schema = 1
release = "0.1"

[areas]
EXC = "Exceptions"

[[requirement]]
id = "EXC-03"
area = "EXC"
text = "A page fault is delivered to the partition that raised it, and to nobody else."
paper = "§3.3(1)"
level = "must"
since = "0.1"
waivable = false
"""

import re
from collections import Counter
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, model_validator

from harness.image.document import load
from harness.image.fields import Many, Strict

_ID = re.compile(r"[A-Z]{2,4}-[0-9]{2}")
_RELEASE = re.compile(r"[0-9]+(\.[0-9]+)+")


def _id(value: str) -> str:
    if _ID.fullmatch(value) is None:
        raise ValueError('is no requirement id; write area and two digits such as "EXC-03"')
    return value


def _release(value: str) -> str:
    if _RELEASE.fullmatch(value) is None:
        raise ValueError('is no release; write numbers with dots such as "0.1"')
    return value


Text = Annotated[str, Field(min_length=1)]
Release = Annotated[str, AfterValidator(_release)]


class Requirement(Strict):
    """One sentence that a system is judged by."""

    id: Annotated[str, AfterValidator(_id)]
    """cited by tests, reports and certificates; never used again for something else"""
    area: Text
    """what the id begins with"""
    text: Text
    """one sentence that a test can find true or false"""
    paper: Text
    """the section it comes from; "-" where it follows from the others"""
    level: Literal["must", "should"]
    """a "should" is asked and reported as a "must" is, and does not decide"""
    since: Release
    """the release from which it is asked"""
    waivable: bool
    """whether a failure may be waived for a time"""

    @model_validator(mode="after")
    def _id_names_area(self) -> Self:
        if not self.id.startswith(f"{self.area}-"):
            raise ValueError(f'"{self.id}" is in area "{self.area}", so its id has to begin with that')
        return self


class Catalogue(Strict):
    """All requirements, in the order of the file; `len` is what every count adds up to."""

    schema_: Literal[1] = Field(alias="schema")
    """version of this file's form"""
    release: Release
    """the release that asks these questions: rows with a later `since` are listed, but not due"""
    areas: dict[str, Text]
    """areas and their titles, in the order of reports"""
    requirement: Many[Requirement]
    """the requirements"""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        ids = Counter(requirement.id for requirement in self.requirement)
        if twice := sorted(name for name, count in ids.items() if count > 1):
            raise ValueError(
                f"these ids are used twice, so a verdict could not be told apart: {', '.join(twice)}"
            )
        if untitled := sorted({requirement.area for requirement in self.requirement} - self.areas.keys()):
            raise ValueError(f"these areas have no title in [areas]: {', '.join(untitled)}")
        return self

    def __len__(self) -> int:
        return len(self.requirement)

    def by_id(self) -> dict[str, Requirement]:
        """The requirements by their ids."""
        return {requirement.id: requirement for requirement in self.requirement}

    def is_due(self, requirement: Requirement) -> bool:
        """Whether this release asks about a requirement."""
        return _number(requirement.since) <= _number(self.release)

    def due_areas(self) -> list[str]:
        """The areas in which this release has something to ask that decides."""
        due = {row.area for row in self.requirement if row.level == "must" and self.is_due(row)}
        return [area for area in self.areas if area in due]


def _number(release: str) -> tuple[int, ...]:
    return tuple(int(part) for part in release.split("."))


def load_catalogue(path: Path) -> Catalogue:
    """Reads a catalogue.

    Raises:
      UsageError: the file cannot be read, or is no catalogue. Names every mistake.
    """
    return load(path, Catalogue, "catalogue of requirements")
