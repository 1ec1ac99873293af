"""What harness and probe said, without instants and repetitions: the same in two deterministic runs."""

from pathlib import Path


class Transcript:
    """A file of frames, each once, when it is first sent or taken: sign, number and fields, no checksum."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", encoding="ascii", buffering=1)

    def add(self, frame: str) -> None:
        self._file.write(frame + "\n")

    def close(self) -> None:
        self._file.close()
