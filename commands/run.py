"""`mrm run`: boots an image and lets a person talk to its consoles, for looking around."""

import signal
import sys
from contextlib import closing
from pathlib import Path
from types import FrameType
from typing import NoReturn

import click

from commands.preflight import make_results
from commands.terminal import Terminal, single_keys
from harness.deadline import Deadline, SystemClock
from harness.errors import UsageError
from harness.image import DEFAULT_BOARD, Manifest, load_board, load_manifest, pack
from harness.machine import open_machine

START_SECONDS = 60


@click.command()
@click.argument("image")
@click.option(
    "--board", default=DEFAULT_BOARD, show_default=True, metavar="NAME|FILE", help="Where to boot it."
)
@click.option(
    "--logs",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where everything that is said is kept: a new directory.  [default: results/run-DATE-TIME]",
)
def run(image: str, board: str, logs: Path | None) -> None:
    """Boots IMAGE on a board, and lets you talk to its consoles.

    One console is shown at a time. Ctrl-] and a digit shows another one, Ctrl-] n the next one, Ctrl-] p asks
    the probe behind it a question, Ctrl-] q ends the machine, Ctrl-] ? lists all keys.

    \b
    Examples:
      mrm run twin-probes                  then  Ctrl-] 2  Ctrl-] p  hello
      mrm run trio-probes --board qemu-pc

    Exit codes: 0 you ended it; 1 the machine went off by itself; 2 wrong input; 3 it did not start.
    """
    manifest = load_manifest(image)
    logs = logs or make_results(None, "run")
    if logs.exists() and any(logs.iterdir()):
        raise UsageError(
            f"{logs} is not empty",
            why="what this machine says would be mixed with what is there",
            todo="name a directory that is new or empty behind --logs",
        )
    packed = pack(load_board(board), manifest, logs)
    signal.signal(signal.SIGTERM, _leave)
    with closing(open_machine(packed.board, packed, logs)) as machine:
        machine.power_on(Deadline(SystemClock(), START_SECONDS))
        click.echo(f"mrm: {manifest.name} runs on {packed.board.name}; everything is kept in {logs}")
        keys = sys.stdin.fileno()
        with single_keys(keys):
            terminal = Terminal(machine, titles(manifest), keys)
            end = terminal.talk()
    click.echo(f"\nmrm: {end}")
    raise SystemExit(0 if terminal.ended else 1)


def titles(manifest: Manifest) -> dict[str, str]:
    """The consoles of an image, and who is behind each: the controller first, then the partitions."""
    found = {}
    if manifest.controller is not None:
        found[manifest.controller.console] = "controller"
    for spec in manifest.partitions:
        found[spec.serial] = f"partition {spec.name}" if manifest.bare is None else "the bare machine"
    return found


def _leave(_signal: int, _frame: FrameType | None) -> NoReturn:
    """An ordinary end on SIGTERM: the terminal is put back, the machine is ended."""
    sys.exit(128 + signal.SIGTERM)
