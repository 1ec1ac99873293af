"""`mrm nightly`: what no change can wait for: runs of `mrm certify` side by side, and a summary of them."""

from pathlib import Path

import click

from commands import options
from commands.lanes import take_all
from commands.preflight import make_results
from commands.profile import steps
from commands.runner import Outcome, choose, count, show
from harness.results import Results
from harness.verdict import Verdict

LIMIT_SECONDS = 45 * 60
"""For all rows; what was not begun then is said to be so."""
SUMMARY = "summary.txt"


@click.command()
@options.out("nightly")
@options.side_by_side("lanes", "rows, those on a board with threads counting as two,")
@options.rounds
@click.option("--only", metavar="ROW", multiple=True, help="Only this row; may be repeated.")
@click.option("--list", "listing", is_flag=True, help="Shows the rows, and asks nothing.")
def nightly(out: Path | None, lanes: int, rounds: int | None, only: tuple[str, ...], listing: bool) -> None:
    """Asks all images on all boards, under instruction counting and with threads, and puts them under stress.

    Each row is a run of `mrm certify`, with a report of its own in DIR/ROW/report.html. All rows are asked,
    whatever came of those before; DIR/summary.txt says what came of each, as soon as it is known.

    \b
    Examples:
      mrm nightly
      mrm nightly --list
      mrm nightly --only restarts-twin-linux-qemu-q35-threads --rounds 5

    Exit codes: 0 all rows are conformant; 1 some are not, or could not be asked; 2 wrong usage.
    """
    chosen = choose(steps(Path("DIR"), rounds), only)
    if listing:
        show(chosen)
        return
    directory = make_results(out, "nightly")
    summary = directory / SUMMARY

    def add(outcome: Outcome) -> None:
        with summary.open("a", encoding="utf-8") as file:
            file.write(_line(directory, outcome) + "\n")

    rows = choose(steps(directory, rounds), only)
    outcomes, seconds = take_all(rows, LIMIT_SECONDS, lanes, ended=add)
    click.echo(f"{summary.read_text(encoding='utf-8')}mrm: kept in {summary}")
    raise SystemExit(count("nightly", outcomes, seconds))


def _line(directory: Path, outcome: Outcome) -> str:
    """What came of a row: its verdict, how many tests had which, how long it took, where its report is."""
    name, minutes = outcome.step.name, f"{outcome.seconds / 60:5.1f} min"
    path = directory / name / "results.json"
    if not path.exists():
        return f"{name:<40} {minutes}  no results: {outcome.problem}"
    results = Results.model_validate_json(path.read_bytes())
    counts = (f"{number} {verdict.value}" for verdict in Verdict if (number := results.test_counts[verdict]))
    said = f"{results.outcome.value}: {', '.join(counts) or 'nothing asked'}"
    problem = f"; {outcome.problem}" if outcome.problem else ""
    return f"{name:<40} {minutes}  {said}{problem}  {name}/report.html"
