"""`mrm compare`: are two runs the same, in all that should be?"""

import sys
from pathlib import Path

import click

from harness.comparison import Difference
from harness.comparison import compare as compare_runs

SHOWN = 20
"""Differences that are shown; the number of all is said."""


@click.command()
@click.argument("first", metavar="DIR", type=click.Path(path_type=Path))
@click.argument("second", metavar="DIR", type=click.Path(path_type=Path))
def compare(first: Path, second: Path) -> None:
    """Compares two runs: verdicts, reasons, measurements, and every byte on the serial lines.

    On a board whose timing is "counted" all of it is the same in every run of the same commit.

    \b
    Example:
      mrm certify --out results/first
      mrm certify --out results/second
      mrm compare results/first results/second

    Exit codes: 0 the same; 1 they differ; 2 one of them holds no results.
    """
    found = compare_runs(first, second)
    for difference in found.differences[:SHOWN]:
        click.echo(_shown(difference))
    if len(found.differences) > SHOWN:
        click.echo(f"… and {len(found.differences) - SHOWN} more")
    compared = ", ".join(f"{number} {kind}" for kind, number in found.compared.items())
    click.echo(f"compared {compared}: {len(found.differences) or 'no'} differences")
    sys.exit(1 if found.differences else 0)


def _shown(difference: Difference) -> str:
    return (
        f"{difference.where}\n  - {difference.first or '(nothing)'}\n  + {difference.second or '(nothing)'}"
    )
