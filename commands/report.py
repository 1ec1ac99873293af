"""`mrm report`: computes verdicts and reports again, from the evidence alone."""

import json
import sys
from pathlib import Path

import click

from harness.results import Results
from harness.verdict import Verdict
from reports.visible import visible
from reports.write import write_reports


@click.command()
@click.argument("directory", metavar="DIR", required=False, type=click.Path(path_type=Path))
@click.option("--schema", is_flag=True, help="Print the JSON schema of results.json, and do nothing else.")
def report(directory: Path | None, schema: bool) -> None:
    """Judges the evidence in DIR again and writes results.json, junit.xml and report.html anew.

    The same evidence gives the same files, byte for byte: this is how a verdict is checked by somebody else.

    \b
    Example:
      mrm report results/latest

    Exit codes: as `mrm certify`.
    """
    if schema:
        click.echo(json.dumps(Results.model_json_schema(mode="serialization"), indent=2))
        return
    if directory is None:
        raise click.UsageError("name a results directory, such as results/latest")
    results = write_reports(directory)
    click.echo(summary(results, directory))
    sys.exit(results.outcome.exit_code)


def summary(results: Results, directory: Path) -> str:
    """What a person wants to know at the end."""
    lines = [f"{results.outcome.value.upper()}: {results.why}"]
    lines += [f"  {fault.blame.value}: {visible(fault.what)}" for fault in results.faults]
    lines += [f"  {_counts('requirements', results.requirement_counts)}"]
    lines += [f"  {_counts('tests', results.test_counts)}"]
    if results.run.seconds is not None and results.run.median_seconds is not None:
        took, median = results.run.seconds, results.run.median_seconds
        lines.append(f"  time           {took:.1f} s of wall time, {median:.2f} s a test in the median")
    lines.append(f"  report         {directory / 'report.html'}")
    return "\n".join(lines)


def _counts(noun: str, counts: dict[Verdict, int]) -> str:
    parts = ", ".join(f"{number} {verdict.value}" for verdict, number in counts.items() if number)
    return f"{noun:<14} {sum(counts.values())}: {parts or 'none'}"
