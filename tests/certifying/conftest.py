"""A suite of a few lines, asked by the real `mrm certify`, fixtures and evidence, without any machine."""

import os
import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from commands.certify import Plan, ask
from harness.results import Results

GOLDEN = Path(__file__).parents[1] / "judging" / "golden" / "requirements.toml"

CONFTEST = """
from pathlib import Path

import fixtures.evidence

fixtures.evidence.SUITES = Path(__file__).parent
pytest_plugins = ["fixtures.orphans", "fixtures.options", "fixtures.evidence"]
"""

PREAMBLE = """
import os
import select
import signal
import subprocess
from pathlib import Path

import pytest

from harness.errors import InfraError, MachineCrash

OWNER = int(os.environ["MRM_TEST_OWNER"])
PIDS = Path(os.environ["MRM_TEST_PIDS"])


def wait_for_the_end():
    "Longer than any test of ours may take: whoever comes back from here was not ended."
    select.select([], [], [], 60)
    raise SystemExit("was not ended")


def leave_a_process():
    "One that nothing would end of itself, in a session of its own."
    child = subprocess.Popen(["sleep", "1000"], start_new_session=True)
    with PIDS.open("a") as file:
        file.write(f"{os.getpid()} {child.pid} ")
"""

PASSING = """
@pytest.mark.requirement("MEM-01", "MEM-02")
def test_memory(): pass

@pytest.mark.requirement("EXC-01", "EXC-02")
def test_exceptions(): pass
"""


class Run:
    """A run of `mrm certify` over a suite: what it left behind and said."""

    def __init__(self, out: Path, exit_code: int, said: str) -> None:
        self.out = out
        self.exit_code = exit_code
        self.said = said
        self.results = Results.model_validate_json((out / "results.json").read_text())
        self.verdicts = {
            test.test.partition("::")[2]: (test.verdict.value, test.blame and test.blame.value)
            for test in self.results.tests
        }


Certify = Callable[..., Run]


@pytest.fixture
def left_behind(tmp_path: Path) -> Path:
    """A file with the numbers of the processes that the suite started."""
    path = tmp_path / "pids"
    path.touch()
    return path


@pytest.fixture
def certify(
    tmp_path: Path, left_behind: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Certify:
    """Call it with tests, in addition to two that pass; they are run by two workers if not told otherwise."""
    monkeypatch.setenv("MRM_TEST_OWNER", str(os.getpid()))
    monkeypatch.setenv("MRM_TEST_PIDS", str(left_behind))

    def run(tests: str = "", expression: str = "", processes: int = 2, marks: str = "") -> Run:
        suites, out = tmp_path / "suites", tmp_path / "out"
        suites.mkdir()
        out.mkdir()
        (suites / "conftest.py").write_text(CONFTEST)
        (suites / "requirements.toml").write_text(GOLDEN.read_text())
        (suites / "test_tiny.py").write_text(PREAMBLE + PASSING + textwrap.dedent(tests))
        code = ask(Plan("qemu-q35", ("bare-probe",), expression, processes, out, suites, marks))
        return Run(out, code, capsys.readouterr().out)

    return run
