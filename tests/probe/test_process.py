"""The probe as a process, on a terminal of this machine: asked nothing that would touch the machine."""

import contextlib
import os
import pty
import select
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.console import Console, Listener
from harness.deadline import Deadline, SystemClock
from harness.image.build import build
from harness.probe import Probe, Ran
from harness.probe.wire import encode_request


class TerminalStream:
    """The side of a terminal that a modem would be on."""

    def __init__(self) -> None:
        self._here, self.there = pty.openpty()
        os.set_blocking(self._here, False)

    def fileno(self) -> int:
        return self._here

    def read(self) -> bytes | None:
        try:
            return os.read(self._here, 4096)
        except BlockingIOError:
            return None

    def write(self, data: bytes) -> int:
        return os.write(self._here, data)

    def close(self) -> None:
        for end in (self._here, self.there):
            with contextlib.suppress(OSError):
                os.close(end)


class Setting:
    """A process, its console, and a probe client on it."""

    def __init__(self, logs: Path) -> None:
        self.clock = SystemClock()
        self.stream = TerminalStream()
        self.console = Console("tty", self.stream, Listener(self.clock), logs / "console.log")
        terminal = os.ttyname(self.stream.there)
        # An input that never says anything and never ends: no command may wait for it.
        self.process = subprocess.Popen([str(build("probe-process")), terminal], stdin=subprocess.PIPE)
        self.probe = Probe(self.console, self.clock, "process")

    def within(self, seconds: float) -> Deadline:
        return Deadline(self.clock, seconds)

    def close(self) -> None:
        self.process.kill()
        self.process.communicate(timeout=10)
        self.probe.close()
        self.stream.close()


@pytest.fixture
def setting(tmp_path: Path) -> Iterator[Setting]:
    setting = Setting(tmp_path)
    try:
        assert setting.probe.wait_hello(setting.within(10)).start == "process"
        yield setting
    finally:
        setting.close()


@pytest.fixture
def probe(setting: Setting) -> Probe:
    return setting.probe


def has_ended(process: int) -> bool:
    """Whether a process ends within seconds, or has ended."""
    try:
        handle = os.pidfd_open(process)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([handle], [], [], 5)[0])
    finally:
        os.close(handle)


class TestConversation:
    def test_every_byte_comes_back(self, probe: Probe) -> None:
        for first in range(0, 256, 128):
            data = bytes(range(first, first + 128))
            assert probe.echo(data) == data

    def test_what_is_said_is_printed_as_it_is(self, setting: Setting) -> None:
        setting.probe.say(b"a\tb")

        assert b"a\tb\n" in setting.console.log.read_bytes()

    def test_a_repeated_request_is_not_carried_out_again(self, setting: Setting, tmp_path: Path) -> None:
        command = f"echo >> {tmp_path / 'done'}".encode()
        line = encode_request(0x77, "run", [5, command])
        setting.console.write(line + line)

        for _ in range(2):
            setting.console.expect("^<77 ok 0 x ", setting.within(10))
        assert (tmp_path / "done").read_text() == "\n"

    def test_damage_is_told(self, setting: Setting) -> None:
        setting.console.write(b">00 hello 00000000\n")

        assert setting.probe.echo(b"") == b""
        assert setting.probe.statistics.garbled == 1

    @pytest.mark.parametrize("verb", ["regs", "claim", "halt", "fetch"])
    def test_what_only_a_machine_can_answer_it_does_not_know(self, probe: Probe, verb: str) -> None:
        assert probe.ask(verb).values == ("verb",)

    def test_what_makes_no_sense_is_refused_before_it_is_asked_for(self, probe: Probe) -> None:
        for question in (("load", 3, 0), ("in", 8, 0x80), ("in", 1, 0x10000), ("rdmsr", 1 << 32)):
            assert probe.ask(*question).values == ("range",)

    def test_it_ends_with_its_terminal(self, setting: Setting) -> None:
        setting.stream.close()

        assert setting.process.wait(10) == 1


class TestProcessor:
    def test_cpuid_is_this_processors(self, probe: Probe) -> None:
        leaf = probe.cpuid(0)
        vendor = b"".join(word.to_bytes(4, "little") for word in (leaf.ebx, leaf.edx, leaf.ecx)).decode()

        assert vendor in Path("/proc/cpuinfo").read_text()

    def test_spin_is_as_long_as_was_asked(self, setting: Setting) -> None:
        begin = setting.clock.monotonic()
        setting.probe.spin(200_000_000)

        assert setting.clock.monotonic() - begin > 0.02  # no time stamp counter runs at 10 GHz


class TestRun:
    def test_status_and_output(self, probe: Probe) -> None:
        assert probe.run(5, "echo out; echo err >&2; exit 7") == Ran(7, b"out\nerr\n")

    def test_a_signal(self, probe: Probe) -> None:
        assert probe.run(5, "kill -9 $$").status == 0x80 + 9

    def test_no_such_command(self, probe: Probe) -> None:
        assert probe.run(5, "no-such-command 2>/dev/null").status == 127

    def test_only_the_first_of_much_output_is_kept(self, probe: Probe) -> None:
        ran = probe.run(20, "i=0; while [ $i -lt 30000 ]; do echo $i; i=$((i + 1)); done")

        assert ran.status == 0
        assert ran.output == "".join(f"{number}\n" for number in range(300)).encode()[:1024]

    def test_it_gets_no_input(self, probe: Probe) -> None:
        assert probe.run(5, "cat") == Ran(0, b"")

    def test_it_has_all_processors(self, probe: Probe) -> None:
        nproc = shutil.which("nproc")
        assert nproc

        assert int(probe.run(5, nproc).text) == len(os.sched_getaffinity(0))

    def test_time_ends_it_and_its_children(self, probe: Probe) -> None:
        ran = probe.run(1, "sleep 60 & echo $!; sleep 60")

        assert ran.status == Ran.LATE
        assert has_ended(int(ran.text))

    def test_what_stays_in_the_background_is_not_waited_for(self, probe: Probe) -> None:
        ran = probe.run(20, "sleep 60 & echo $!")

        assert ran.status == 0
        os.kill(int(ran.text), 9)  # it is there to be killed

    def test_output_that_is_closed_early_is_no_end(self, probe: Probe) -> None:
        assert probe.run(1, "exec >&- 2>&-; sleep 60") == Ran(Ran.LATE, b"")

    def test_it_may_be_the_last_thing_asked(self, setting: Setting) -> None:
        setting.probe.last("run", 5, b"exit 3")

        assert setting.probe.wait_survived(setting.within(10)).values == ("3", "x")
