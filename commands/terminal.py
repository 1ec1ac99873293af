"""A person at the consoles of a machine: one is shown, all are kept; Ctrl-] and a key switch between them."""

import os
import select
import sys
import termios
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Protocol

from harness.console import Console
from harness.errors import MachineCrash, MrmError
from harness.power import MachineState, Run
from harness.probe.wire import Argument, encode_request

ESCAPE = 0x1D  # Ctrl-], as in telnet
LOOK_SECONDS = 0.5  # how often the machine is asked whether it still runs
BACKLOG_BYTES = 4096  # how much of a console is shown when it is switched to
HELP = """
  1-9  the console of that number    n  the next console    ?  this list
  e    echo what is typed here       p  ask the probe: a verb and its arguments, as PROTOCOL.md has them
  q    end the machine               Ctrl-]  send Ctrl-] itself
"""


class Watched(Protocol):
    """What is wanted of a machine."""

    @property
    def consoles(self) -> Mapping[str, Console]: ...

    def state(self) -> MachineState: ...


class Terminal:
    """Carries bytes between a person and consoles, until the person or the machine ends it.

    Args:
      machine: switched on.
      titles: the consoles to show, by name, with what is behind them; the first one is shown at first.
      keys: file descriptor of what the person types.
    """

    def __init__(self, machine: Watched, titles: Mapping[str, str], keys: int) -> None:
        self._machine = machine
        self._titles = titles
        self._names = list(titles)
        self._keys: int | None = keys
        self._is_terminal = os.isatty(keys)
        self._current = self._names[0]
        self._backlog = dict.fromkeys(self._names, b"")
        self._escaped = False
        self._echo = False
        self._request: bytearray | None = None
        self._sequence = 0
        self.ended = False
        """whether the person ended it"""

    def talk(self) -> str:
        """Carries bytes until the end, and says what that was."""
        self._show_list()
        self._switch(self._current)
        looked = time.monotonic()
        while not self.ended:
            if not self._carry() or time.monotonic() - looked > LOOK_SECONDS:
                looked = time.monotonic()
                state = self._machine.state()
                if state.run is not Run.RUNNING:
                    return f"the machine is {state.run.value}: {state.reason}"
        return "ended by you"

    def _carry(self) -> bool:
        """Waits for bytes, and carries them; false if there were none."""
        consoles = {self._machine.consoles[name].fileno(): name for name in self._names}
        sources = [*consoles, *([] if self._keys is None else [self._keys])]
        ready, _, _ = select.select(sources, [], [], LOOK_SECONDS)
        carried = False
        for source in ready:
            if source == self._keys:
                carried = self._typed(_read(source)) or carried
            else:
                carried = self._heard(consoles[source]) or carried
        return carried

    def _heard(self, name: str) -> bool:
        data = self._machine.consoles[name].read_raw()
        self._backlog[name] = (self._backlog[name] + data)[-BACKLOG_BYTES:]
        if name == self._current:
            _out(data)
        return bool(data)

    def _typed(self, data: bytes) -> bool:
        if not data:  # a file may end before the person has seen enough; a terminal that is gone has nobody
            self.ended = self._is_terminal
            self._keys = None
        for byte in data:
            if self._escaped:
                self._escaped = False
                self._command(chr(byte))
            elif byte == ESCAPE:
                self._escaped = True
            elif self._request is not None:
                self._edit(byte)
            else:
                self._send(bytes([byte]))
        return bool(data)

    def _command(self, key: str) -> None:
        match key:
            case "q":
                self.ended = True
            case "n":
                self._switch(self._names[(self._names.index(self._current) + 1) % len(self._names)])
            case "e":
                self._echo = not self._echo
                self._say(f"echo is {'on' if self._echo else 'off'}")
            case "p":
                self._request = bytearray()
                _out(b"\nprobe> ")
            case _ if key == chr(ESCAPE):
                self._send(bytes([ESCAPE]))
            case _ if key.isdecimal() and 0 < int(key) <= len(self._names):
                self._switch(self._names[int(key) - 1])
            case _:
                self._show_list()

    def _edit(self, byte: int) -> None:
        """One key of a question to the probe, which is sent with its number and checksum at the end."""
        request = self._request
        if request is None:
            return
        if byte in b"\b\x7f":
            if request:
                request.pop()
                _out(b"\b \b")
        elif byte in b"\r\n":
            _out(b"\n")
            self._request = None
            self._ask(request.decode(errors="replace").split())
        else:
            request.append(byte)
            _out(bytes([byte]))

    def _ask(self, words: list[str]) -> None:
        if not words:
            return
        try:
            frame = encode_request(self._sequence, words[0], [argument(word) for word in words[1:]])
        except MrmError as error:
            self._say(error.what)
            return
        self._sequence += 1
        self._say(frame.decode().rstrip())
        self._send(frame)

    def _send(self, data: bytes) -> None:
        if self._echo:
            _out(data)
        try:
            self._machine.consoles[self._current].write(data)
        except MachineCrash as error:
            self._say(error.what)

    def _switch(self, name: str) -> None:
        self._current = name
        self._say(f"{self._names.index(name) + 1} {name}: {self._titles[name]}")
        _out(self._backlog[name])

    def _show_list(self) -> None:
        for number, (name, title) in enumerate(self._titles.items(), 1):
            self._say(f"{number} {name}: {title}")
        self._say(f"Ctrl-] and then:{HELP}")

    def _say(self, text: str) -> None:
        _out(f"\n--- {text}\n".encode())


def argument(word: str) -> Argument:
    """A word as the protocol has it: hexadecimal number, x and bytes, or a word that stays one."""
    try:
        return bytes.fromhex(word[1:]) if word.startswith("x") else int(word, 16)
    except ValueError:
        return word


@contextmanager
def single_keys(keys: int) -> Iterator[None]:
    """Takes each key as it is typed, Ctrl-C included, if this is a terminal; puts it back as it was."""
    if not os.isatty(keys):
        yield
        return
    before = termios.tcgetattr(keys)
    mode = termios.tcgetattr(keys)
    mode[0] &= ~termios.IXON
    mode[3] &= ~(termios.ECHO | termios.ICANON | termios.ISIG | termios.IEXTEN)
    try:
        termios.tcsetattr(keys, termios.TCSADRAIN, mode)
        yield
    finally:
        termios.tcsetattr(keys, termios.TCSADRAIN, before)


def _read(keys: int) -> bytes:
    try:
        return os.read(keys, 1024)
    except OSError:  # the terminal was closed
        return b""


def _out(data: bytes) -> None:
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()
