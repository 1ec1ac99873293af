"""Bytes to lines. What comes out does not depend on how the bytes were cut into chunks."""


class LineReader:
    """Cuts a stream into lines, wherever the edges of its chunks are.

    A line ends with LF; CR is dropped wherever it stands, as terminals and the probe protocol have it. A line
    that grows beyond `limit` bytes is cut there, so that a machine gone wild cannot eat the host's memory.
    """

    def __init__(self, limit: int = 65536) -> None:
        self._limit = limit
        self._rest = bytearray()

    @property
    def rest(self) -> bytes:
        """The line that has begun and not ended."""
        return bytes(self._rest)

    def feed(self, chunk: bytes) -> list[bytes]:
        """Take the next bytes of the stream, and return the lines that they complete, without their ends."""
        *ended, rest = (self._rest + chunk.replace(b"\r", b"")).split(b"\n")
        lines = [piece for line in ended for piece in self._pieces(line)]
        *full, self._rest = self._pieces(rest)
        return [bytes(line) for line in lines + full]

    def _pieces(self, line: bytearray) -> list[bytearray]:
        """Cut a line at the limit: all pieces are full, but for the last one."""
        cuts = range(0, max(len(line), 1), self._limit)
        return [line[cut : cut + self._limit] for cut in cuts]
