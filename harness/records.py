"""What may stand on a line of evidence, and how evidence is read back.

`harness.evidence` writes, `harness.judge` judges; nothing else decides a verdict. Every process that asks
has a file of its own, `evidence/attempts-WORKER.jsonl`, and flushes every line, so that whatever kills it,
all lines but the last are whole.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import (
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    FiniteFloat,
    TypeAdapter,
    ValidationError,
    model_validator,
)

from harness.verdict import Blame, Verdict


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Session(_Record):
    """A process began to ask, or `mrm certify` began to let others ask."""

    type: Literal["session"] = "session"
    worker: str
    pid: int
    argv: tuple[str, ...]
    time: AwareDatetime
    selection: str = ""
    """what narrowed the run, such as `-k irq`; empty if everything was to be asked"""


class Planned(_Record):
    """What was collected and is going to be asked. Several workers may plan the same."""

    type: Literal["planned"] = "planned"
    tests: tuple[str, ...]
    requirements: dict[str, tuple[str, ...]] = {}
    """test to requirement ids: a test that is never reached still counts where it belongs"""


class Begin(_Record):
    """An attempt at a test began."""

    type: Literal["begin"] = "begin"
    test: str
    requirements: tuple[str, ...]
    image: str
    """empty where no image is asked (the core, asked directly)"""
    board: str
    time: AwareDatetime
    worker: str


class Measure(_Record):
    """A number that was measured on the way."""

    type: Literal["measure"] = "measure"
    test: str
    name: str
    value: int | FiniteFloat
    unit: str
    partition: str | None = None
    """where it was measured; `bare` is the bare machine, the oracle"""


class End(_Record):
    """An attempt ended, with what came of it."""

    type: Literal["end"] = "end"
    test: str
    verdict: Verdict
    blame: Blame | None = None
    reason: str = ""
    condition: str | None = None
    phase: str
    seconds: FiniteFloat
    logs: str | None = None
    """folder of the attempt's logs, relative to the results directory"""
    last_step: str | None = None

    @model_validator(mode="after")
    def _says_enough(self) -> Self:
        if self.verdict is Verdict.NOT_TESTED:
            raise ValueError("a test that ended was tested")
        if (self.verdict is Verdict.ERROR) != (self.blame is not None):
            raise ValueError("blame goes with ERROR, and with nothing else")
        if self.verdict is Verdict.SKIP and not self.condition:
            raise ValueError("a SKIP names the condition that was not met")
        return self


class Closed(_Record):
    """The run is over, as `mrm certify` saw it."""

    type: Literal["closed"] = "closed"
    worker: str
    exit: int
    """pytest's exit status; negative: the signal that ended it"""
    seconds: FiniteFloat
    reason: str = ""
    """why `mrm certify` ended the run itself, if it did"""


Record = Session | Planned | Begin | Measure | End | Closed
_ADAPTER: TypeAdapter[Record] = TypeAdapter(Annotated[Record, Field(discriminator="type")])


@dataclass(frozen=True, slots=True)
class Damage:
    """A line of evidence that cannot be read."""

    where: str
    """FILE:LINE, relative to the results directory"""
    what: str
    torn: bool
    """The last line of its file, without a newline: the writer died in it. No verdict can hide in it: a lost
    `end` leaves a `begin`, a lost `begin` leaves a plan, and who lost its plan had begun nothing yet."""


@dataclass(slots=True)
class Evidence:
    """All records of a results directory, file by file in the order of names, and the lines that are none."""

    files: dict[str, list[Record]] = field(default_factory=dict)
    damage: list[Damage] = field(default_factory=list)

    def __iter__(self) -> Iterator[Record]:
        for records in self.files.values():
            yield from records


def parse(line: bytes) -> Record:
    """Reads one line of evidence.

    Raises:
      ValueError: it is no record; the message says what is wrong with it.
    """
    try:
        return _ADAPTER.validate_json(line)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ValueError(f"{place}: {first['msg']}" if place else first["msg"]) from None


def read_evidence(directory: Path) -> Evidence:
    """Reads all attempts files of a results directory. What cannot be read is kept as damage."""
    evidence = Evidence()
    for path in sorted((directory / "evidence").glob("attempts-*.jsonl")):
        _read_file(path, path.relative_to(directory).as_posix(), evidence)
    return evidence


def _read_file(path: Path, name: str, evidence: Evidence) -> None:
    records = evidence.files.setdefault(name, [])
    *lines, last = path.read_bytes().split(b"\n")
    for number, line in enumerate(lines, start=1):
        try:
            records.append(parse(line))
        except ValueError as error:
            evidence.damage.append(Damage(f"{name}:{number}", str(error), torn=False))
    if last:
        torn = Damage(f"{name}:{len(lines) + 1}", f"the last line is torn after {len(last)} bytes", torn=True)
        evidence.damage.append(torn)
