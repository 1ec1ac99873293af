"""A probe in Python, for tests of the link: it keeps to PROTOCOL.md, its line does what the test wants."""

import zlib
from collections.abc import Callable

from tests.fakes import FakeStream

Mangle = Callable[[bytes], bytes]


class FakeProbe:
    """Answers on a fake stream.

    Args:
      answers: what each verb is answered by: status and values, without the number.
      mangle_request, mangle_answer: what the line does to a line that goes over it; b"" loses it.
    """

    def __init__(
        self,
        stream: FakeStream,
        answers: dict[str, str],
        mangle_request: Mangle = lambda line: line,
        mangle_answer: Mangle = lambda line: line,
    ) -> None:
        self.done: list[str] = []
        """the requests that were carried out"""
        self.answers = answers
        self._stream = stream
        self._mangle_request = mangle_request
        self._mangle_answer = mangle_answer
        self._last = (-1, "")
        self._garbled = 0
        self._events = 0
        stream.on_write = self._take

    def event(self, *fields: str) -> None:
        self._send(f"!{self._events & 0xFF:02x} {' '.join(fields)}")
        self._events += 1

    def restart(self) -> None:
        self._last = (-1, "")
        self._events = 0
        self.event("hello", "1", "linux", "100000", "8000", "3f8", "4")

    def send_raw(self, line: str) -> None:
        self._stream.push(line.encode())

    def _take(self, data: bytes) -> None:
        for line in data.splitlines():
            arrived = self._mangle_request(line)
            if arrived.startswith(b">"):
                self._answer(arrived.decode(errors="replace"))

    def _answer(self, line: str) -> None:
        body, _, checksum = line.rpartition(" ")
        if checksum != f"{zlib.crc32(body.encode()):08x}":
            self._garbled += 1
            self.event("garbled", f"{self._garbled:x}")
            return
        sequence = int(body[1:3], 16)
        if sequence != self._last[0]:
            request = body[4:]
            self.done.append(request)
            self._last = (sequence, self.answers[request.split()[0]])
        if self._last[1]:
            self._send(f"<{sequence:02x} {self._last[1]}")

    def _send(self, body: str) -> None:
        line = f"{body} {zlib.crc32(body.encode()):08x}\n".encode()
        arrived = self._mangle_answer(line)
        if arrived:
            self._stream.push(arrived)
