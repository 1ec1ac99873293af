"""Evidence: what was tried and what came of it, one JSON object a line, appended and never changed.

A run keeps its evidence in one directory:

    DIR/evidence/attempts-<worker>.jsonl     one file a worker, so that no two processes write to one
    DIR/evidence/provenance-<name>.json      what was asked, and on what: commit, hashes, versions
    DIR/logs/<test>/                         consoles, transcripts and emulator output of one test

Each line reaches the file before the run goes on. So a worker that is killed leaves a `begin` without an
`end`, and nothing else is lost. `harness.records` says what a line may contain, and reads it back.
"""

import json
import os
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from harness.errors import InfraError
from harness.records import Begin, Closed, End, Measure, Planned, Record, Session


class EvidenceWriter:
    """Appends to the evidence of one worker.

    Opens its file at once: what cannot be written must show before the first test, not after the last.

    Raises:
        InfraError: the file cannot be written (any method).
    """

    def __init__(self, directory: Path, worker: str) -> None:
        self.directory = directory
        self.worker = worker
        self._path = directory / "evidence" / f"attempts-{worker}.jsonl"
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._file = self._path.open("a", encoding="utf-8")
        except OSError as error:
            raise _unwritable(self._path, error) from error

    def session(self, argv: Sequence[str], selection: str) -> None:
        self._append(
            Session(worker=self.worker, pid=os.getpid(), argv=tuple(argv), time=_now(), selection=selection)
        )

    def planned(self, tests: Mapping[str, tuple[str, ...]]) -> None:
        """Names every test that will be tried: one that never begins is then missed."""
        self._append(Planned(tests=tuple(tests), requirements=dict(tests)))

    def begin(self, test: str, requirements: tuple[str, ...], image: str, board: str) -> None:
        self._append(
            Begin(
                test=test,
                requirements=requirements,
                image=image,
                board=board,
                time=_now(),
                worker=self.worker,
            )
        )

    def measure(self, test: str, name: str, value: float, unit: str, partition: str | None = None) -> None:
        self._append(Measure(test=test, name=name, value=value, unit=unit, partition=partition))

    def end(self, end: End) -> None:
        self._append(end)

    def closed(self, exit_status: int, seconds: float, reason: str) -> None:
        """Says that the run is over, and how pytest ended."""
        self._append(Closed(worker=self.worker, exit=exit_status, seconds=round(seconds, 3), reason=reason))

    def provenance(self, name: str, facts: Mapping[str, Any]) -> None:
        """Writes `provenance-<name>.json`, whole or not at all: several workers may write the same."""
        path = self._path.parent / f"provenance-{name}.json"
        draft = path.with_suffix(f".{self.worker}")
        try:
            draft.write_text(json.dumps(facts, indent=2, sort_keys=True) + "\n", encoding="utf-8")
            draft.replace(path)
        except OSError as error:
            raise _unwritable(path, error) from error

    def close(self) -> None:
        self._file.close()

    def _append(self, record: Record) -> None:
        try:
            self._file.write(record.model_dump_json() + "\n")
            self._file.flush()
        except OSError as error:
            raise _unwritable(self._path, error) from error


def slug(test: str) -> str:
    """Returns the name of a test's log directory: its node id, readable and free of separators."""
    return re.sub(r"[^A-Za-z0-9.-]+", "_", test.removeprefix("suites/").replace(".py::", "-")).strip("_")


def _now() -> datetime:
    return datetime.now(UTC)


def _unwritable(path: Path, error: OSError) -> InfraError:
    return InfraError(
        f"cannot write evidence to {path}: {error.strerror}",
        why="a verdict without evidence is worth nothing, so the run ends here",
        todo="free some space, or name a writable directory with --evidence",
    )
