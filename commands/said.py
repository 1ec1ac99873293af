"""What a command says, kept in a file and shown as it comes: line by line, behind the name of its step."""

import os
from typing import IO

import click


class Said:
    """The output of one command.

    Args:
      file: what the command writes to. Not a pipe: whoever it leaves behind would hold that open.
      name: stands before each line that is shown, for steps may speak at the same time.
    """

    def __init__(self, file: IO[bytes], name: str) -> None:
        self._file = file
        self._name = name
        self._shown = 0

    def show(self, *, whole_lines: bool = True) -> None:
        """Shows what is new; the beginning of a line only if nothing will follow."""
        new = self._from(self._shown)
        if whole_lines:
            new = new[: new.rfind(b"\n") + 1]
        self._shown += len(new)
        for line in new.decode(errors="replace").splitlines():
            click.echo(f"{self._name}  {line}")

    def all(self) -> str:
        """All that was said."""
        return self._from(0).decode(errors="replace")

    def _from(self, place: int) -> bytes:
        """Reads without moving the file's offset, which is the writer's, too."""
        descriptor = self._file.fileno()
        return os.pread(descriptor, os.fstat(descriptor).st_size - place, place)
