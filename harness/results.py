"""What `results.json` holds: the schema of a verdict, versioned, and the rule that makes a run conformant.

Results are computed by `harness.judge`, from the evidence alone, and nowhere else.
"""

from datetime import datetime
from enum import Enum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue

from harness.verdict import Blame, Verdict


class Outcome(Enum):
    """What a run says as a whole.

    A test *decides* unless all requirements it cites are of level "should". In this order:

    1. NOT CONFORMANT if a deciding test has FAIL or CRASH.
    2. COULD NOT ASK if any test has ERROR, or the run itself has a fault: evidence that cannot be read,
       a test that cites a requirement nobody knows, a run that was ended from outside.
    3. COULD NOT ASK if in an area that had to be asked no test passed. These are the areas that are due
       in the catalogue's release; in a narrowed run, those that the selected tests cite, and at least one.
    4. CONFORMANT otherwise: all deciding tests have PASS, or SKIP with the condition that was not met.

    A requirement that no test cites is NOT TESTED: listed, never counted as PASS. By itself it does not
    keep a run from being conformant.
    """

    CONFORMANT = "conformant"
    NOT_CONFORMANT = "not conformant"
    COULD_NOT_ASK = "could not ask"

    @property
    def exit_code(self) -> int:
        """Exit status of the commands that judge; 2 is left to wrong usage."""
        return {Outcome.CONFORMANT: 0, Outcome.NOT_CONFORMANT: 1, Outcome.COULD_NOT_ASK: 3}[self]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True)


class TestResult(_Part):
    """A test: the worst of its attempts."""

    __test__ = False  # not for pytest to collect

    test: str
    """node id"""
    verdict: Verdict
    blame: Blame | None
    """who kept it from being asked, if the verdict is ERROR"""
    reason: str
    condition: str | None
    """what was not met, if the verdict is SKIP"""
    phase: str
    last_step: str | None
    requirements: tuple[str, ...]
    image: str
    board: str
    seconds: float
    attempts: int
    logs: str | None
    """folder of its logs, relative to the results directory"""
    files: tuple[str, ...]
    """evidence files in that folder"""


class RequirementResult(_Part):
    """A row of the catalogue: the worst of the tests that cite it."""

    id: str
    area: str
    text: str
    paper: str
    level: Literal["must", "should"]
    since: str
    due: bool
    """whether the catalogue's release has to ask about it"""
    verdict: Verdict
    tests: tuple[str, ...]
    conditions: tuple[str, ...]
    """conditions that were not met, of its skipped tests"""


class AreaResult(_Part):
    """An area of the catalogue; its counts add up to its requirements."""

    id: str
    title: str
    due: bool
    """whether a full run has to ask here"""
    counts: dict[Verdict, int]


class Measurement(_Part):
    """A number that a test measured."""

    test: str
    board: str
    image: str
    partition: str | None
    name: str
    value: int | float
    unit: str


class RunFault(_Part):
    """Something wrong with the run as a whole."""

    what: str
    blame: Blame


class Run(_Part):
    """How the questions were asked."""

    command: tuple[str, ...]
    selection: str
    """what narrowed the run; empty if it was a full one"""
    began: datetime | None
    seconds: float | None
    """wall time of the whole, if `mrm certify` closed it"""
    median_seconds: float | None
    """of a test that began"""


class Results(_Part):
    """Everything a report may say."""

    schema_: Literal["mrm-results/1"] = Field(default="mrm-results/1", alias="schema")
    outcome: Outcome
    why: str
    """the rule that led to the outcome, in a sentence"""
    release: str
    """of the catalogue"""
    requirement_counts: dict[Verdict, int]
    """by verdict; they add up to the size of the catalogue"""
    test_counts: dict[Verdict, int]
    run: Run
    faults: tuple[RunFault, ...]
    notes: tuple[str, ...]
    """what is worth knowing and changes no verdict"""
    areas: tuple[AreaResult, ...]
    requirements: tuple[RequirementResult, ...]
    tests: tuple[TestResult, ...]
    measurements: tuple[Measurement, ...]
    provenance: dict[str, JsonValue]
    """what was judged and with what, as the run wrote it down"""

    def to_json(self) -> str:
        """The content of `results.json`."""
        return self.model_dump_json(by_alias=True, indent=2) + "\n"
