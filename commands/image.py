"""`mrm image`: lists, checks and builds images."""

import tempfile
from pathlib import Path

import click

from harness.image import DEFAULT_BOARD, load_board, load_manifest, pack
from harness.image.build import build as build_one
from harness.image.build import recipes
from harness.image.document import names
from harness.image.manifest import FOLDER, Manifest
from harness.image.reference import keys


@click.group()
def image() -> None:
    """Image manifests: a controller and its partitions."""


@image.command("list")
def list_() -> None:
    """Lists the images that come with mrm."""
    for name in names(FOLDER):
        click.echo(f"{name:<20} {load_manifest(name).summary}")


@image.command()
@click.argument("file")
@click.option(
    "--board", default=DEFAULT_BOARD, show_default=True, metavar="NAME|FILE", help="The machine it is for."
)
def check(file: str, board: str) -> None:
    """Checks an image manifest FILE (or an image that comes with mrm, by name); shows every mistake.

    Types and names are checked first, then conflicts: by the same code, with the same words, as the
    controller does it when it boots. Last, what the manifest names is built, and has to fit its memory.

    \b
    Examples:
      mrm image check my-image.toml
      mrm image check trio-probes --board qemu-pc

    Exit codes: 0 it is right; 2 it is not; 3 what it names does not build.
    """
    manifest = load_manifest(file)
    with tempfile.TemporaryDirectory() as out:
        packed = pack(load_board(board), manifest, Path(out))
    partitions = ", ".join(spec.name for spec in manifest.partitions)
    click.echo(
        f"{manifest.source}: image {manifest.name} is right for board {packed.board.name}: {partitions}"
    )
    for role, digest in packed.hashes.items():
        click.echo(f"  {role:<20} sha256 {digest}")


@image.command()
@click.argument("name", required=False)
def build(name: str | None) -> None:
    """Builds NAME, or all for which nothing has to be fetched: what manifests call "build:NAME".

    Nothing is done for what is up to date. No need to call this: what boots an image builds it first.

    \b
    Examples:
      mrm image build
      mrm image build controller
    """
    own = [each for each, job in recipes().items() if job.artifact.sysroot is None]
    for each in [name] if name else own:
        click.echo(build_one(each))


@image.command("keys")
def keys_() -> None:
    """Lists the keys of a manifest: what is required, and what each is for."""
    for key in keys(Manifest):
        click.echo(f"{key.path:<36} {'required' if key.required else '':<9} {key.meaning}")
