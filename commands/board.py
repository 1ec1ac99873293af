"""`mrm board`: lists and checks board files."""

import click

from harness.image import check_board, load_board
from harness.image.board import FOLDER, Board
from harness.image.check import refuse
from harness.image.document import names
from harness.image.reference import keys


@click.group()
def board() -> None:
    """Board files: machines, how to reach them, and what they have."""


@board.command("list")
def list_() -> None:
    """Lists the boards that come with mrm."""
    for name in names(FOLDER):
        click.echo(f"{name:<20} {load_board(name).summary}")


@board.command()
@click.argument("file")
def check(file: str) -> None:
    """Checks a board FILE (or a board that comes with mrm, by name); shows every mistake.

    \b
    Examples:
      mrm board check targets/boards/qemu-pc.toml
      mrm board check qemu-q35

    Exit codes: 0 it is right; 2 it is not.
    """
    found = load_board(file)
    refuse(found.source, "a board file", check_board(found))
    processors, devices = len(found.processors.apic_ids), ", ".join(found.devices)
    click.echo(f"{found.source}: board {found.name} is right: {processors} processors, devices {devices}")


@board.command("keys")
def keys_() -> None:
    """Lists the keys of a board file: what is required, and what each is for."""
    for key in keys(Board):
        click.echo(f"{key.path:<36} {'required' if key.required else '':<9} {key.meaning}")
