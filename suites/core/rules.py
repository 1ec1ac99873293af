"""The rules of ownership, written a second time: which conflicts a plan has, by name. Paper §3.2, §3.3(1)."""

from collections.abc import Iterator
from itertools import combinations, product

from harness.image.block import CFG
from suites.core.plans import MIB, PAGE, Bar, Computer, Part, Plan, Spans

GPA_TOP = 1 << 48
ADDRESSES = 1 << 64
NO_LINE = CFG["PCI_NO_LINE"]


def ranges(spans: Spans) -> list[range]:
    """(base, size) as ranges; an empty or wrapped one is left out, which is a conflict of its own."""
    return [range(base, base + size) for base, size in spans if 0 < size <= ADDRESSES - base]


def meet(a: range, b: range) -> bool:
    """Whether they have a number in common."""
    return max(a.start, b.start) < min(a.stop, b.stop)


def ram(part: Part) -> list[range]:
    """Its RAM by host-physical address."""
    return ranges(tuple((hpa, size) for _, hpa, size in part.memory))


def seen_ram(part: Part) -> list[range]:
    """Its RAM by guest-physical address."""
    return ranges(tuple((gpa, size) for gpa, _, size in part.memory))


def ports(part: Part) -> list[range]:
    return [range(first, last + 1) for first, last in part.ports if first <= last]


def power_ports(computer: Computer) -> list[range]:
    """The ports that switch the machine off or reset it. ACPI 6.5 §4.8, and the chip set's own."""
    blocks = [
        (computer.pm1a_event, 4),
        (computer.pm1b_event, 4),
        (computer.pm1a_control, 2),
        (computer.pm1b_control, 2),
        (computer.smi_command, 1),
        (computer.reset[0], 1),
    ]
    legacy = {"CF9": (0xCF9,), "I8042": (0x60, 0x64), "PORT92": (0x92,)}
    found = [range(port, port + size) for port, size in blocks if port]
    for name, numbers in legacy.items():
        if computer.flags & CFG[f"MACHINE_{name}"]:
            found += [range(number, number + 1) for number in numbers]
    return found


GUARDED = {"I8042": (0x60, 0x64), "PIC": (0x20, 0x21, 0xA0, 0xA1, 0x4D0, 0x4D1)}
"""The ports of devices that have one owner, who is looked at: where every PC has them."""


def guarded_ports(part: Part) -> set[int]:
    """Those that are the partition's own."""
    own = {port for piece in ports(part) for port in piece}
    return {port for device in GUARDED.values() for port in device} & own


def standin_ports(part: Part) -> set[int]:
    """The ports of the devices that are stood in for, where every PC has them."""
    found: set[int] = set()
    for name, numbers in (
        ("PIT", (0x40, 0x41, 0x42, 0x43, 0x61)),
        ("RTC", (0x70, 0x71)),
        ("PIC", (0x20, 0x21, 0xA0, 0xA1)),
        ("I8042", (0x60, 0x64)),
        ("FW_CFG", (0x510, 0x511)),
    ):
        if part.standins & CFG[f"STANDIN_{name}"]:
            found.update(numbers)
    return found


def controller_ports(computer: Computer) -> list[range]:
    """All ports that no partition may have."""
    found = [piece for piece in power_ports(computer) if piece.start not in GUARDED["I8042"]]
    if computer.pm_timer:
        found.append(range(computer.pm_timer, computer.pm_timer + 4))
    if computer.flags & CFG["MACHINE_PCI"]:
        found.append(range(0xCF8, 0xD00))
    if computer.console[0]:
        found.append(range(computer.console[0], computer.console[0] + 8))
    return found


def windows(computer: Computer) -> list[range]:
    """Where interrupt controllers, PCI configuration space and the IOMMU answer."""
    return ranges(((computer.lapic, PAGE), (computer.ioapic, PAGE), computer.ecam, computer.iommu[:2]))


def iommus(computer: Computer) -> tuple[int, ...]:
    """The function of the machine's IOMMU, if it has one."""
    _, size, function = computer.iommu
    return (function,) if size else ()


def conflicts(plan: Plan) -> set[str]:
    """The names of all conflicts."""
    parts, computer = plan.parts, plan.computer
    found = {name for part in parts for name in _alone(part, computer)}
    for a, b in combinations(parts, 2):
        found.update(_between(a, b))
    return found


def _alone(part: Part, computer: Computer) -> Iterator[str]:
    yield from _form(part)
    yield from _place(part, computer)
    yield from _itself(part)
    yield from _reserved(part, computer)
    yield from _serial(part)
    yield from _bars(part)
    for device in GUARDED.values():
        if guarded_ports(part) & set(device) and not guarded_ports(part) >= set(device):
            yield "device-split"
    if guarded_ports(part) & set(GUARDED["PIC"]) and (
        part.slice_us or part.processors[0] not in computer.lint0
    ):
        yield "pic-not-wired"
    if any(port in piece for piece in ports(part) for port in standin_ports(part)):
        yield "standin-owned"


def _form(part: Part) -> Iterator[str]:
    spans = [*((gpa, size) for gpa, _, size in part.memory), *((hpa, size) for _, hpa, size in part.memory)]
    for base, size in (*spans, *part.mmio):
        if not 0 < size <= ADDRESSES - base:
            yield "empty"
        elif base % PAGE or size % PAGE:
            yield "unaligned"
    if any(first > last for first, last in part.ports):
        yield "empty"


def _place(part: Part, computer: Computer) -> Iterator[str]:
    lines = [*part.gsis, *(line for _, line in part.pci if line != NO_LINE)]
    pins = range(computer.first_gsi, computer.first_gsi + computer.pins)
    if (
        any(not _covered(piece, ranges(computer.ram)) for piece in ram(part))
        or any(piece.stop > GPA_TOP for piece in seen_ram(part))
        or any(processor >= len(computer.apic_ids) for processor in part.processors)
        or any(line not in pins for line in lines)
    ):
        yield "beyond-machine"
    if part.view == CFG["ZERO_BASED"]:
        if all(gpa for gpa, _, _ in part.memory):
            yield "view-mismatch"
    elif any(gpa != hpa and gpa + size > MIB and ranges(((gpa, size),)) for gpa, hpa, size in part.memory):
        yield "view-mismatch"


def _covered(piece: range, whole: list[range]) -> bool:
    """Whether every address of the piece is in one of the ranges; they may adjoin."""
    at = piece.start
    for part in sorted(whole, key=lambda item: item.start):
        if at in part:
            at = part.stop
    return at >= piece.stop


def _itself(part: Part) -> Iterator[str]:
    kinds = (ram(part), seen_ram(part), ports(part), ranges(part.mmio))
    if any(meet(a, b) for kind in kinds for a, b in combinations(kind, 2)):
        yield "overlap-self"
    if any(meet(a, b) for a, b in product(seen_ram(part), ranges(part.mmio))):
        yield "overlap-self"
    for name, numbers in (
        ("processor-twice", part.processors),
        ("gsi-twice", part.gsis),
        ("pci-twice", tuple(bdf for bdf, _ in part.pci)),
    ):
        if len(set(numbers)) < len(numbers):
            yield name


def _reserved(part: Part, computer: Computer) -> Iterator[str]:
    def touches(mine: list[range], others: list[range]) -> bool:
        return any(meet(a, b) for a, b in product(mine, others))

    if touches(ram(part), ranges((computer.controller,))):
        yield "overlap-controller"
    if touches(ram(part), ranges(computer.firmware)):
        yield "overlap-firmware"
    if touches(ports(part), controller_ports(computer)):
        yield "port-reserved"
    if touches(ranges(part.mmio), ranges(computer.ram)):
        yield "mmio-reserved"
    if touches(ranges(part.mmio) + seen_ram(part), windows(computer)):
        yield "mmio-reserved"
    if computer.console[0] and computer.console[1] in part.gsis:
        yield "gsi-reserved"
    yield from _functions(part, computer)


def _bars(part: Part) -> Iterator[str]:
    """PCI 3.0 §6.2.5.1."""
    used = [bar for bar in part.bars if bar.size and bar.function < len(part.pci)]
    registers = {(bar.function, bar.register) for bar in used}
    for bar in used:
        is_narrow = bar.register == 5 or (bar.function, bar.register + 1) in registers
        is_too_high = not bar.ports and is_narrow and bar.base + bar.size > 1 << 32
        sizes = {1 << power for power in (range(2, 9) if bar.ports else range(4, 64))}
        if bar.size not in sizes or bar.base % bar.size or is_too_high:
            yield "bar-form"
        own = ports(part) if bar.ports else ranges(part.mmio)
        decoded = _decoded(bar)
        if decoded and not any(piece.start <= decoded.start and decoded.stop <= piece.stop for piece in own):
            yield "bar-not-owned"
    for a, b in combinations(used, 2):
        if a.ports == b.ports and meet(_decoded(a), _decoded(b)):
            yield "overlap-self"


def _decoded(bar: Bar) -> range:
    """Its ports, or all of its pages."""
    if bar.base + bar.size > ADDRESSES:
        return range(0)
    if bar.ports:
        return range(bar.base, bar.base + bar.size)
    return range(bar.base // PAGE * PAGE, -(-(bar.base + bar.size) // PAGE) * PAGE)


def _functions(part: Part, computer: Computer) -> Iterator[str]:
    if {bdf for bdf, _ in part.pci} & {0, *iommus(computer)}:
        yield "pci-reserved"
    masters = {bdf for bdf, _ in part.pci} - set(part.no_masters)
    if masters and part.view == CFG["ZERO_BASED"] and not iommus(computer):
        yield "needs-iommu"
    if any(bdf > 0xFF for bdf, _ in part.pci):
        yield "pci-behind-bridge"
    if computer.console[0] and any(line == computer.console[1] for _, line in part.pci):
        yield "pci-line-shared"


def _serial(part: Part) -> Iterator[str]:
    port, gsi = part.serial
    whole = range(port, port + 8)
    if port and not any(whole.start >= own.start and whole.stop <= own.stop for own in ports(part)):
        yield "serial-not-owned"
    if port and gsi not in part.gsis:
        yield "serial-not-owned"


def _between(a: Part, b: Part) -> Iterator[str]:
    for name, mine, others in (
        ("overlap-partition", ram(a), ram(b)),
        ("port-twice", ports(a), ports(b)),
        ("mmio-twice", ranges(a.mmio), ranges(b.mmio)),
    ):
        if any(meet(x, y) for x, y in product(mine, others)):
            yield name
    if any(0 in piece for piece in ram(a)) and any(0 in piece for piece in ram(b)):
        yield "two-at-zero"
    if set(a.processors) & set(b.processors) and not (a.slice_us and b.slice_us):
        yield "processor-twice"
    if set(a.gsis) & set(b.gsis):
        yield "gsi-twice"
    if {bdf for bdf, _ in a.pci} & {bdf for bdf, _ in b.pci}:
        yield "pci-twice"
    yield from _wired(a, b)
    if a.rights & b.rights & CFG["RIGHT_NMI"]:
        yield "nmi-twice"
    if a.name == b.name:
        yield "bad-name"


def _wired(a: Part, b: Part) -> Iterator[str]:
    """Lines of which one has an end, and the other one the other."""
    if _lines(a) & (_lines(b) | set(b.gsis)) or _lines(b) & set(a.gsis):
        yield "pci-line-shared"
    for one, other in ((a, b), (b, a)):
        if guarded_ports(one) & set(GUARDED["I8042"]) and {1, 12} & set(other.gsis):
            yield "line-split"


def _lines(part: Part) -> set[int]:
    return {line for _, line in part.pci if line != NO_LINE}
