"""Does an unmodified Linux work with a network interface of its own? Paper §3.1(1), (2).

At the other end of its wire is a peer outside of the machine (harness/machine/wire.py).
"""

import hashlib

import pytest

from fixtures.partitions import Partition
from harness.machine import wire
from suites.systems.functions import interface
from suites.systems.linux import shell

pytestmark = pytest.mark.process

PINGS = 3
PIECE_BYTES, PIECES = 1 << 20, 64
SECONDS = 600
"""Checksums of many megabytes take an emulator its time."""


@pytest.fixture
def connected(subject: Partition) -> Partition:
    """The subject, with an address of its own."""
    shell(subject, f"ifconfig {interface(subject)} {wire.OWN} up")
    return subject


@pytest.mark.smoke
@pytest.mark.requirement("OS-06", "DEV-08")
def test_does_its_peer_answer(connected: Partition) -> None:
    said = shell(connected, f"ping -c {PINGS} -W 10 {wire.PEER}")

    assert f"{PINGS} packets received" in said


@pytest.mark.smoke
@pytest.mark.requirement("OS-06", "DEV-08")
def test_does_what_its_peer_sends_arrive(connected: Partition) -> None:
    sent = "".join(f"{number}\n" for number in range(1, wire.NUMBERS + 1)).encode()

    got = shell(connected, f"nc {wire.SERVER} {wire.NUMBERS_PORT} </dev/null | sha256sum", SECONDS)

    assert got.split()[0] == hashlib.sha256(sent).hexdigest()


@pytest.mark.requirement("OS-06", "DEV-08", "IRQ-12")
def test_does_a_long_stream_arrive_whole(connected: Partition) -> None:
    piece = "".join(f"{number}\n" for number in range(1, 200_000)).encode()[:PIECE_BYTES]
    shell(connected, f"seq 200000 | head -c {PIECE_BYTES} >/tmp/piece")

    pieces = f"n=0; while [ $n -lt {PIECES} ]; do cat /tmp/piece; n=$((n + 1)); done"
    got = shell(connected, f"{{ {pieces}; }} | nc {wire.SERVER} {wire.SUM_PORT}", SECONDS)

    assert got.split()[0] == hashlib.sha256(piece * PIECES).hexdigest()
