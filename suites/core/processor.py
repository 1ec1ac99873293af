"""A simulated processor, and a bus with memory behind it that remembers what was done."""

from typing import Literal

import mrm_core

CPU_BYTES = mrm_core.CFG["CPU_BYTES"]
FIELDS = mrm_core.LAYOUT["sim_cpu"]
TABLE = mrm_core.LAYOUT["sim_table"]

RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI = range(8)
CF, PF, AF, ZF, SF, IF, DF, OF = (1 << bit for bit in (0, 2, 4, 6, 7, 9, 10, 11))
STATUS = CF | PF | AF | ZF | SF | OF
RESERVED_FLAG = 1 << 1
GP, UD, PF_VECTOR = 13, 6, 14


class Processor:
    """The registers of struct sim_cpu, by name; `bits` is the size of its code segment."""

    def __init__(self, bits: int = 64, **registers: int) -> None:
        self.memory = bytearray(CPU_BYTES)
        self.set("mode", bits // 8)
        self.set("rflags", RESERVED_FLAG)
        for name, value in registers.items():
            self.set(name, value)

    def get(self, name: str, index: int = 0) -> int:
        start, size = self._place(name, index)
        return int.from_bytes(self.memory[start : start + size], "little")

    def set(self, name: str, value: int, index: int = 0) -> None:
        start, size = self._place(name, index)
        self.memory[start : start + size] = value.to_bytes(size, "little")

    @property
    def gpr(self) -> list[int]:
        return [self.get("gpr", index) for index in range(16)]

    @gpr.setter
    def gpr(self, values: list[int]) -> None:
        for index, value in enumerate(values):
            self.set("gpr", value, index)

    def table(self, name: Literal["gdt", "idt"]) -> tuple[int, int]:
        """(base, limit) of a descriptor table register."""
        start = FIELDS[name][0]
        fields = (TABLE["base"], TABLE["limit"])
        base, limit = (self.memory[start + at : start + at + size] for at, size, _ in fields)
        return int.from_bytes(base, "little"), int.from_bytes(limit, "little")

    def set_table(self, name: Literal["gdt", "idt"], base: int, limit: int) -> None:
        start = FIELDS[name][0]
        for (at, size, _), value in zip((TABLE["base"], TABLE["limit"]), (base, limit), strict=True):
            self.memory[start + at : start + at + size] = value.to_bytes(size, "little")

    def step(self, code: bytes, bus: "Bus") -> tuple[str, int | None, int | None]:
        return mrm_core.simulate(code, self.memory, bus)

    @staticmethod
    def _place(name: str, index: int) -> tuple[int, int]:
        offset, size, count = FIELDS[name]
        assert index < count
        return offset + index * size, size


class Bus:
    """Memory at an address, ports and MSRs that answer by what was put there; access `fault_at` faults."""

    def __init__(self, base: int = 0, memory: bytes = b"", fault_at: int = -1) -> None:
        self.base, self.memory, self.fault_at = base, bytearray(memory), fault_at
        self.log: list[tuple[str, int, int, int]] = []
        self.ports: dict[int, int] = {}
        self.msrs: dict[int, int] = {}
        self._count = 0

    def _faults(self) -> tuple[int, int] | None:
        self._count += 1
        return (PF_VECTOR, self._count) if self._count - 1 == self.fault_at else None

    def _at(self, linear: int, size: int) -> slice:
        start = linear - self.base
        assert 0 <= start <= len(self.memory) - size, f"access to {linear:#x}"
        return slice(start, start + size)

    def read(self, linear: int, size: int) -> int | tuple[int, int]:
        fault = self._faults()
        if fault is not None:
            return fault
        value = int.from_bytes(self.memory[self._at(linear, size)], "little")
        self.log.append(("read", linear, size, value))
        return value

    def write(self, linear: int, size: int, value: int) -> tuple[int, int] | None:
        fault = self._faults()
        if fault is None:
            self.memory[self._at(linear, size)] = value.to_bytes(size, "little")
            self.log.append(("write", linear, size, value))
        return fault

    def in_(self, port: int, size: int) -> int | tuple[int, int]:
        fault = self._faults()
        if fault is not None:
            return fault
        self.log.append(("in", port, size, self.ports[port]))
        return self.ports[port]

    def out(self, port: int, size: int, value: int) -> tuple[int, int] | None:
        fault = self._faults()
        if fault is None:
            self.log.append(("out", port, size, value))
        return fault

    def msr_read(self, msr: int) -> int | tuple[int, int]:
        return self.msrs.get(msr, (GP, 0))

    def msr_write(self, msr: int, value: int) -> tuple[int, int] | None:
        if msr not in self.msrs:
            return GP, 0
        self.msrs[msr] = value
        return None

    def cpuid(self, leaf: int, subleaf: int) -> list[int]:
        return [leaf, subleaf, 0xC0FFEE, 0xFFFFFFFF]
