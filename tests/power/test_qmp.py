"""The monitor, held against a QEMU of a few lines that says what the test wants."""

import json
import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from harness.deadline import Deadline, SystemClock
from harness.errors import InfraError, InfraTimedOut
from harness.power import MachineEvent, MachineState, Run
from harness.power.qmp import Monitor

VERSION = {"qemu": {"major": 7, "minor": 2, "micro": 22}, "package": "Debian"}


class FakeQemu:
    """Speaks QMP on its end of a socket pair, in a thread of its own."""

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {"qmp_capabilities": {}, "query-version": VERSION}
        self.before_answer: list[dict[str, Any]] = []
        """events that are sent with the next answer to query-status, just before it"""
        self._near, self.far = socket.socketpair()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._near.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)
        self._near.close()

    def _serve(self) -> None:
        self._send({"QMP": {"version": VERSION, "capabilities": []}})
        while request := self._near.recv(65536):  # a client sends one request, and waits
            self._answer(json.loads(request))

    def _answer(self, request: dict[str, Any]) -> None:
        command = request["execute"]
        events = self.before_answer if command == "query-status" else []
        number = {"id": request["id"]} if "id" in request else {}
        if command not in self.answers:
            self._send({"error": {"class": "GenericError", "desc": "no such thing"}} | number)
        elif self.answers[command] is not None:
            self._send(*events, {"return": self.answers[command]} | number)

    def _send(self, *messages: dict[str, Any]) -> None:
        self._near.sendall(b"".join(json.dumps(message).encode() + b"\r\n" for message in messages))


def soon(seconds: float = 10) -> Deadline:
    return Deadline(SystemClock(), seconds)


def event(name: str, **data: object) -> dict[str, Any]:
    return {"event": name, "data": data, "timestamp": {"seconds": 1, "microseconds": 0}}


@pytest.fixture
def qemu() -> Iterator[FakeQemu]:
    fake = FakeQemu()
    yield fake
    fake.close()


@pytest.fixture
def heard() -> list[MachineEvent]:
    return []


@pytest.fixture
def monitor(qemu: FakeQemu, heard: list[MachineEvent]) -> Iterator[Monitor]:
    connected = Monitor(qemu.far, heard.append)
    connected.connect(soon())
    yield connected
    connected.close(soon())


class TestExecute:
    def test_returns_what_qemu_returned(self, monitor: Monitor) -> None:
        assert monitor.execute("query-version", soon()) == VERSION

    def test_refusal_is_said_in_qemus_words(self, monitor: Monitor) -> None:
        with pytest.raises(InfraError, match="QEMU refused to answer `eject`: no such thing"):
            monitor.execute("eject", soon())

    def test_no_answer_is_a_time_out(self, qemu: FakeQemu, monitor: Monitor) -> None:
        qemu.answers["query-status"] = None

        with pytest.raises(InfraTimedOut, match=r"QEMU did not answer `query-status` within 0\.1 s"):
            monitor.execute("query-status", soon(0.1))

    def test_a_closed_line_is_said(self, qemu: FakeQemu, monitor: Monitor) -> None:
        qemu._near.shutdown(socket.SHUT_RDWR)

        with pytest.raises(InfraError, match="its monitor is closed"):
            monitor.execute("query-status", soon())


class TestEvents:
    def test_what_came_before_the_answer_is_known(
        self, qemu: FakeQemu, monitor: Monitor, heard: list[MachineEvent]
    ) -> None:
        qemu.answers["query-status"] = {"status": "running"}
        qemu.before_answer = [event("RESET", guest=True, reason="guest-reset")] * 100

        assert monitor.events(soon()) == [MachineEvent("RESET", "guest-reset")] * 100
        assert len(heard) == 100

    def test_what_a_driver_does_to_its_device_is_none_of_the_machine(
        self, qemu: FakeQemu, monitor: Monitor, heard: list[MachineEvent]
    ) -> None:
        qemu.answers["query-status"] = {"status": "running"}
        qemu.before_answer = [event("NIC_RX_FILTER_CHANGED", path="nic1"), event("RESET")]

        assert monitor.events(soon()) == heard == [MachineEvent("RESET")]


class TestState:
    @pytest.mark.parametrize(
        ("status", "events", "state"),
        [
            ("running", [], MachineState(Run.RUNNING)),
            ("prelaunch", [], MachineState(Run.PAUSED, "prelaunch")),
            ("shutdown", [event("SHUTDOWN", reason="guest-reset")], MachineState(Run.OFF, "guest-reset")),
            ("guest-panicked", [event("GUEST_PANICKED", action="pause")], MachineState(Run.OFF, "pause")),
        ],
    )
    def test_is_named(
        self, qemu: FakeQemu, monitor: Monitor, status: str, events: list[dict[str, Any]], state: MachineState
    ) -> None:
        qemu.answers["query-status"] = {"status": status}
        qemu.before_answer = events

        assert monitor.state(soon()) == state


class TestVersion:
    def test_has_the_distributions_name_for_it(self, monitor: Monitor) -> None:
        assert monitor.version == "7.2.22 Debian"
