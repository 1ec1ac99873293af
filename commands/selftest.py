"""`mrm selftest`: the project checks itself. All steps are taken, whatever came of each; it sums up."""

import shutil

import click

from commands import options
from commands.lanes import take_all
from commands.runner import Outcome, choose, count, show
from commands.steps import EVIDENCE, LIMIT_SECONDS, Options, steps


@click.command()
@click.option("-k", "expression", metavar="EXPR", help="Only tests that match; handed to pytest.")
@options.side_by_side("workers", "machines")
@click.option("--only", metavar="STEP", multiple=True, help="Only this step; may be repeated.")
@click.option("--list", "listing", is_flag=True, help="Shows the steps, and takes none.")
def selftest(expression: str | None, workers: int, only: tuple[str, ...], listing: bool) -> None:
    """Checks mrm itself: style, types, the core under sanitizers, all tests, and the main job on both boards.

    \b
    Examples:
      mrm selftest                          everything, as CI does it
      mrm selftest --only types --only unit
      mrm selftest --only suites -k power

    Exit codes: 0 all steps passed; 1 some did not; 2 there is no such step.
    """
    chosen = choose(steps(Options(expression, workers)), only)
    if listing:
        show(chosen)
        return
    shutil.rmtree(EVIDENCE, ignore_errors=True)
    raise SystemExit(_sum_up(*take_all(chosen, LIMIT_SECONDS)))


def _sum_up(outcomes: list[Outcome], seconds: float) -> int:
    asked = [outcome for outcome in outcomes if outcome.step.may_be_empty]
    if asked and all(outcome.empty for outcome in asked):
        click.secho("selftest: no test at all matches the expression given with -k", fg="red")
        return 1
    return count("selftest", outcomes, seconds)
