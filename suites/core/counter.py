"""A channel of the 8254, clock pulse by clock pulse, from Intel's data sheet: the oracle for the stand-in."""

from dataclasses import dataclass

TERMINAL_COUNT, ONE_SHOT, RATE, SQUARE, SOFTWARE_STROBE, HARDWARE_STROBE = range(6)
PERIODIC, TRIGGERED = (RATE, SQUARE), (ONE_SHOT, HARDWARE_STROBE)
WRAP = 0x10000


@dataclass
class Counter:
    """A channel whose control word has been written, with its gate as it was then."""

    mode: int
    gate: bool
    count: int = 0
    value: int = 0
    output: bool = True
    loads: bool = False
    """the next pulse loads the count"""
    armed: bool = False
    """it counts"""

    def __post_init__(self) -> None:
        self.output = self.mode != TERMINAL_COUNT

    def write(self, count: int) -> None:
        """A new count. Only a trigger loads it in modes 1 and 5."""
        self.count = count
        if self.mode in TRIGGERED:
            return
        self.loads, self.armed = True, False
        self.output = self.mode != TERMINAL_COUNT

    def set_gate(self, gate: bool) -> None:
        rises, self.gate = gate and not self.gate, gate
        if rises and self.count and self.mode in (*PERIODIC, *TRIGGERED):
            self.loads = True
        if not gate and self.mode in PERIODIC:
            self.output = True

    def pulse(self) -> None:
        """One pulse of the clock."""
        if self.loads and (self.gate or self.mode not in PERIODIC):
            self._load()
        elif self.armed and (self.gate or self.mode in TRIGGERED):
            self._count()

    def _load(self) -> None:
        self.loads, self.armed = False, True
        self.value = self.count - self.count % 2 if self.mode == SQUARE else self.count
        self.output = self.mode not in (TERMINAL_COUNT, ONE_SHOT)

    def _count(self) -> None:
        if self.mode == SQUARE:
            self._count_by_two()
            return
        self.value = (self.value - 1) % WRAP
        if self.mode == RATE:
            self.output = self.value != 1
            self.value = self.value or self.count
        elif self.mode in (TERMINAL_COUNT, ONE_SHOT):
            self.output = self.output or self.value == 0
        else:
            self.output = self.value != 0

    def _count_by_two(self) -> None:
        """An odd count is one pulse longer high than low: the high half waits for the pulse behind 0."""
        expires = 0 if self.count % 2 and self.output else 2
        if self.value == expires:
            self.output = not self.output
            self.value = self.count - self.count % 2
        else:
            self.value -= 2
