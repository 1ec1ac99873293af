"""A partition's legacy devices, as a program in it uses them: bytes at ports, at times that are told."""

from dataclasses import dataclass, field

import mrm_core

from harness.image.block import CFG
from suites.core.plans import TWINS

PIT_HERTZ = 1193182
GIGAHERTZ = 1_000_000  # in kHz
NAMES = ("PIT", "RTC", "PIC", "I8042", "FW_CFG")
ALL = sum(CFG[f"STANDIN_{name}"] for name in NAMES)
PLAN = TWINS.with_part(1, standins=ALL)
WHO = 1


@dataclass
class Legacy:
    """The stand-ins of one partition, on a machine with some TSC."""

    tsc_khz: int = GIGAHERTZ
    base_seconds: int = 0
    now: int = 0
    """what the TSC says; a test moves it on"""
    core: mrm_core.Core = field(default_factory=PLAN.core)

    def __post_init__(self) -> None:
        self.core.set_clock(self.tsc_khz, 0, self.base_seconds)

    def read(self, port: int, size: int = 1) -> int:
        return self.core.standin_read(WHO, port, size, self.now)

    def write(self, port: int, *values: int) -> None:
        """Bytes, one after the other."""
        for value in values:
            self.core.standin_write(WHO, port, 1, value, self.now)

    def at_clock(self, clock: int) -> None:
        """Moves to the first tick at which the PIT has had so many clock pulses."""
        self.now = -(-clock * self.tsc_khz * 1000 // PIT_HERTZ)

    def after(self, microseconds: int) -> None:
        """Moves on; not before all of that time is over."""
        self.now += -(-microseconds * self.tsc_khz // 1000)

    def count(self, channel: int) -> int:
        """What a channel counts now, latched and read low byte first."""
        self.write(0x43, channel << 6)
        return self.read(0x40 + channel) | self.read(0x40 + channel) << 8

    def status(self, channel: int) -> int:
        """The status byte of a channel, by the read-back command."""
        self.write(0x43, 0xE0 | 2 << channel)
        return self.read(0x40 + channel)

    def cmos(self, index: int) -> int:
        self.write(0x70, index)
        return self.read(0x71)

    def set_cmos(self, index: int, value: int) -> None:
        self.write(0x70, index)
        self.write(0x71, value)
