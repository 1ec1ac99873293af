"""Nothing outlives a `mrm certify` that is killed, not even for the seconds in which a worker notices."""

import os
import select
import subprocess
import sys
from pathlib import Path

from harness.image.document import ROOT
from tests.certifying.conftest import CONFTEST, GOLDEN

LONG = """
import os, select
import pytest

@pytest.mark.requirement("MEM-01")
def test_long():
    os.write({pipe}, b"%d" % os.getpid())
    select.select([], [], [], 60)
"""


def test_a_worker_dies_with_it(tmp_path: Path) -> None:
    suites, out, told = tmp_path / "suites", tmp_path / "out", tmp_path / "pid"
    suites.mkdir()
    out.mkdir()
    os.mkfifo(told)
    (suites / "conftest.py").write_text(CONFTEST)
    (suites / "requirements.toml").write_text(GOLDEN.read_text())
    (suites / "test_long.py").write_text(LONG.format(pipe=f"os.open({str(told)!r}, os.O_WRONLY)"))
    command = [sys.executable, "-m", "tests.certifying.lonely", str(suites), str(out)]
    with (
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) as certify,
        told.open("rb", 0) as pipe,
    ):
        worker = os.pidfd_open(int(pipe.read(8)))
        certify.kill()

        assert select.select([worker], [], [], 0.5)[0], "the worker goes on"
        os.close(worker)
