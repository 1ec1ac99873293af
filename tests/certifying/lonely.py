"""A `mrm certify` in a process of its own, to be killed: `python -m tests.certifying.lonely SUITES OUT`."""

import sys
from pathlib import Path

from commands.certify import Plan, ask

suites, out = map(Path, sys.argv[1:])
sys.exit(ask(Plan("qemu-q35", ("bare-probe",), "", 1, out, suites)))
