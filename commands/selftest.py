"""`mrm selftest`: the project checks itself. All steps are taken, whatever came of each; it sums up."""

import shutil

import click

from commands.runner import NO_TEST, Outcome, Runner
from commands.steps import EVIDENCE, LIMIT_SECONDS, Options, Step, steps
from harness.deadline import Deadline, SystemClock
from harness.image.document import nearest


@click.command()
@click.option("-k", "expression", metavar="EXPR", help="Only tests that match; handed to pytest.")
@click.option("-n", "workers", default=2, show_default=True, metavar="N", help="How many machines at once.")
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
    chosen = _choose(steps(Options(expression, workers)), only)
    if listing:
        for step in chosen:
            click.echo(f"{step.name:<12} {step.purpose}")
        return
    shutil.rmtree(EVIDENCE, ignore_errors=True)
    with Runner(Deadline(SystemClock(), LIMIT_SECONDS)) as runner:
        outcomes = [_take(runner, step, f"{index}/{len(chosen)}") for index, step in enumerate(chosen, 1)]
    raise SystemExit(_sum_up(outcomes))


def _choose(every: list[Step], only: tuple[str, ...]) -> list[Step]:
    names = [step.name for step in every]
    for name in only:
        if name not in names:
            hint = f"there is no step {name!r}; the nearest is {nearest(name, names)} of {', '.join(names)}"
            raise click.BadParameter(hint, param_hint="--only")
    return [step for step in every if not only or step.name in only]


def _take(runner: Runner, step: Step, place: str) -> Outcome:
    click.secho(f"=== {place} {step.name}: {step.purpose}", bold=True)
    outcome = runner.take(step)
    verdict = f"FAILED: {outcome.problem}" if outcome.problem else NO_TEST if outcome.empty else "passed"
    click.secho(
        f"    {step.name} {verdict}, {outcome.seconds:.1f} s", fg="red" if outcome.problem else "green"
    )
    return outcome


def _sum_up(outcomes: list[Outcome]) -> int:
    failed = [outcome for outcome in outcomes if outcome.problem]
    for outcome in failed:
        click.secho(f"selftest: {outcome.step.name} failed: {outcome.problem}", fg="red")
    asked = [outcome for outcome in outcomes if outcome.step.may_be_empty]
    if asked and all(outcome.empty for outcome in asked):
        click.secho("selftest: no test at all matches the expression given with -k", fg="red")
        return 1
    total = sum(outcome.seconds for outcome in outcomes)
    counts = f"{len(outcomes) - len(failed)} of {len(outcomes)} steps passed in {total:.0f} s"
    click.secho(f"selftest: {counts}", bold=True, fg="red" if failed else "green")
    return 1 if failed else 0
