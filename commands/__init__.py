"""The command line `mrm`: one small file for each command, errors in three parts, exit codes for scripts.

Here nothing is decided: commands read their arguments, call harness, suites or reports, show what came of it.
"""

import importlib
import traceback

import click

from harness.errors import MrmError, UsageError

COMMANDS = ("board", "certify", "compare", "image", "nightly", "peers", "report", "run", "selftest")


COULD_NOT_ASK = 3


class Lazy(click.Group):
    """A group whose commands are imported when they are wanted: none should wait for all others."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(importlib.import_module(f"commands.{cmd_name}"), cmd_name)
        return command

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except MrmError as error:
            click.echo(in_three_parts(error), err=True)
            ctx.exit(exit_code(error))
        except KeyboardInterrupt:
            click.echo("\nmrm: interrupted", err=True)
            ctx.exit(COULD_NOT_ASK)
        except Exception:  # ours to correct; to a script it must not look like "not conformant", which is 1
            traceback.print_exc()
            ctx.exit(COULD_NOT_ASK)


def in_three_parts(error: MrmError) -> str:
    """What was wrong, why it matters, what to do."""
    lines = [f"mrm: {error.what}"]
    if error.last_step:
        lines.append(f"  last step reached: {error.last_step}")
    if error.why:
        lines.append(f"  why: {error.why}")
    if error.todo:
        lines.append(f"  do:  {error.todo}")
    return "\n".join(lines)


def exit_code(error: MrmError) -> int:
    """2 for wrong input, 1 if the system under test is to blame, 3 if it could not be asked."""
    if isinstance(error, UsageError):
        return 2
    return 1 if error.blame is None else COULD_NOT_ASK


@click.group(cls=Lazy, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="mrm")
def main() -> None:
    """Judges Multiple Real Machines: are the partitions of an MRM image separate, real machines?

    \b
    Begin with one of these:
      mrm certify                                boot the reference images, ask everything, write a report
      mrm run twin-probes --board qemu-q35       look around in a running image
      mrm image check my-image.toml              is this manifest right?

    Exit codes: 0 all is well; 1 not conformant, or something failed; 2 wrong usage or input; 3 could not ask.
    """
