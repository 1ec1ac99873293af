"""The trap-and-route core (targets/core), asked from Python.

Partitions are indices, None is nobody. Words instead of the enumerations of C. Numbers that do not fit raise
OverflowError, partitions that do not exist IndexError; nothing wraps.
"""

from collections.abc import Sequence
from typing import Final, Literal, NamedTuple, Protocol, Self, final

from typing_extensions import Buffer

# struct -> field -> (offset, bytes of an element, number of elements); structures of config.h without "cfg_".
# Nested: ram, firmware, ecam, controller, registers, mmio are "range"; port is "ports"; reset is
# "reset_register".
LAYOUT: Final[dict[str, dict[str, tuple[int, int, int]]]]

# The constants and enumerations of config.h, without "CFG_"; BLOCK_BYTES and CPU_BYTES are sizes.
CFG: Final[dict[str, int]]

# EVENTS: capacity of a trace; RING_BYTES: its size in memory.
TRACE: Final[dict[str, int]]

# The names of all faults of a block, in the order in which check() looks for them.
FAULTS: Final[tuple[str, ...]]

Route = Literal["allow", "deny", "simulate"]
Answer = Literal["granted", "refused-owner", "refused-vector", "refused-delivery", "refused-target"]
Cause = Literal[
    "none",
    "soft-off",
    "reset-register",
    "reset-cf9",
    "reset-i8042",
    "reset-port92",
    "triple-fault",
    "operator",
]
Decision = Literal["stop", "restart", "machine-off"]

@final
class Finding(NamedTuple):
    """What is wrong with a block."""

    fault: str
    field: str
    partition: int | None
    other: int | None
    first: int
    last: int
    text: str

def check(block: Buffer, /) -> list[Finding]:
    """All that is wrong with a configuration block; nothing means that it may be used."""

class PortHardware(Protocol):
    """The ports of a machine, a byte each."""

    def port_in(self, port: int, /) -> int: ...
    def port_out(self, port: int, value: int, /) -> None: ...

class PciHardware(Protocol):
    """Configuration space of a machine, in double words, and its MSI-X tables."""

    def config_read(self, bdf: int, offset: int, /) -> int: ...
    def config_write(self, bdf: int, offset: int, value: int, /) -> None: ...
    def load(self, address: int, /) -> int: ...
    def store(self, address: int, value: int, /) -> None: ...

@final
class Payload(NamedTuple):
    """Where what of a payload goes, by guest-physical address, see payload.h."""

    start: Literal["linux-64", "linux-32", "multiboot-1", "multiboot-2", "firmware"]
    entry: int
    segments: list[tuple[int, int, int, int]]
    """(gpa, bytes in memory, offset in the file, bytes of the file) of each"""
    told: int
    initrd: int
    """0 if it has none"""
    information: bytes
    """what a multiboot payload is told, as it must lie at `told`"""

@final
class Refusal(NamedTuple):
    """Why a payload cannot be started."""

    fault: str
    first: int
    last: int
    text: str

@final
class Core:
    """The core for a block. Raises ValueError, with the first finding, if the check refuses it."""

    def __new__(cls, block: Buffer) -> Core: ...
    @property
    def partition_count(self) -> int: ...

    # memory.h
    def to_hpa(self, partition: int, gpa: int, size: int = 1, /) -> int | None: ...
    def to_gpa(self, partition: int, hpa: int, size: int = 1, /) -> int | None: ...
    def e820(self, partition: int, /) -> list[tuple[int, int, int]]:
        """(base, size, type) of each entry."""

    # acpi.h
    def acpi(self, partition: int, gpa: int, size: int = ..., /) -> bytes:
        """The tables as they must lie at gpa; nothing if they do not fit in size bytes, or not there."""

    # payload.h
    def payload(
        self, partition: int, file: Buffer, initrd_bytes: int = 0, rsdp: Buffer = b"", /
    ) -> Payload | Refusal:
        """How a file would be started; rsdp: the first 36 bytes of the ACPI tables, zeros if left out."""

    # device.h
    def port(self, partition: int, port: int, size: int, /) -> Route: ...
    def mmio(self, partition: int, gpa: int, size: int, /) -> Route: ...
    def port_owner(self, port: int, /) -> int | None: ...
    def mmio_owner(self, address: int, /) -> int | None: ...
    def pci_owner(self, bdf: int, /) -> int | None: ...

    # pci.h
    def pci_open(
        self, hardware: PciHardware, /
    ) -> tuple[Literal["absent", "bridge", "bar-differs"], int, int, int, int] | None:
        """None, or what differs from the block: (what, partition, bdf, BAR, its size)."""
    def pci_start(self, partition: int, /) -> None: ...
    def pci_stop(self, partition: int, /) -> bool:
        """Whether functions were reset."""
    def pci_read(self, partition: int, port: int, size: int, /) -> int: ...
    def pci_write(self, partition: int, port: int, size: int, value: int, /) -> None: ...
    def pci_table_read(self, partition: int, gpa: int, /) -> int: ...
    def pci_table_write(self, partition: int, gpa: int, value: int, /) -> None: ...
    def host_message(self, vector: int, /) -> tuple[int, int] | None:
        """(partition, the vector that it wants) if a message came with this vector of the controller's."""

    # iommu.h
    def iommu_entry(self, bdf: int, roots: Sequence[int], /) -> tuple[int, int, int, int]:
        """The words of a function's device table entry; roots: page tables by partition."""

    # interrupt.h
    def gsi_owner(self, gsi: int, /) -> int | None: ...
    def nmi_owner(self) -> int | None: ...
    def claim(self, partition: int, gsi: int, vector: int, /) -> Answer: ...
    def mask(self, partition: int, gsi: int, masked: bool, /) -> Answer: ...
    def set_pending(self, gsi: int, /) -> None: ...
    def take(self, partition: int, /) -> int | None: ...
    def line(self, gsi: int, /) -> tuple[int | None, int, bool, bool, int, int]:
        """(owner, vector, masked, pending, refused, rte)"""
    def ioapic_read(self, partition: int, offset: int, /) -> int: ...
    def ioapic_write(self, partition: int, offset: int, value: int, /) -> tuple[int, int] | None:
        """(pin, rte) if the real pin is to be programmed."""
    def ipi(
        self, partition: int, sender: int, icr: int, logical_ids: Buffer = b"", /
    ) -> tuple[Answer, int, bool, bytes]:
        """(answer, vector, whether it is an NMI, processors)"""
    def start_up(
        self, partition: int, sender: int, icr: int, logical_ids: Buffer = b"", /
    ) -> tuple[Answer, int, bool, bytes]:
        """(answer, page to start at, whether it is an INIT, processors)"""
    def msi(self, partition: int, address: int, data: int, /) -> tuple[Answer, int, bool, bytes]: ...

    # exception.h
    def exception(
        self,
        partition: int,
        vector: int,
        error: int = 0,
        in_controller: bool = False,
        first: int | None = None,
        trace_mode: bool = False,
        /,
    ) -> tuple[Literal["deliver", "simulate", "end", "not-ours"], int | None, int | None]:
        """(route, vector, error code). first: the exception that was being delivered, -1 for an interrupt."""

    # power.h
    def power_port(self, port: int, /) -> bool: ...
    def power_read(self, partition: int, port: int, size: int, /) -> int: ...
    def power_write(self, partition: int, port: int, size: int, value: int, /) -> Cause: ...
    def end(self, partition: int, cause: str, /) -> Decision: ...
    def started(self, partition: int, /) -> None: ...
    def running(self, partition: int, /) -> bool: ...

    # standin.h
    def set_clock(self, tsc_khz: int, base_ticks: int, base_seconds: int, /) -> None: ...
    def standin_read(self, partition: int, port: int, size: int, now: int, /) -> int: ...
    def standin_write(self, partition: int, port: int, size: int, value: int, now: int, /) -> Cause: ...

    # guard.h
    def guard_open(self, ports: PortHardware, /) -> None: ...
    def guard_reset(self, partition: int, /) -> None: ...

    # core.h
    def reset(self, partition: int, /) -> None: ...
    def trace_memory(self) -> bytes:
        """The ring, as it lies in a controller's memory; for parse_trace()."""

@final
class Event(NamedTuple):
    """One event of the trace; a and b mean what trace.h says of its kind."""

    number: int
    ticks: int
    kind: str
    partition: int | None
    processor: int | None
    a: int
    b: int

def parse_trace(memory: Buffer, /) -> list[Event]:
    """The events in the memory of a ring, oldest first; ValueError if it is none."""

@final
class Operand(NamedTuple):
    """Where an instruction reads or writes."""

    place: Literal["register", "high-byte", "memory", "immediate", "control", "debug"]
    reg: int
    size: int

@final
class Instruction(NamedTuple):
    """A decoded instruction, as decode.h has it; `source` is its `from`, `index_reg` its `index`."""

    op: str
    length: int
    operand_bytes: int
    address_bytes: int
    segment: str
    rep: int
    lock: bool
    base: int
    index_reg: int
    scale: int
    displacement: int
    imm: int
    to: Operand | None
    source: Operand | None

def decode(code: Buffer, bits: int, /) -> Instruction | None:
    """The instruction at the beginning of code in a segment of 16, 32 or 64 bits; None if it is refused."""

Fault = tuple[int, int]

class Bus(Protocol):
    """Where a simulated processor's accesses go. A tuple (vector, error code) in answer is a fault."""

    def read(self, linear: int, size: int, /) -> int | Fault: ...
    def write(self, linear: int, size: int, value: int, /) -> Fault | None: ...
    def in_(self, port: int, size: int, /) -> int | Fault: ...
    def out(self, port: int, size: int, value: int, /) -> Fault | None: ...
    def msr_read(self, msr: int, /) -> int | Fault: ...
    def msr_write(self, msr: int, value: int, /) -> Fault | None: ...
    def cpuid(self, leaf: int, subleaf: int, /) -> list[int] | Fault: ...

def simulate(
    code: Buffer, processor: bytearray, bus: Bus, /
) -> tuple[Literal["done", "again", "fault", "unhandled"], int | None, int | None]:
    """(result, vector, error code) of one instruction on a struct sim_cpu, see LAYOUT["sim_cpu"]."""

@final
class Apic:
    """A local APIC in software, as firmware hands it over."""

    def __new__(cls, id: int, /) -> Self: ...
    def read(self, offset: int, now: int, /) -> int: ...
    def write(
        self, offset: int, value: int, now: int, /
    ) -> Literal["nothing", "ended", "send", "not-there"]: ...
    def accept(self, vector: int, /) -> None: ...
    def take(self) -> int:
        """The vector that is in service from now on, or 0."""
    def expire(self, now: int, /) -> None: ...
    def expires(self) -> int | None: ...

@final
class Turn:
    """Whose turn it is on a shared processor, with the ticks that each has in a row.

    preempts, ready and interrupted have a bit for each.
    """

    def __new__(cls, *slices: int, preempts: int = 0) -> Self: ...
    def choose(self, ready: int, interrupted: int, now: int, /) -> int | None: ...
    def end(self) -> int | None: ...
    def may_preempt(self, member: int, /) -> bool: ...
