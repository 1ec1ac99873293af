"""A real QEMU: what comes out of it, what becomes of it, and that every way it can end has its name."""

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from harness.errors import HarnessError, InfraError, MachineCrash, Silence
from harness.image import Board, load_board
from harness.machine import Machine, MachineEvent, Run, command_line, open_machine
from harness.machine.qemu import QemuMachine
from tests.machine.conftest import Start, packed, within
from tests.machine.payload import (
    COM4,
    HALT,
    NO_HANDLERS,
    NO_TICKS,
    RESET,
    SOFT_OFF,
    TAKE_NMI,
    TRIPLE_FAULT,
    WAIT,
    repeat,
    say,
)


def kill_qemu(machine: Machine) -> None:
    os.kill(qemu_of(machine), signal.SIGKILL)


def qemu_of(machine: Machine) -> int:
    assert isinstance(machine, QemuMachine)
    assert machine._process is not None
    return machine._process.pid


class TestBoards:
    @pytest.mark.parametrize("name", ["qemu-q35", "qemu-pc"])
    @pytest.mark.parametrize("timing", ["counted", "threads"])
    @pytest.mark.parametrize("firmware", ["qboot", "seabios"])
    def test_all_boot(self, tmp_path: Path, name: str, timing: str, firmware: str) -> None:
        board = load_board(name)
        qemu = board.qemu.model_copy(update={"timing": timing, "firmware": firmware})
        board = board.model_copy(update={"qemu": qemu})
        with closing(open_machine(board, packed(tmp_path, say("up\n") + HALT, board), tmp_path)) as machine:
            machine.power_on(within(10))
            machine.consoles["com1"].expect("up", within(20))


class TestConsoles:
    def test_nothing_is_lost_at_the_start(self, start: Start) -> None:
        """More than a UART or its FIFO holds, sent by the first instructions, read late."""
        text = "".join(f"line {number}\n" for number in range(300))
        machine = start(say(text) + say("done\n", COM4) + HALT)
        machine.consoles["com4"].expect("done", within(10))
        lines = [machine.consoles["com1"].readline(within(1)) for _ in range(300)]

        assert lines == text.splitlines()

    def test_the_machine_does_not_wait_for_a_reader(self, start: Start) -> None:
        """Else the instant at which we read would show in the machine's own time."""
        machine = start(repeat(b".", 200_000) + SOFT_OFF + HALT)
        deadline = within(20)
        while machine.state().run is Run.RUNNING:
            deadline.check("switching off")
        machine.close()

        assert machine.consoles["com1"].log.read_bytes() == b"." * 200_000

    def test_are_those_of_the_board_in_its_order(self, start: Start) -> None:
        assert list(start(HALT).consoles) == ["com1", "com2", "com3", "com4"]

    def test_logs_hold_what_nobody_read(self, start: Start) -> None:
        machine = start(say("unread", COM4) + say("read\n") + HALT)
        machine.consoles["com1"].expect("read", within(10))
        machine.close()

        assert machine.consoles["com4"].log.read_bytes() == b"unread"

    def test_silence_ends_with_the_deadline_and_names_the_last_step(self, start: Start) -> None:
        machine = start(HALT)
        begun = time.monotonic()

        with pytest.raises(Silence, match=r"within 0\.3 s") as caught:
            machine.consoles["com1"].readline(within(0.3))
        assert 0.3 <= time.monotonic() - begun < 1
        assert caught.value.last_step == "the processors run"


class TestPower:
    @pytest.mark.parametrize(
        ("code", "reason"),
        [(SOFT_OFF, "guest-shutdown"), (RESET, "guest-reset"), (TRIPLE_FAULT, "guest-reset")],
        ids=["soft-off", "reset", "triple-fault"],
    )
    def test_a_machine_that_goes_off_ends_every_wait_at_once(
        self, start: Start, code: bytes, reason: str
    ) -> None:
        machine = start(code + HALT)
        begun = time.monotonic()

        with pytest.raises(MachineCrash, match=f"the machine is off: {reason}"):
            machine.consoles["com1"].readline(within(30))
        assert time.monotonic() - begun < 5
        assert machine.state().run is Run.OFF

    def test_wait_off_expects_it(self, start: Start) -> None:
        machine = start(SOFT_OFF + HALT)

        assert machine.wait_off(within(10)).run is Run.OFF
        assert MachineEvent("SHUTDOWN", "guest-shutdown") in machine.events_since(0)

    def test_wait_off_tells_when_it_does_not_come(self, start: Start) -> None:
        assert start(HALT).wait_off(within(0.2)).run is Run.RUNNING

    def test_events_are_counted_from_the_mark(self, start: Start) -> None:
        machine = start(WAIT + SOFT_OFF + HALT)
        mark = machine.mark()
        assert machine.events_since(mark) == []
        machine.consoles["com1"].write(b"!")
        machine.wait_off(within(10))

        assert [event.name for event in machine.events_since(mark)] == ["SHUTDOWN"]

    def test_a_machine_that_is_off_can_still_be_looked_into(self, start: Start) -> None:
        machine = start(SOFT_OFF + HALT)
        machine.wait_off(within(10))

        assert machine.read_memory(0x100000, 4) == (0x1BADB002).to_bytes(4, "little")

    def test_reading_memory_twice_reads_it_anew(self, start: Start) -> None:
        machine = start(say("up\n") + HALT)
        machine.consoles["com1"].expect("up", within(10))

        assert len(machine.read_memory(0x100000, 4096)) == 4096
        assert machine.read_memory(0x100000, 4) == (0x1BADB002).to_bytes(4, "little")

    def test_nmi_reaches_the_processor(self, start: Start) -> None:
        """Without handlers it is the end, which is easily seen."""
        machine = start(NO_HANDLERS + TAKE_NMI + say("up\n") + HALT)
        machine.consoles["com1"].expect("up", within(10))
        machine.inject_nmi()

        assert machine.wait_off(within(10)).reason == "guest-reset"

    def test_the_date_is_that_of_the_command_line(self, start: Start) -> None:
        """Or one day later: time leaps to the next alarm of the real-time clock if nothing comes first."""
        machine = start(NO_TICKS + say("up\n") + HALT)
        machine.consoles["com1"].expect("up", within(10))

        days, rest = divmod(machine.date() - datetime(2026, 1, 1, tzinfo=UTC), timedelta(days=1))
        assert days in (0, 1)
        assert rest < timedelta(seconds=2)

    def test_time_goes_on_while_all_processors_sleep_if_turns_are_short(self, start: Start) -> None:
        """By more than that leap."""
        machine, deadline = start(NO_TICKS + say("up\n") + HALT), within(10)
        machine.consoles["com1"].expect("up", within(10))
        seen = {machine.date()}
        with machine.short_turns():
            while len(seen) < 4 and not deadline.expired:
                seen.add(machine.date())

        assert len(seen) == 4

    def test_it_rests_and_goes_on_and_nothing_has_happened(self, start: Start) -> None:
        machine = start(say("up\n") + HALT)
        machine.consoles["com1"].expect("up", within(10))
        mark = machine.mark()

        machine.rest()
        assert machine.state().run is Run.PAUSED
        machine.go_on()
        assert machine.state().run is Run.RUNNING
        assert machine.events_since(mark) == []

    def test_turns_can_be_short_again(self, start: Start) -> None:
        machine = start(HALT)
        for _ in range(2):
            with machine.short_turns():
                pass


class TestTrouble:
    def test_qemu_killed_during_a_wait_is_infrastructure(self, start: Start) -> None:
        machine = start(say("up\n") + HALT)
        machine.consoles["com1"].expect("up", within(10))
        kill_qemu(machine)
        begun = time.monotonic()

        with pytest.raises(InfraError, match="QEMU is gone: killed by signal 9") as caught:
            machine.consoles["com1"].readline(within(30))
        assert time.monotonic() - begun < 1
        assert caught.value.last_step == "com1 said 'up'"
        assert machine.state().run is Run.GONE

    def test_qemu_killed_is_found_by_the_monitor_too(self, start: Start) -> None:
        machine = start(HALT)
        kill_qemu(machine)

        with pytest.raises(InfraError, match="QEMU is gone: killed by signal 9"):
            machine.mark()

    def test_a_start_that_fails_says_why_in_qemus_words(
        self, tmp_path: Path, q35: Board, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setitem(command_line._FIRMWARE, "qboot", "no-such-firmware.rom")
        machine = open_machine(q35, packed(tmp_path, HALT, q35), tmp_path / "logs")

        with pytest.raises(InfraError, match="QEMU is gone: exit status 1") as caught:
            machine.power_on(within(10))
        assert caught.value.why == "qemu: could not load PC BIOS 'no-such-firmware.rom'"
        machine.close()

    def test_a_kernel_that_qemu_cannot_load_says_so(self, tmp_path: Path, q35: Board) -> None:
        image = packed(tmp_path, HALT, q35)
        image.kernel.write_bytes(b"")
        machine = open_machine(q35, image, tmp_path / "logs")

        with pytest.raises(InfraError, match="kernel"):
            machine.power_on(within(10))
        machine.close()

    def test_a_host_without_the_tools_is_named(
        self, tmp_path: Path, q35: Board, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("PATH", str(tmp_path))
        machine = open_machine(q35, packed(tmp_path, HALT, q35), tmp_path / "logs")

        with pytest.raises(InfraError, match="setpriv does not start") as caught:
            machine.power_on(within(10))
        assert "install the package util-linux" in caught.value.todo
        machine.close()

    def test_another_thread_may_not_start_it(self, tmp_path: Path, q35: Board) -> None:
        """QEMU would end with the thread, in the middle of a test."""
        machine = open_machine(q35, packed(tmp_path, HALT, q35), tmp_path / "logs")
        with ThreadPoolExecutor(1) as pool, pytest.raises(HarnessError, match="by the main thread"):
            pool.submit(machine.power_on, within(10)).result()
        machine.close()

    def test_a_stopped_qemu_does_not_hold_up_its_end(self, start: Start) -> None:
        machine = start(HALT)
        os.kill(qemu_of(machine), signal.SIGSTOP)
        begun = time.monotonic()
        machine.close()

        assert time.monotonic() - begun < 2

    def test_is_switched_on_once(self, start: Start) -> None:
        with pytest.raises(HarnessError, match="switched on already"):
            start(HALT).power_on(within(1))

    def test_questions_to_a_machine_that_is_not_on(self, tmp_path: Path, q35: Board) -> None:
        machine = open_machine(q35, packed(tmp_path, HALT, q35), tmp_path / "logs")

        assert machine.state().run is Run.GONE
        with pytest.raises(HarnessError, match="not switched on"):
            machine.inject_nmi()
        machine.close()


class TestClose:
    def test_leaves_no_process_and_may_be_repeated(self, start: Start) -> None:
        machine = start(HALT)
        pid = qemu_of(machine)
        machine.close()
        machine.close()

        assert not Path(f"/proc/{pid}").exists()
        assert machine.state().run is Run.GONE

    def test_leaves_no_descriptor(self, start: Start) -> None:
        start(HALT).close()  # the event loop of all monitors is there now
        before = len(os.listdir("/proc/self/fd"))
        for _ in range(3):
            start(HALT).close()

        assert len(os.listdir("/proc/self/fd")) == before


class TestProvenance:
    def test_says_how_to_repeat_it(self, start: Start) -> None:
        provenance = start(HALT).provenance

        assert provenance["version"][0].isdigit()
        assert provenance["command"].startswith("qemu-system-x86_64 ")
