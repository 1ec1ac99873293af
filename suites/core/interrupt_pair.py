"""A pair of 8259A interrupt controllers as the data sheet has them, and the registers of their trigger."""

from dataclasses import dataclass, field

MASTER, SLAVE, LEVELS = 0x20, 0xA0, 0x4D0
POLLED = 0x85
"""What a poll answers here: line 5 has a request."""
PORTS = (MASTER, MASTER + 1, SLAVE, SLAVE + 1, LEVELS, LEVELS + 1)


@dataclass
class Chip:
    """One of them: what was written to it, and what it would say."""

    mask: int = 0xFF
    vector: int = 0
    words: list[str] = field(default_factory=list)
    """initialisation words that it waits for"""
    written: dict[str, int] = field(default_factory=dict)
    """the others of them, as they came"""
    commands: list[int] = field(default_factory=list)
    requests: int = 0
    polled: bool = False

    def command(self, value: int) -> None:
        if not value & 0x10:
            self.commands.append(value)
            self.polled = self.polled or value & 0x0C == 0x0C
            return
        self.mask, self.written, self.polled = 0, {"ICW1": value}, False
        self.words = ["ICW2"] + ["ICW3"] * (not value & 2) + ["ICW4"] * (value & 1)

    def data(self, value: int) -> None:
        if not self.words:
            self.mask = value
            return
        word = self.words.pop(0)
        self.written[word] = value
        if word == "ICW2":
            self.vector = value & 0xF8

    def read(self, is_data: bool) -> int:
        if self.polled:
            self.polled = False
            return POLLED
        return self.mask if is_data else self.requests


@dataclass
class Pair:
    """Both, at the ports where a PC has them. Nothing is at any other."""

    chips: tuple[Chip, Chip] = field(default_factory=lambda: (Chip(), Chip()))
    levels: list[int] = field(default_factory=lambda: [0, 0])

    def port_in(self, port: int) -> int:
        if port not in PORTS:
            return 0
        if port >= LEVELS:
            return self.levels[port - LEVELS]
        return self.chips[port >= SLAVE].read(bool(port & 1))

    def port_out(self, port: int, value: int) -> None:
        if port not in PORTS:
            return
        if port >= LEVELS:
            self.levels[port - LEVELS] = value
            return
        chip = self.chips[port >= SLAVE]
        if port & 1:
            chip.data(value)
        else:
            chip.command(value)
