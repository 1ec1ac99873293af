"""The codec: what goes in comes out, and what was damaged never comes out as something else."""

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.errors import HarnessError
from harness.probe.wire import (
    ANSWER_BYTES,
    REQUEST_BYTES,
    Answer,
    Argument,
    Damaged,
    Decoder,
    Event,
    Frame,
    Noise,
    decode_line,
    encode_request,
)
from tests.strategies import arguments, splits, words


def frame(sign: str, sequence: int, *fields: str) -> bytes:
    """A frame as PROTOCOL.md has it, put together independently of the codec."""
    body = f"{sign}{sequence:02x} {' '.join(fields)}".encode()
    return body + b" %08x\n" % zlib.crc32(body)


def decode(*chunks: bytes) -> list[Frame]:
    decoder = Decoder()
    return [frame for chunk in chunks for frame in decoder.feed(chunk)]


fields = st.lists(st.from_regex(r"[a-z0-9-]{1,20}", fullmatch=True), min_size=1, max_size=12)
frames = st.builds(
    lambda sign, sequence, names: frame(sign, sequence, *names),
    st.sampled_from("<!"),
    st.integers(0, 255),
    fields,
)
noise = st.binary(max_size=30).map(lambda line: b"# " + line.replace(b"\n", b"") + b"\n")
streams = st.lists(st.one_of(frames, noise), max_size=8).map(b"".join)


class TestEncode:
    @given(st.integers(0, 255), words, arguments)
    def test_is_what_the_protocol_says(
        self, sequence: int, verb: str, given_arguments: list[Argument]
    ) -> None:
        texts = []
        for argument in given_arguments:
            match argument:
                case bytes():
                    texts.append("x" + "".join(f"{byte:02x}" for byte in argument))
                case int():
                    texts.append(hex(argument)[2:])
                case str():
                    texts.append(argument)

        assert encode_request(sequence, verb, given_arguments) == frame(">", sequence, verb, *texts)

    @pytest.mark.parametrize("argument", [-1, 1 << 64, "Two", "two words", "", "line\n", "é", 1.5])
    def test_refuses_what_no_probe_could_read(self, argument: Argument) -> None:
        with pytest.raises(HarnessError, match="cannot be sent"):
            encode_request(0, "load", [argument])

    def test_refuses_a_request_that_is_too_long(self) -> None:
        longest = (REQUEST_BYTES - len(">00 echo x 01234567\n")) // 2
        assert len(encode_request(0, "echo", [bytes(longest)])) <= REQUEST_BYTES

        with pytest.raises(HarnessError, match="512 is the limit"):
            encode_request(0, "echo", [bytes(longest + 1)])


class TestDecode:
    @given(st.integers(0, 255), fields)
    def test_round_trip(self, sequence: int, names: list[str]) -> None:
        name, *values = names

        assert decode(frame("<", sequence, *names)) == [Answer(sequence, name, tuple(values))]
        assert decode(frame("!", sequence, *names)) == [Event(sequence, name, tuple(values))]

    @given(st.data(), streams)
    def test_chunk_edges_do_not_matter(self, data: st.DataObject, stream: bytes) -> None:
        assert decode(*data.draw(splits(stream))) == decode(stream)

    @given(frames, st.data())
    def test_damage_never_makes_another_frame(self, line: bytes, data: st.DataObject) -> None:
        """A CRC-32 finds every burst of up to 4 bytes, so this holds for all of them and not for most."""
        start = data.draw(st.integers(0, len(line) - 1))
        burst = data.draw(st.binary(min_size=1, max_size=min(4, len(line) - start)))
        damaged = line[:start] + burst + line[start + len(burst) :]
        found = decode(damaged + b"\n")

        assert decode(line)[0] in found or not any(isinstance(frame, Answer | Event) for frame in found)
        assert damaged == line or not any(frame == decode(line)[0] for frame in found)

    @given(frames, st.data(), frames)
    def test_is_right_again_at_the_next_line(
        self, line: bytes, data: st.DataObject, following: bytes
    ) -> None:
        """Whatever became of a line, the one after it is understood."""
        mangled = data.draw(
            st.one_of(st.binary(max_size=80), st.just(line[: data.draw(st.integers(0, len(line)))]))
        )

        assert decode(mangled + b"\n" + following)[-1] == decode(following)[0]

    @given(st.lists(st.one_of(frames, noise), min_size=1))
    def test_noise_is_kept(self, lines: list[bytes]) -> None:
        expected = [line for line in lines if line.startswith(b"#")]
        found = [frame.line for frame in decode(*lines) if isinstance(frame, Noise)]

        assert found == [line.replace(b"\r", b"")[:-1].decode(errors="backslashreplace") for line in expected]

    @pytest.mark.parametrize(
        "line",
        [
            "<00 ok",
            "<00 ok 00000000",
            "<00  ok " + "0" * 8,
            "<0 ok " + "0" * 8,
            "!00 HELLO " + "0" * 8,
            "<6>[    0.000000] Linux version",
            "<",
        ],
    )
    def test_what_begins_like_a_frame_and_is_none_is_damaged(self, line: str) -> None:
        assert decode_line(line) == Damaged(line)

    def test_what_is_longer_than_a_frame_may_be_is_damaged(self) -> None:
        longest = frame("<", 0, "ok", "x" + "0" * (ANSWER_BYTES - len("<00 ok x 01234567\n")))
        assert len(longest) == ANSWER_BYTES
        too_long = frame("<", 0, "ok", "x" + "0" * (ANSWER_BYTES + 1 - len("<00 ok x 01234567\n")))

        assert isinstance(decode(longest)[0], Answer)
        assert isinstance(decode(too_long)[0], Damaged)

    def test_upper_case_checksum_is_damaged(self) -> None:
        line = next(
            text
            for n in range(99)
            if (text := frame("<", n, "ok").decode().strip())[-8:] != text[-8:].upper()
        )

        assert isinstance(decode_line(line), Answer)
        assert isinstance(decode_line(line[:-8] + line[-8:].upper()), Damaged)

    def test_empty_lines_and_carriage_returns_are_nothing(self) -> None:
        assert decode(b"\r\n\n" + frame("<", 7, "ok").replace(b"\n", b"\r\n")) == [Answer(7, "ok", ())]
