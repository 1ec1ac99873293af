"""A board that QEMU emulates."""

import os
import shlex
import socket
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from harness.console import Console, Listener, PipeStream
from harness.deadline import Clock, Deadline
from harness.errors import HarnessError, InfraError, MachineCrash, MrmError
from harness.image import Board, PackedImage
from harness.machine.bell import Bell
from harness.machine.command_line import disk_sizes, qemu_command, serial_devices
from harness.machine.disk import open_disk
from harness.machine.process import OwnedProcess
from harness.machine.turns import short_turns
from harness.power import MachineEvent, MachineState, Run
from harness.power.qmp import Monitor

MONITOR_SECONDS = 10.0
"""How long QEMU's monitor may take for an answer. It gives it at once, unless the host is overloaded."""
CLOSE_SECONDS = 10.0
"""The time that `close` has, whatever became of the deadline of the test before it."""
LAST_WORDS_SECONDS = 1.0
"""How long QEMU may take to end once one of its lines has closed."""


class QemuMachine:
    """A machine in a QEMU process of its own. See `harness.machine.Machine`.

    All lines are there before QEMU starts, so nothing can be lost; the end of QEMU, however it comes, is the
    end of each line. The monitor is a socket that QEMU inherits: it has no name, and nobody else can connect.

    Serial lines are pipes. A socket is full after some 280 bytes, because QEMU sends them one by one; the
    guest would then wait for us, and no two runs would be alike.
    """

    capabilities = frozenset({"monitor", "nmi", "memory", "date"})

    def __init__(self, board: Board, image: PackedImage, logs: Path, clock: Clock) -> None:
        logs.mkdir(parents=True, exist_ok=True)
        self.board = board
        self.image = image
        self.clock = clock
        self.consoles: dict[str, Console] = {}
        self._logs = logs
        self._listener = Listener(clock, obituary=self._obituary)
        self._bell = Bell(self._went_off)
        self._ends = ExitStack()
        """what `close` has to do, the last first"""
        self._ends.callback(self._listener.close)
        self._ends.callback(self._bell.close)
        self._listener.attach(self._bell)
        self._command: list[str] = []
        self._process: OwnedProcess | None = None
        self._monitor: Monitor | None = None
        self._memory = -1

    @property
    def last_step(self) -> str:
        return self._listener.last_step

    @property
    def provenance(self) -> Mapping[str, str]:
        return {
            "emulator": "qemu-system-x86_64",
            "version": self._monitor.version if self._monitor else "",
            "command": shlex.join(self._command),
        }

    def power_on(self, deadline: Deadline) -> None:
        if self._command:
            raise HarnessError("this machine was switched on already", todo="open a new one: they cost 0.1 s")
        with TemporaryDirectory(prefix="mrm-") as directory:  # once QEMU runs, it needs no names any more
            boot = Path(directory)
            for name in serial_devices(self.board):
                self._open_console(name, boot)
            ours, theirs = socket.socketpair()
            monitor = self._monitor = Monitor(ours, self._happened)
            self._ends.callback(lambda: monitor.close(Deadline(self.clock, CLOSE_SECONDS)))
            with theirs:
                self._start(boot, theirs.fileno())
            self._meet(monitor, deadline)

    def close(self) -> None:
        self._ends.close()

    def check(self) -> None:
        self._listener.turn(0)
        self._listener.check()

    def state(self) -> MachineState:
        if self._process is None or self._monitor is None:
            return MachineState(Run.GONE, "not switched on")
        ended = self._process.ended()
        if ended:
            return MachineState(Run.GONE, ended)
        with self._explained():
            return self._monitor.state(self._soon())

    def wait_off(self, deadline: Deadline) -> MachineState:
        while True:
            state = self.state()
            if state.run in (Run.OFF, Run.GONE) or deadline.expired:
                return state
            self._listener.turn(deadline.remaining())

    def mark(self) -> int:
        return len(self._events())

    def events_since(self, mark: int) -> list[MachineEvent]:
        return self._events()[mark:]

    def inject_nmi(self) -> None:
        self._do("inject-nmi")

    def read_memory(self, base: int, size: int) -> bytes:
        self._do("pmemsave", val=base, size=size, filename=f"/dev/fd/{self._memory}")
        return os.pread(self._memory, size, 0)

    def date(self) -> datetime:
        with self._explained():
            told = self._live().execute("qom-get", self._soon(), path="/machine", property="rtc-time")
        year, month, *rest = (told[f"tm_{field}"] for field in ("year", "mon", "mday", "hour", "min", "sec"))
        return datetime(year + 1900, month + 1, *rest).replace(tzinfo=UTC)  # as C counts (C11 7.27.1)

    def rest(self) -> None:
        self._do("stop")

    def go_on(self) -> None:
        self._do("cont")

    @contextmanager
    def short_turns(self) -> Iterator[None]:
        if not self.board.is_counted:
            yield
            return
        with short_turns(self._do):
            yield

    def _do(self, command: str, **arguments: object) -> None:
        """Have the monitor carry out a command that returns nothing."""
        with self._explained():
            self._live().execute(command, self._soon(), **arguments)

    def _open_console(self, name: str, boot: Path) -> None:
        controller = self.image.manifest.controller
        console = Console(
            name,
            PipeStream(boot / name),
            self._listener,
            self._logs / f"console-{name}.log",
            speaks_for_all=controller is not None and controller.console == name,
        )
        self._ends.callback(console.close)
        self.consoles[name] = console

    def _open_disk(self, name: str, size: int) -> int:
        disk = open_disk(name, size, self.image.disks.get(name))
        self._ends.callback(os.close, disk)
        return disk

    def _start(self, boot: Path, monitor: int) -> None:
        """Start QEMU in a directory that holds what it boots, under the names of its command line."""
        (boot / "kernel").symlink_to(self.image.kernel.resolve())
        for number, module in enumerate(self.image.modules):
            (boot / f"module{number}").symlink_to(module.path.resolve())
        disks = {name: self._open_disk(name, size) for name, size in disk_sizes(self.board).items()}
        self._command = qemu_command(self.board, self.image, monitor, disks)
        self._memory = os.memfd_create("guest-memory")
        self._ends.callback(os.close, self._memory)
        log = self._logs / "qemu.log"
        self._process = OwnedProcess(self._command, boot, log, [monitor, self._memory, *disks.values()])
        self._ends.callback(self._end, self._process)
        self._listener.reached("QEMU was started")

    def _meet(self, monitor: Monitor, deadline: Deadline) -> None:
        """Wait until QEMU is ready, and let the processors run."""
        with self._explained():
            monitor.connect(deadline)
            monitor.execute("cont", deadline)
        self._listener.reached("the processors run")

    def _end(self, process: OwnedProcess) -> None:
        """Kill QEMU, and keep what its lines still hold."""
        try:
            process.kill(Deadline(self.clock, CLOSE_SECONDS))
        finally:
            for console in self.consoles.values():
                console.drain()

    def _happened(self, event: MachineEvent) -> None:
        """Called in the monitor's thread."""
        if event.deadly:
            self._bell.ring()

    def _went_off(self) -> None:
        state = self.state()
        self._listener.died(
            MachineCrash(
                f"the machine is {state.run.value}: {state.reason}",
                why="no partition may switch off or reset the machine, and nothing on it runs any more",
                todo=f"look at the consoles in {self._logs}",
            )
        )

    def _obituary(self, line: str) -> MrmError:
        """Say why a line of QEMU has ended."""
        process = self._process
        ended = process.ended(LAST_WORDS_SECONDS) if process else "not switched on"
        words = process.last_words() if process else ""
        return InfraError(
            f"QEMU is gone: {ended or f'it has closed {line}, but lives'}",
            why=words,
            todo=f"look at {self._logs / 'qemu.log'}",
        )

    @contextmanager
    def _explained(self) -> Iterator[None]:
        """Turn trouble with the monitor into what became of QEMU, if it has ended."""
        try:
            yield
        except InfraError as error:
            if self._process and self._process.ended(LAST_WORDS_SECONDS):
                self._listener.died(self._obituary("its monitor"))
                self._listener.check()
            raise error

    def _events(self) -> list[MachineEvent]:
        with self._explained():
            return self._live().events(self._soon())

    def _live(self) -> Monitor:
        if self._monitor is None:
            raise HarnessError("this machine is not switched on", todo="call power_on first")
        return self._monitor

    def _soon(self) -> Deadline:
        return Deadline(self.clock, MONITOR_SECONDS)
