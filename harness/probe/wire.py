"""The codec of the probe protocol, version 1 (targets/probe/PROTOCOL.md): pure, bytes in and frames out."""

import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from harness.console.reader import LineReader
from harness.errors import HarnessError

REQUEST_BYTES = 512
"""The longest request, line end included."""
ANSWER_BYTES = 4096
"""The longest answer or event, line end included."""

Argument = int | bytes | str
"""A number, a byte string or a word."""

_WORD = re.compile(r"[a-z][a-z0-9-]*")
_FRAME = re.compile(
    r"(?P<body>(?P<sign>[<!])(?P<sequence>[0-9a-f]{2})(?P<fields>( [a-z0-9-]+)+)) (?P<crc>[0-9a-f]{8})"
)


@dataclass(frozen=True)
class Answer:
    """What came of a request."""

    sequence: int
    status: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Event:
    """Something the probe says unasked."""

    sequence: int
    name: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Noise:
    """A line that is no frame: somebody else speaks on this line too."""

    line: str


@dataclass(frozen=True)
class Damaged:
    """A line that begins like an answer or event and is none."""

    line: str


Frame = Answer | Event | Noise | Damaged


def encode_request(sequence: int, verb: str, arguments: Sequence[Argument] = ()) -> bytes:
    """Return a request as it goes over the line.

    Raises:
      HarnessError: an argument does not fit into a frame.
    """
    body = " ".join([f">{sequence:02x}", *map(_encode, (verb, *arguments))])
    line = f"{body} {_checksum(body)}\n".encode("ascii")
    if len(line) > REQUEST_BYTES:
        raise HarnessError(
            f"the request `{body[:60]}…` is {len(line)} bytes long; {REQUEST_BYTES} is the limit"
        )
    return line


def decode_line(line: str) -> Frame:
    """Return what a line is. An answer or event is returned only if its checksum says so."""
    if not line.startswith(("<", "!")):
        return Noise(line)
    match = _FRAME.fullmatch(line)
    if match is None or len(line) >= ANSWER_BYTES or _checksum(match["body"]) != match["crc"]:
        return Damaged(line)
    name, *values = match["fields"].split()
    kind = Answer if match["sign"] == "<" else Event
    return kind(int(match["sequence"], 16), name, tuple(values))


class Decoder:
    """Takes a stream in any pieces, returns its frames. After damage it is right again at the next line."""

    def __init__(self) -> None:
        self._reader = LineReader()

    def feed(self, chunk: bytes) -> Iterator[Frame]:
        for line in self._reader.feed(chunk):
            if line:
                yield decode_line(line.decode("utf-8", errors="backslashreplace"))


def _encode(argument: Argument) -> str:
    if isinstance(argument, bytes):
        return "x" + argument.hex()
    if isinstance(argument, int) and 0 <= argument < 1 << 64:
        return f"{argument:x}"
    if isinstance(argument, str) and _WORD.fullmatch(argument):
        return argument
    raise HarnessError(
        f"{argument!r} cannot be sent to a probe",
        why="arguments are numbers below 2^64, byte strings, and words of lower-case letters, digits and '-'",
    )


def _checksum(body: str) -> str:
    return f"{zlib.crc32(body.encode('utf-8')):08x}"
