"""The probe of targets/probe on a real QEMU: both sides read PROTOCOL.md alike."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from harness.deadline import Deadline
from harness.errors import HarnessError, MachineCrash
from harness.image import PackedImage, load_board, load_manifest, pack
from harness.machine import Machine, Run, open_machine
from harness.probe import Fault, Probe


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> PackedImage:
    return pack(load_board("qemu-q35"), load_manifest("bare-probe"), tmp_path_factory.mktemp("image"))


@contextmanager
def running(image: PackedImage, logs: Path) -> Iterator[tuple[Machine, Probe]]:
    machine = open_machine(image.board, image, logs)
    try:
        deadline = Deadline(machine.clock, 20)
        machine.power_on(deadline)
        probe = Probe(machine.consoles["com1"], machine.clock, "bare")
        assert probe.wait_hello(deadline).start == "multiboot"
        yield machine, probe
        probe.close()
    finally:
        machine.close()


def interview(probe: Probe) -> None:
    """Ask some of everything: registers, exceptions, interrupts, loops with events, durations."""
    probe.echo(bytes(range(200)))
    probe.e820()
    probe.regs()
    probe.raise_("ud", 3)
    probe.nested("pf", "de")
    assert isinstance(probe.load(8, 1 << 63), Fault)
    probe.claim(2, 0x40)
    probe.timer("pit", 0x40, 1193)
    assert probe.await_(0x40, 10, 10**9) == 10
    heartbeat = probe.watch(100_000, 20)
    heartbeat.wait_begun()
    assert heartbeat.result().ticks == 20
    probe.doze(1_000_000_000)
    assert probe.cost("cpuid", 100).per_run > 0


def test_two_runs_say_the_same(image: PackedImage, tmp_path: Path) -> None:
    transcripts = []
    for run in ("first", "second"):
        with running(image, tmp_path / run) as (_, probe):
            interview(probe)
        transcripts.append(probe.transcript.read_bytes())

    assert transcripts[0] == transcripts[1]
    assert transcripts[0].count(b"\n") > 20


def test_a_line_in_order_loses_nothing(image: PackedImage, tmp_path: Path) -> None:
    with running(image, tmp_path) as (_, probe):
        interview(probe)
        statistics = probe.statistics

    assert (statistics.repeated, statistics.damaged, statistics.lost_events) == (0, 0, 0)


def test_damage_is_survived(image: PackedImage, tmp_path: Path) -> None:
    with running(image, tmp_path) as (machine, probe):
        machine.consoles["com1"].write(b">00 load 4 zz\nnoise\n>ff hello 00000000\n")
        assert probe.echo(b"still here") == b"still here"

    assert probe.statistics.garbled == 2


def test_a_panic_on_its_line_is_a_crash(image: PackedImage, tmp_path: Path) -> None:
    with running(image, tmp_path) as (_, probe), pytest.raises(MachineCrash, match="kernel panic on com1"):
        probe.say(b"Kernel panic - not syncing: only said")


def test_bad_is_said_in_the_words_of_the_protocol(image: PackedImage, tmp_path: Path) -> None:
    with running(image, tmp_path) as (_, probe):
        assert probe.ask("no-such-verb").values == ("verb",)
        assert probe.ask("load", 4).values == ("count",)
        with pytest.raises(HarnessError, match="bad range"):
            probe.raise_("ac", 0)


def test_its_last_word_switches_off(image: PackedImage, tmp_path: Path) -> None:
    with running(image, tmp_path) as (machine, probe):
        probe.last("out", 2, image.board.power.pm1a_control, image.board.power.soft_off)

        assert machine.wait_off(Deadline(machine.clock, 10)).run is Run.OFF


def test_silence_is_told_from_life(image: PackedImage, tmp_path: Path) -> None:
    with running(image, tmp_path) as (machine, probe):
        assert not probe.silent(5.0)
        probe.last("hang")
        assert probe.silent(0.2)

        assert machine.state().run is Run.RUNNING
