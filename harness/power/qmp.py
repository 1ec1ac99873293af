"""QEMU's monitor (QMP), for code that is not asynchronous.

The protocol is spoken by QEMU's own client, in one event loop for all machines, in a thread of its own.
"""

import asyncio
import concurrent.futures
import contextlib
import functools
import socket
import threading
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar, cast

from qemu.qmp import EventListener, ExecuteError, Message, QMPClient, QMPError

from harness.deadline import Deadline
from harness.errors import InfraError, InfraTimedOut
from harness.power.state import MACHINE_EVENTS, MachineEvent, MachineState, Run

T = TypeVar("T")

_OFF = ("shutdown", "guest-panicked")
"""What QEMU calls its state once the machine is off (`-action shutdown=pause,panic=pause`)."""


@functools.cache
def _loop() -> asyncio.AbstractEventLoop:
    """The one loop, started when it is first wanted."""
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="qmp", daemon=True).start()
    return loop


OF_A_DEVICE = frozenset(("NIC_RX_FILTER_CHANGED",))
"""Events that say what a driver did to its own device, and nothing of the machine."""


class Monitor:
    """The monitor of one QEMU.

    Args:
      sock: connected to QEMU's monitor; owned from now on.
      notify: called after an event was recorded, from another thread; must not wait.
    """

    def __init__(self, sock: socket.socket, notify: Callable[[MachineEvent], None]) -> None:
        self._sock = sock
        self._notify = notify
        self._events: list[MachineEvent] = []
        self._client = QMPClient("machine")
        self._client.logger.disabled = True  # every error reaches our caller as an exception
        self._listener = EventListener(names=MACHINE_EVENTS)
        self._version = ""
        self._pump: concurrent.futures.Future[None] | None = None

    def connect(self, deadline: Deadline) -> None:
        """Shake hands with QEMU, and record events from here on.

        Raises:
          InfraError: QEMU closed the line; it most likely has ended.
        """
        self._client.register_listener(self._listener)
        self._run(self._client.connect(self._sock), "connect to QEMU's monitor", deadline)
        self._pump = asyncio.run_coroutine_threadsafe(self._record_events(), _loop())
        version = self.execute("query-version", deadline)
        self._version = "{major}.{minor}.{micro} ".format(**version["qemu"]) + version["package"]

    @property
    def version(self) -> str:
        """QEMU's version, with the distribution's."""
        return self._version

    def execute(self, command: str, deadline: Deadline, **arguments: object) -> Any:
        """Carry out a command of the monitor, and return what it returned.

        Raises:
          InfraError: QEMU refused the command, or the line is closed.
          InfraTimedOut: no answer came in time.
        """
        named = {name.replace("_", "-"): value for name, value in arguments.items()}
        return self._run(self._client.execute(command, named), f"answer `{command}`", deadline)

    def events(self, deadline: Deadline) -> list[MachineEvent]:
        """Return all that has happened up to now.

        An event that QEMU sent before its answer wakes our recorder before the answer wakes us: a loop calls
        back in the order in which it was asked to.
        """
        self.execute("query-status", deadline)
        return list(self._events)

    def state(self, deadline: Deadline) -> MachineState:
        """Return whether the machine runs now."""
        status: str = self.execute("query-status", deadline)["status"]
        if status == "running":
            return MachineState(Run.RUNNING)
        if status in _OFF:
            causes = [event.reason or event.name for event in self._events if event.deadly]
            return MachineState(Run.OFF, causes[-1] if causes else status)
        return MachineState(Run.PAUSED, status)

    def close(self, deadline: Deadline) -> None:
        """Hang up. Nothing is raised: QEMU may be dead, and that is known by other ways."""
        if self._pump is not None:
            self._pump.cancel()
        with contextlib.suppress(InfraError):
            self._run(self._client.disconnect(), "hang up", deadline)
        self._sock.close()

    async def _record_events(self) -> None:
        async for message in self._listener:
            event = _event(message)
            if event.name in OF_A_DEVICE:
                continue
            self._events.append(event)
            self._notify(event)

    def _run(self, work: Coroutine[Any, Any, T], what: str, deadline: Deadline) -> T:
        future = asyncio.run_coroutine_threadsafe(work, _loop())
        try:
            return future.result(deadline.remaining())
        except concurrent.futures.TimeoutError:
            future.cancel()
            raise InfraTimedOut(f"QEMU did not {what} within {deadline.seconds:g} s") from None
        except ExecuteError as error:
            raise InfraError(f"QEMU refused to {what}: {error}") from error
        except (QMPError, OSError, EOFError) as error:
            raise InfraError(f"QEMU did not {what}: its monitor is closed ({error})") from error


def _event(message: Message) -> MachineEvent:
    data = cast(dict[str, object], message.get("data", {}))
    reason = data.get("reason") or data.get("action") or ""
    return MachineEvent(str(message["event"]), str(reason))
