"""What is made sure of before `mrm certify` asks anything: that its input is right, and where results go."""

import os
import subprocess
import sys
import tempfile
from datetime import datetime
from itertools import count
from pathlib import Path

import pytest

from harness.catalogue import load_catalogue
from harness.errors import UsageError
from harness.image import check_board, load_board, load_manifest, pack
from harness.image.check import refuse
from harness.image.document import ROOT
from reports.write import CATALOGUE

SUITES = ROOT / "suites"
CORE = SUITES / "core"
"""Questions to the core of the reference controller: the self-test's. No controller is judged by them."""
RESULTS = ROOT / "results"
PYTEST_SECONDS = 60.0
"""For pytest to start and look at nothing."""


def check_input(board: str, images: tuple[str, ...]) -> None:
    """Refuses what is wrong before anything starts, and builds what is missing."""
    load_catalogue(SUITES / CATALOGUE)
    found = load_board(board)
    refuse(found.source, "a board file", check_board(found))
    for image in images:
        with tempfile.TemporaryDirectory() as out:
            pack(found, load_manifest(image), Path(out))


def check_expression(option: str, expression: str) -> None:
    """Has pytest read it, behind -k or -m, over nothing: with workers it would be an internal error."""
    with tempfile.TemporaryDirectory() as empty:
        nowhere = ["-c", os.devnull, "--rootdir", empty, empty]
        command = [sys.executable, "-m", "pytest", "-q", "--collect-only", option, expression, *nowhere]
        said = subprocess.run(command, capture_output=True, text=True, timeout=PYTEST_SECONDS, check=False)
    if said.returncode == pytest.ExitCode.USAGE_ERROR:
        raise UsageError(
            said.stderr.strip(), todo=f'words joined by "and", "or" and "not", as in pytest {option}'
        )


def absolute(name_or_path: str) -> str:
    """A path must mean the same for pytest, which starts elsewhere."""
    is_path = "/" in name_or_path or name_or_path.endswith(".toml")
    return str(Path(name_or_path).absolute()) if is_path else name_or_path


def make_results(out: Path | None, kind: str = "") -> Path:
    """Makes the directory that a person names, or results/DATE-TIME, to which results/latest then points.

    Another kind of run than one of `mrm certify` goes to results/KIND-DATE-TIME and results/KIND-latest.
    """
    if out is not None:
        out.mkdir(parents=True, exist_ok=True)
        if any(out.iterdir()):
            raise UsageError(
                f"{out} is not empty",
                why="evidence of one run must not be mixed with that of another",
                todo="name a new directory with --out, or leave it out",
            )
        return out.absolute()
    RESULTS.mkdir(exist_ok=True)
    prefix = f"{kind}-" if kind else ""
    stamp = datetime.now().strftime(f"{prefix}%Y-%m-%d-%H%M%S")
    names = (stamp if number == 1 else f"{stamp}-{number}" for number in count(1))
    made = next(path for name in names if _make(path := RESULTS / name))
    link = RESULTS / f".{prefix}latest-{os.getpid()}"
    link.symlink_to(made.name)
    link.replace(RESULTS / f"{prefix}latest")
    return made


def _make(path: Path) -> bool:
    """Makes a directory, unless somebody else has."""
    try:
        path.mkdir()
    except FileExistsError:
        return False
    return True
