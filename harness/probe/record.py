"""What a probe's answers are made of: frozen records, each with its values in the order of the protocol."""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class Record:
    """What an exception or interrupt handler of the probe saw."""

    vector: int
    error: int
    rip: int
    cs: int
    rflags: int
    rsp: int
    ss: int
    cr2: int
    dr6: int
    site: int

    @property
    def rip_offset(self) -> int:
        """How far the handler's RIP lies behind the instruction that was meant to fault.

        Unlike RIP it is the same wherever the probe was loaded, so it can be compared between machines.
        """
        return self.rip - self.site


@dataclass(frozen=True)
class Fault:
    """The machine raised an exception while the probe did what was asked."""

    record: Record


@dataclass(frozen=True)
class Hello:
    """How the probe was started ("linux", "multiboot", "multiboot2", "process"), where it lies, and which
    line it speaks on."""

    version: int
    start: str
    base: int
    size: int
    serial: int
    gsi: int


@dataclass(frozen=True)
class MemoryRange:
    """An entry of the memory map (E820) that the probe was given."""

    base: int
    size: int
    type: int


@dataclass(frozen=True)
class Verified:
    """How many words `fill` did not leave so, and the address of the first one (0: none)."""

    wrong: int
    first: int


@dataclass(frozen=True)
class Cpuid:
    eax: int
    ebx: int
    ecx: int
    edx: int


@dataclass(frozen=True)
class Regs:
    """The registers that make up the mode of a processor."""

    cr0: int
    cr2: int
    cr3: int
    cr4: int
    efer: int
    dr6: int
    dr7: int
    gdt_base: int
    gdt_limit: int
    idt_base: int
    idt_limit: int
    tr: int
    cs: int
    apic_base: int


@dataclass(frozen=True)
class Watch:
    """A heartbeat: how often it beat (cut at what was asked for), and what went wrong meanwhile.

    `late`: gaps of more than three periods; `torn`: words of memory or registers that changed; `stray`:
    vectors that nobody claimed.
    """

    ticks: int
    late: int
    torn: int
    stray: int


@dataclass(frozen=True)
class Seen:
    """How often a vector arrived since `forget`, and what the handler saw the last time."""

    count: int
    record: Record


@dataclass(frozen=True)
class Stray:
    """How often a vector arrived that nobody claimed, raised or asked for, and the last such vector."""

    count: int
    vector: int


@dataclass(frozen=True)
class Ran:
    """How a command ended: its exit status, 0x80 and the number of a signal, or LATE; and what it printed."""

    status: int
    output: bytes

    LATE: ClassVar[int] = 0x100
    """it was still running, and was killed"""

    @property
    def text(self) -> str:
        return self.output.decode(errors="replace")


@dataclass(frozen=True)
class Lag:
    """How late interrupts came, in ticks."""

    longest: int
    mean: int


@dataclass(frozen=True)
class Cost:
    """Time stamp ticks of `runs` runs of something, and of as many runs of nothing."""

    ticks: int
    empty: int
    runs: int

    @property
    def per_run(self) -> float:
        return (self.ticks - self.empty) / self.runs
