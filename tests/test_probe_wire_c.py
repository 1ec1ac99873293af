"""The probe's own codec (targets/probe/wire.c), compiled for this machine and asked from Python.

Two implementations of one page: what one side builds, the other must read; what is damaged, both must refuse.
"""

import ctypes
import shutil
import subprocess
import zlib
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.probe.wire import Answer, Argument, Event, decode_line, encode_request
from tests.strategies import arguments, numbers, words

PROBE = Path(__file__).parents[1] / "targets" / "probe"
FIELDS_KEPT = 16
LIMIT = 512

byte_strings = st.binary(max_size=60)
untimed = settings(deadline=None)  # how long an example takes is the machine's business
sequences = st.integers(0, 255)


class Frame(ctypes.Structure):
    """struct wire_frame"""

    _fields_ = (("length", ctypes.c_size_t), ("text", ctypes.c_char * 4096))


class Request(ctypes.Structure):
    """struct wire_request"""

    _fields_ = (
        ("sequence", ctypes.c_uint8),
        ("count", ctypes.c_size_t),
        ("field", ctypes.c_char_p * FIELDS_KEPT),
    )


class Wire:
    """wire.c, with Python types."""

    def __init__(self, library: Path) -> None:
        self._c = ctypes.CDLL(str(library))
        self._c.wire_open.restype = ctypes.c_bool
        self._c.wire_is_word.restype = ctypes.c_bool
        self._c.wire_to_number.restype = ctypes.c_bool
        self._c.wire_to_bytes.restype = ctypes.c_bool
        self._c.wire_crc.restype = ctypes.c_uint32

    def crc(self, text: bytes) -> int:
        return int(self._c.wire_crc(text, ctypes.c_size_t(len(text))))

    def open(self, line: bytes) -> tuple[int, list[str]] | None:
        """Sequence number and fields of a request; None if it is refused."""
        buffer = ctypes.create_string_buffer(line, len(line) + 1)
        request = Request()
        if not self._c.wire_open(buffer, ctypes.c_size_t(len(line)), ctypes.byref(request)):
            return None
        kept = min(request.count, FIELDS_KEPT)
        return request.sequence, [(request.field[i] or b"").decode("ascii") for i in range(kept)]

    def number(self, field: str) -> int | None:
        value = ctypes.c_uint64()
        fits = self._c.wire_to_number(field.encode("ascii"), ctypes.byref(value))
        return value.value if fits else None

    def bytes(self, field: str) -> bytes | None:
        buffer = ctypes.create_string_buffer(field.encode("ascii"))
        count = ctypes.c_size_t()
        fits = self._c.wire_to_bytes(buffer, ctypes.byref(count))
        return buffer.raw[: count.value] if fits else None

    def is_word(self, field: str) -> bool:
        return bool(self._c.wire_is_word(field.encode("ascii")))

    def frame(self, sign: str, sequence: int, fields: Sequence[Argument]) -> str:
        """A frame as the probe sends it, without the LF it must end with."""
        frame = Frame()
        self._c.wire_begin(ctypes.byref(frame), ctypes.c_char(sign.encode("ascii")), sequence)
        for field in fields:
            self._add(frame, field)
        self._c.wire_end(ctypes.byref(frame))
        text = bytes(ctypes.string_at(ctypes.addressof(frame) + Frame.text.offset, frame.length))
        assert text.endswith(b"\n")
        return text[:-1].decode("ascii")

    def _add(self, frame: Frame, field: Argument) -> None:
        if isinstance(field, int):
            self._c.wire_number(ctypes.byref(frame), ctypes.c_uint64(field))
        elif isinstance(field, bytes):
            self._c.wire_bytes(ctypes.byref(frame), field, ctypes.c_size_t(len(field)))
        else:
            self._c.wire_word(ctypes.byref(frame), field.encode("ascii"))


@pytest.fixture(scope="module")
def wire(tmp_path_factory: pytest.TempPathFactory) -> Wire:
    library = tmp_path_factory.mktemp("wire") / "wire.so"
    compiler = shutil.which("gcc")
    assert compiler, "gcc is missing; ./mrm installs it"
    checks = ["-fsanitize=undefined", "-fsanitize-undefined-trap-on-error"]
    flags = ["-std=c11", "-O1", "-shared", "-fPIC", "-Wall", "-Wextra", "-Werror", "-Wconversion", *checks]
    subprocess.run([compiler, *flags, str(PROBE / "wire.c"), "-o", str(library)], check=True, timeout=60)
    return Wire(library)


def framed(body: str) -> bytes:
    """A body with the checksum that belongs to it."""
    return f"{body} {zlib.crc32(body.encode('latin-1')):08x}".encode("latin-1")


def text_of(argument: Argument) -> str:
    if isinstance(argument, int):
        return f"{argument:x}"
    return "x" + argument.hex() if isinstance(argument, bytes) else argument


class TestChecksum:
    @untimed
    @given(text=st.binary(max_size=600))
    def test_it_is_the_one_of_zlib(self, wire: Wire, text: bytes) -> None:
        assert wire.crc(text) == zlib.crc32(text)


class TestRequest:
    @untimed
    @given(sequence=sequences, verb=words, given_arguments=arguments)
    def test_what_the_harness_sends_is_understood(
        self, wire: Wire, sequence: int, verb: str, given_arguments: list[Argument]
    ) -> None:
        line = encode_request(sequence, verb, given_arguments).rstrip(b"\n")

        assert wire.open(line) == (sequence, [verb, *map(text_of, given_arguments)])

    @untimed
    @given(verb=words, given_arguments=arguments, data=st.data())
    def test_one_wrong_byte_damages_it(
        self, wire: Wire, verb: str, given_arguments: list[Argument], data: st.DataObject
    ) -> None:
        line = bytearray(encode_request(7, verb, given_arguments).rstrip(b"\n"))
        at = data.draw(st.integers(0, len(line) - 1))
        line[at] ^= data.draw(st.integers(1, 255))

        assert wire.open(bytes(line)) is None

    @untimed
    @given(verb=words, given_arguments=arguments, data=st.data())
    def test_a_lost_tail_damages_it(
        self, wire: Wire, verb: str, given_arguments: list[Argument], data: st.DataObject
    ) -> None:
        line = encode_request(7, verb, given_arguments).rstrip(b"\n")

        assert wire.open(line[: data.draw(st.integers(0, len(line) - 1))]) is None

    @untimed
    @given(line=st.binary(max_size=600))
    def test_noise_is_refused(self, wire: Wire, line: bytes) -> None:
        assert wire.open(line) is None

    @pytest.mark.parametrize(
        "body",
        [
            ">07",  # no verb
            ">07  echo",  # two spaces
            ">07 echo ",  # a space too many at the end
            ">7 echo",  # short sequence number
            ">0A echo",  # upper case
            ">07xecho",  # no space behind it
            "<07 echo",  # not a request
            ">07 ech\x07",  # not printable
            ">07 \xe9cho",  # not ASCII
        ],
    )
    def test_a_right_checksum_does_not_make_a_wrong_form_right(self, wire: Wire, body: str) -> None:
        assert wire.open(framed(">07 echo")) == (7, ["echo"])
        assert wire.open(framed(body)) is None

    def test_the_limit_is_512_bytes_with_the_line_end(self, wire: Wire) -> None:
        longest = ">07 echo x"
        longest += "0" * (LIMIT - 1 - len(framed(longest)))

        assert len(framed(longest)) + 1 == LIMIT
        assert wire.open(framed(longest)) is not None
        assert wire.open(framed(longest + "0")) is None

    def test_more_fields_than_any_verb_has_are_counted_and_not_kept(self, wire: Wire) -> None:
        opened = wire.open(framed(">07" + " f" * 40))

        assert opened == (7, ["f"] * FIELDS_KEPT)


class TestFields:
    @untimed
    @given(number=numbers)
    def test_a_number_is_read_back(self, wire: Wire, number: int) -> None:
        assert wire.number(f"{number:x}") == number

    @pytest.mark.parametrize("field", ["", "00", "0x1", "A", "1g", "-1", "10000000000000000"])
    def test_what_is_no_number(self, wire: Wire, field: str) -> None:
        assert wire.number(field) is None

    @untimed
    @given(content=byte_strings)
    def test_bytes_are_read_back(self, wire: Wire, content: bytes) -> None:
        assert wire.bytes("x" + content.hex()) == content

    @pytest.mark.parametrize("field", ["", "00", "x0", "x0g", "xAB", "x 0"])
    def test_what_is_no_byte_string(self, wire: Wire, field: str) -> None:
        assert wire.bytes(field) is None

    @untimed
    @given(word=words)
    def test_words(self, wire: Wire, word: str) -> None:
        assert wire.is_word(word)

    @pytest.mark.parametrize("field", ["", "1a", "-a", "A", "aB", "a_b", "a.b"])
    def test_what_is_no_word(self, wire: Wire, field: str) -> None:
        assert not wire.is_word(field)


class TestAnswer:
    @untimed
    @given(sequence=sequences, status=words, values=arguments)
    def test_the_harness_reads_an_answer(
        self, wire: Wire, sequence: int, status: str, values: list[Argument]
    ) -> None:
        line = wire.frame("<", sequence, [status, *values])

        assert decode_line(line) == Answer(sequence, status, tuple(map(text_of, values)))

    @untimed
    @given(sequence=sequences, name=words, values=arguments)
    def test_the_harness_reads_an_event(
        self, wire: Wire, sequence: int, name: str, values: list[Argument]
    ) -> None:
        line = wire.frame("!", sequence, [name, *values])

        assert decode_line(line) == Event(sequence, name, tuple(map(text_of, values)))

    def test_a_frame_that_would_be_too_long_is_cut_and_stays_whole(self, wire: Wire) -> None:
        line = wire.frame("<", 7, ["ok", bytes(3000)])

        assert len(line) + 1 == 4096
        assert isinstance(decode_line(line), Answer)
