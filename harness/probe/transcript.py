"""What was said between harness and probe, without instants and repetitions: two deterministic runs give the same."""

from collections.abc import Sequence
from pathlib import Path


class Transcript:
    """Appends each frame once, when it is first sent or taken: sign, number and fields, without the checksum."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = path.open("a", encoding="ascii", buffering=1)

    def add(self, sign: str, sequence: int, fields: Sequence[str]) -> None:
        self._file.write(f"{sign}{sequence:02x} {' '.join(fields)}\n")

    def close(self) -> None:
        self._file.close()
