"""Takes steps side by side, in lanes: each begins as soon as as many lanes are free as it needs."""

import time
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

import click

from commands.runner import NO_TEST, Outcome, Runner
from commands.step import Step
from harness.deadline import Deadline, SystemClock


def take_all(
    steps: list[Step], seconds: float, lanes: int = 1, ended: Callable[[Outcome], object] = lambda _: None
) -> tuple[list[Outcome], float]:
    """Takes all steps, whatever comes of each, in so many seconds; says how it goes.

    Of those that fit into the free lanes, the first one begins. One that needs more than there are gets all.
    What came of each is handed to `ended` as soon as it is known.

    Returns what came of the steps, in their order, and how many seconds all of them took.
    """
    began = time.monotonic()
    waiting, outcomes, free = list(steps), dict[str, Outcome](), lanes
    running: set[Future[Outcome]] = set()
    with ThreadPoolExecutor(lanes) as pool, Runner(Deadline(SystemClock(), seconds)) as runner:
        while len(outcomes) < len(steps):
            while step := next((step for step in waiting if min(step.lanes, lanes) <= free), None):
                waiting.remove(step)
                free -= min(step.lanes, lanes)
                running.add(pool.submit(_take, runner, step, f"{len(steps) - len(waiting)}/{len(steps)}"))
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for outcome in (future.result() for future in done):
                outcomes[outcome.step.name] = outcome
                ended(outcome)
                free += min(outcome.step.lanes, lanes)
    return [outcomes[step.name] for step in steps], time.monotonic() - began


def _take(runner: Runner, step: Step, place: str) -> Outcome:
    click.secho(f"=== {place} {step.name}: {step.purpose}", bold=True)
    outcome = runner.take(step)
    verdict = f"FAILED: {outcome.problem}" if outcome.problem else NO_TEST if outcome.empty else "passed"
    click.secho(
        f"    {step.name} {verdict}, {outcome.seconds:.1f} s", fg="red" if outcome.problem else "green"
    )
    return outcome
