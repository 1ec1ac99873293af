"""PCI functions as a machine has them: configuration space in double words, BARs, MSI-X tables."""

from dataclasses import dataclass, field

IO, MEMORY, MASTER, INTX_OFF = 1, 2, 4, 1 << 10
ONES = 0xFFFFFFFF
BARS = range(0x10, 0x28, 4)

Capability = tuple[int, ...]
"""Its double words; the second byte, where the next one is, is filled in."""


@dataclass
class Function:
    """A function of header type 0 (PCI 3.0 §6.1).

    Attributes:
      bars: by register: (kind bits, size); the upper half of one of 64 bits is left out.
      capabilities: where they are, in the order of the list.
      sticky: bits of registers that keep what is written, beside those of BARs and the command.
    """

    bars: dict[int, tuple[int, int]]
    capabilities: dict[int, Capability] = field(default_factory=dict)
    sticky: dict[int, int] = field(default_factory=dict)
    identity: int = 0x10001234
    class_code: int = 0x02000001
    header: int = 0
    pin: int = 1

    def __post_init__(self) -> None:
        self.space = [0] * 64
        self.space[0], self.space[2], self.space[3] = self.identity, self.class_code, self.header << 16
        self.space[1] = 0x10 << 16 if self.capabilities else 0
        self.space[0x3C // 4] = self.pin << 8 | 0x55
        self.space[0x34 // 4] = next(iter(self.capabilities), 0)
        self.space[0x30 // 4] = 0xFFFE0001  # a ROM, switched on by firmware
        places = list(self.capabilities)
        for place, following in zip(places, [*places[1:], 0], strict=False):
            for index, word in enumerate(self.capabilities[place]):
                self.space[place // 4 + index] = word
            self.space[place // 4] |= following << 8

    def read(self, offset: int) -> int:
        return self.space[offset // 4]

    def write(self, offset: int, value: int) -> None:
        mask = self.sticky.get(offset, 0)
        if offset == 0x04:
            mask = IO | MEMORY | MASTER | INTX_OFF | 0x100
        if offset == 0x30:
            mask = 0xFFFF0001
        kind = 0
        for register, (low, size) in self.bars.items():
            if offset == 0x10 + 4 * register:
                mask, kind = -size & ONES & ~0xF if not low & 1 else -size & ONES & ~3, low
            if offset == 0x14 + 4 * register and low & 6 == 4 and not low & 1:
                mask = -size >> 32 & ONES
        self.space[offset // 4] = self.space[offset // 4] & ~mask | value & mask | kind

    def address(self, register: int) -> int:
        """Where a BAR points to."""
        low, _ = self.bars[register]
        value = self.space[4 + register]
        if low & 1:
            return value & ~3
        return value & ~0xF | (self.space[5 + register] << 32 if low & 6 == 4 else 0)


@dataclass
class Machine:
    """The functions of bus 0, by number, and a log of what is written."""

    functions: dict[int, Function]
    memory: dict[int, int] = field(default_factory=dict)
    log: list[tuple[str, int, int, int]] = field(default_factory=list)

    def config_read(self, bdf: int, offset: int) -> int:
        function = self.functions.get(bdf)
        return ONES if function is None else function.read(offset)

    def config_write(self, bdf: int, offset: int, value: int) -> None:
        self.log.append(("config", bdf, offset, value))
        self.functions[bdf].write(offset, value)

    def load(self, address: int) -> int:
        return self.memory.get(address, 0)

    def store(self, address: int, value: int) -> None:
        self.log.append(("store", address, 0, value))
        self.memory[address] = value

    def command(self, bdf: int) -> int:
        return self.functions[bdf].read(4) & 0xFFFF

    def entry(self, table: int, index: int) -> tuple[int, int, int]:
        """An entry of an MSI-X table, as the hardware has it: address, data, control."""
        low, high, data, control = (self.memory.get(table + 16 * index + 4 * word, 0) for word in range(4))
        return low | high << 32, data, control


MSI_64_MASKS, MSI_64, MSI_32 = 0x01800005, 0x00800005, 0x00000005
MSIX, POWER, VENDOR, EXPRESS, ADVANCED = 0x11, 0x01, 0x09, 0x10, 0x13
VITAL_DATA, ENHANCED = 0x03, 0x14
FLR, AF_FLR = 1 << 28, 1 << 25


def msix(vectors: int, bar: int, offset: int) -> Capability:
    """The capability for a table at an offset in a BAR, with what is pending 2 KiB further on."""
    return (MSIX | vectors - 1 << 16, offset | bar, offset + 0x800 | bar)


MSI_STICKY = {0: 0x007100FF << 16 & 0x00710000, 4: ONES & ~3, 8: ONES, 12: 0xFFFF, 16: ONES}
MSIX_STICKY = {0: 0xC0000000}


def sticky(place: int, bits: dict[int, int]) -> dict[int, int]:
    """Where a capability at a place keeps what is written."""
    return {place + offset: mask for offset, mask in bits.items()}


def machine() -> Machine:
    """What plans.BARS says, and functions that are nobody's."""
    left = Function(
        bars={0: (1, 0x20), 1: (0, 0x2000), 4: (0xC, 0x100000)},
        capabilities={
            0x98: msix(32, 1, 0x1000),
            0x40: (POWER | 0xFE030000, 0x0000_0100),
            0x48: (VITAL_DATA, 0xDEAD),
            0x70: (MSI_64_MASKS, 0, 0, 0, 0, 0),
            0x50: (EXPRESS | 2 << 16, FLR | 0x8000, 0x2810, 0, 0),
        },
        sticky=sticky(0x70, MSI_STICKY) | sticky(0x98, MSIX_STICKY) | {0x44: 0x8103, 0x4C: ONES, 0x58: ONES},
    )
    second = Function(
        bars={5: (0, 0x10)},
        capabilities={0x60: (MSI_32, 0, 0), 0x6C: (ADVANCED | 0x06 << 16 | AF_FLR, 0), 0xF0: (ENHANCED, 0)},
        sticky={0x60: 1 << 16, 0x64: ONES & ~3, 0x68: 0xFFFF, 0x70: 1},
        pin=2,
    )
    right = Function(bars={}, identity=0x10411AF4, header=0x80)
    return Machine(
        {
            0x00: Function(bars={}, class_code=0x06000000, identity=0x29C08086),
            0x18: left,
            0x20: second,
            0x28: right,
            0x30: Function(bars={0: (0, 0x1000)}, class_code=0x01060100),
            0x38: Function(bars={}, class_code=0x06040000, header=1),
            0xF8: Function(bars={}, class_code=0x06010000, header=0x80),
        }
    )
