"""A results directory with logs, judged by the golden catalogue."""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from harness.catalogue import load_catalogue
from harness.judge import judge
from harness.results import Results

CATALOGUE = load_catalogue(Path(__file__).parents[1] / "judging" / "golden" / "requirements.toml")
TIME = "2026-01-01T00:00:00Z"

Judged = Callable[..., Results]


def ended(verdict: str, reason: str = "", **more: Any) -> dict[str, Any]:
    """The `end` of a test, as evidence has it."""
    blame = "infra" if verdict == "ERROR" else None
    condition = "no BMC" if verdict == "SKIP" else None
    outcome = {"verdict": verdict, "blame": blame, "reason": reason, "condition": condition}
    return {"type": "end", "phase": "call", "seconds": 0.25} | outcome | more


def judge_these(
    directory: Path,
    ends: dict[str, dict[str, Any]],
    logs: dict[str, bytes] | None = None,
    measures: list[dict[str, Any]] | None = None,
) -> Results:
    """Writes evidence of tests by node id, each with the same logs and measurements, and judges it."""
    lines: list[dict[str, Any]] = []
    for number, (test, end) in enumerate(ends.items()):
        folder = directory / "logs" / str(number)
        folder.mkdir(parents=True)
        for name, content in (logs or {}).items():
            (folder / name).write_bytes(content)
        begin = {"type": "begin", "test": test, "requirements": ["MEM-01", "EXC-01"], "time": TIME}
        lines.append(begin | {"image": "twin-probes", "board": "qemu-q35", "worker": "gw0"})
        lines += [{"type": "measure", "test": test} | measure for measure in measures or []]
        lines.append(end | {"test": test, "logs": f"logs/{number}"})
    (directory / "evidence").mkdir()
    text = "".join(json.dumps(line) + "\n" for line in lines)
    (directory / "evidence" / "attempts-gw0.jsonl").write_text(text)
    return judge(directory, CATALOGUE)


@pytest.fixture
def judged(tmp_path: Path) -> Judged:
    """`judge_these` in a directory of its own."""
    return partial(judge_these, tmp_path)
