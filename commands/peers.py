"""`mrm peers`: an MRM, a guest of KVM and the bare machine, measured side by side."""

import sys
from pathlib import Path

import click

from commands import options
from commands.certify import Plan, ask
from commands.preflight import check_input, make_results
from harness.image import DEFAULT_BOARD
from harness.results import Results
from reports.sidebyside import as_text, side_by_side

IMAGES = ("twin-probes", "bare-kvm-probe", "twin-linux", "bare-kvm")
QUESTIONS = "PERF-03 or PERF-04 or PERF-05 or PERF-06"


@click.command()
@options.out()
def peers(out: Path | None) -> None:
    """Measures what exits cost, and how fast a Linux starts, works and moves data: alone on the machine, in a
    partition, and as a guest of KVM. Takes some minutes, most of them for KVM.

    Under instruction counting a second is a billion instructions; behind each value stands its ratio to the
    bare machine's. The same table is in DIR/report.html.

    Exit codes: as `mrm certify`; only the partitions are judged.
    """
    check_input(DEFAULT_BOARD, IMAGES)
    plan = Plan(DEFAULT_BOARD, IMAGES, QUESTIONS, 1, make_results(out))
    status = ask(plan)
    results = Results.model_validate_json((plan.out / "results.json").read_bytes())
    click.echo(as_text(side_by_side(results.measurements)))
    sys.exit(status)
