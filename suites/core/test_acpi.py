"""Do the ACPI tables say what the partition owns, and nothing else? Paper §3.3(2)B.

They are read by ACPICA (`acpica.py`), and compared with the plan.
"""

import shutil
import struct
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.image.block import CFG
from suites.core import acpica
from suites.core.plans import PAGE, TWINS, Part, Plan
from suites.core.rules import guarded_ports
from suites.core.strategies import plans

GPA = 0xE0000
PCI_DEVICES = 32
NO_LINE = CFG["PCI_NO_LINE"]
LEVEL, LOW = CFG["GSI_LEVEL"], CFG["GSI_ACTIVE_LOW"]
ALL_STANDINS = 31

needs_acpica = pytest.mark.skipif(
    not (shutil.which("iasl") and shutil.which("acpiexec")), reason="needs iasl and acpiexec (acpica-tools)"
)

FULL = TWINS.with_part(
    1,
    ports=((0x2F8, 0x2FF), (0x3C0, 0x3DF), (0x6000, 0x603F), (0xC000, 0xFFFF)),
    mmio=((0xA0000, 0x20000), (0xFEB10000, 0x1000), (0x800000000, 0x100000)),
    gsis=(3, 8, 9, 10, 11, 17, 23),
    line_flags=((3, LEVEL | LOW), (9, LEVEL), (10, LEVEL | LOW), (11, LOW), (17, LEVEL | LOW)),
    pci=(
        (0x28, 17),
        (0x29, 17),
        (0x30, NO_LINE),
        (0x38, 10),
        (0x39, 17),
        (0x3B, 23),
        (0xF8, 23),
    ),
    standins=ALL_STANDINS,
    rights=CFG["RIGHT_PM_TIMER"],
)
"""A partition with one of each: windows low and high, all sorts of lines."""

PLANS = {
    "twins": TWINS,
    "full": FULL,
    "plain": TWINS.with_part(0, pci=(), gsis=(4,), ports=((0x3F8, 0x3FF),), rights=0),
    "no-serial": TWINS.with_part(0, serial=(0, 0)).with_part(1, serial=(0, 0), pci=()),
    "pm1b": TWINS.with_computer(pm1b_event=0x700, pm1b_control=0x704, reset=(0x70F, 0x42)),
    "no-power": TWINS.with_computer(
        flags=0, pm1a_event=0, pm1a_control=0, pm_timer=0, smi_command=0, reset=(0, 0)
    ),
}
PLANS["owner"] = TWINS.with_part(
    1, ports=((0x2F8, 0x2FF), (0x20, 0x21), (0x60, 0x60), (0x64, 0x64), (0xA0, 0xA1), (0x4D0, 0x4D1))
)
CASES = [(name, index) for name in PLANS for index in (0, 1)]


@dataclass(frozen=True)
class Tables:
    """The tables of a partition, found from their root as ACPI 6.5 §5.2.5 to §5.2.10 say."""

    memory: bytes
    gpa: int

    def named(self) -> dict[str, bytes]:
        fadt, madt = (self.at(address) for address in self.root("XSDT", 24, "<Q"))
        facs, dsdt = struct.unpack_from("<II", fadt, 36)
        return {
            "rsdt": self.at(*struct.unpack_from("<I", self.memory, 16)),
            "xsdt": self.at(*struct.unpack_from("<Q", self.memory, 24)),
            "fadt": fadt,
            "madt": madt,
            "facs": self.at(facs),
            "dsdt": self.at(dsdt),
        }

    def root(self, signature: str, at: int, size: str) -> list[int]:
        """The addresses that the RSDT or XSDT has, whose own address is at a place in the RSDP."""
        table = self.at(*struct.unpack_from(size, self.memory, at))
        assert table[:4] == signature.encode()
        return [address for (address,) in struct.iter_unpack(size, table[36:])]

    def at(self, gpa: int) -> bytes:
        """The table at an address; all of it lies in this memory."""
        offset = gpa - self.gpa
        (length,) = struct.unpack_from("<I", self.memory, offset + 4)
        assert 0 <= offset <= offset + length <= len(self.memory)
        return self.memory[offset : offset + length]


def _tables(plan: Plan, index: int, gpa: int = GPA) -> Tables:
    return Tables(plan.core().acpi(index, gpa), gpa)


def _number(record: acpica.Record, name: str) -> int:
    return int(record[name], 16)


@pytest.fixture(params=CASES, ids=lambda case: f"{case[0]}-{case[1]}")
def case(request: pytest.FixtureRequest) -> tuple[Plan, int]:
    name, index = request.param
    return PLANS[name], index


@pytest.mark.requirement("CORE-11")
@given(plans(), st.integers(0, 3), st.integers(0, (1 << 26) - 64))
def test_are_the_tables_whole(plan: Plan, index: int, place: int) -> None:
    """RSDP first, both its sums and all others 0, both roots to the same tables, all in one page."""
    gpa = place * 64
    tables = _tables(plan, index % len(plan.parts), gpa)
    memory = tables.memory

    assert memory[:8] == b"RSD PTR "
    assert memory[15] == 2
    assert sum(memory[:20]) % 256 == 0
    assert sum(memory[:36]) % 256 == 0
    assert tables.root("RSDT", 16, "<I") == tables.root("XSDT", 24, "<Q")
    assert 0 < len(memory) <= PAGE
    for name, table in tables.named().items():
        assert name == "facs" or sum(table) % 256 == 0, name
    assert struct.unpack_from("<I", tables.named()["fadt"], 36)[0] % 64 == 0  # FACS


@pytest.mark.requirement("CORE-11")
def test_do_the_tables_of_the_fullest_partition_fit_in_a_page() -> None:
    most = TWINS.with_part(
        1,
        processors=tuple(range(1, 9)),
        ports=((0x2F8, 0x2FF), *((0x4000 + 16 * index, 0x4007 + 16 * index) for index in range(23))),
        mmio=tuple((0xFEB10000 + PAGE * index, PAGE) for index in range(16)),
        gsis=(3, 5, 6, *range(8, 16), 17, 18),
        line_flags=tuple((line, LEVEL | LOW) for line in (3, 5, 6, *range(8, 16))),
        pci=tuple((slot << 3, 17) for slot in range(2, 18)),
    )
    alone = most.with_part(0, pci=()).with_computer(apic_ids=tuple(range(9)))

    assert PAGE // 2 < len(alone.core().acpi(1, GPA)) <= PAGE


@pytest.mark.requirement("CORE-11")
def test_is_nothing_written_where_it_does_not_fit() -> None:
    core = TWINS.core()
    length = len(core.acpi(0, GPA))

    assert len(core.acpi(0, GPA, length)) == length
    assert all(core.acpi(0, GPA, size) == b"" for size in range(length))
    assert core.acpi(0, (1 << 32) - PAGE)
    for gpa in (GPA + 16, (1 << 32) - PAGE + 64, 1 << 32, (1 << 64) - 64):
        assert core.acpi(0, gpa) == b"", hex(gpa)


@needs_acpica
@pytest.mark.requirement("CORE-11")
@settings(max_examples=25)
@given(plans())
def test_has_an_independent_reader_nothing_to_complain_of(plan: Plan) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for index in range(len(plan.parts)):
            acpica.disassemble(Path(folder), _tables(plan, index).named())
            acpica.compile_again(Path(folder), "dsdt")


@needs_acpica
@pytest.mark.requirement("CORE-11")
def test_has_the_madt_its_processors_and_lines(case: tuple[Plan, int], tmp_path: Path) -> None:
    plan, index = case
    part, computer = plan.parts[index], plan.computer
    text = acpica.disassemble(tmp_path, _tables(plan, index).named())
    head, *entries = acpica.records(text["madt"])
    processors, ioapics, overrides, nmis = (
        [entry for entry in entries if entry["Subtable Type"] == kind] for kind in ("00", "01", "02", "04")
    )

    assert len(processors) + len(ioapics) + len(overrides) + len(nmis) == len(entries)
    assert _number(head, "Local Apic Address") == computer.lapic
    assert _number(head, "PC-AT Compatibility") == (
        bool(part.standins & CFG["STANDIN_PIC"]) or 0x20 in guarded_ports(part)
    )
    assert [_number(entry, "Local Apic ID") for entry in processors] == [
        computer.apic_ids[processor] for processor in part.processors
    ]
    assert [_number(entry, "Processor Enabled") for entry in processors] == [1] * len(processors)
    assert [(_number(entry, "Address"), _number(entry, "Interrupt")) for entry in ioapics] == [
        (computer.ioapic, computer.first_gsi)
    ]
    assert [
        tuple(_number(entry, name) for name in ("Bus", "Source", "Interrupt", "Polarity", "Trigger Mode"))
        for entry in overrides
    ] == list(_overrides(part))
    expected_nmis = [(0xFF, 1)] if part.rights & CFG["RIGHT_NMI"] else []
    assert [(_number(e, "Processor ID"), _number(e, "Interrupt Input LINT")) for e in nmis] == expected_nmis


def _overrides(part: Part) -> Iterator[tuple[int, int, int, int, int]]:
    """(bus, IRQ, GSI, polarity, trigger) of what is not as on an ISA bus: 1 is high, edge; 3 low, level."""
    if (0x40, 0x43) in part.ports and 2 in part.gsis:
        yield 0, 0, 2, 0, 0
    for gsi, flags in part.line_flags:
        if gsi < 16:
            yield 0, gsi, gsi, 3 if flags & LOW else 1, 3 if flags & LEVEL else 1


@needs_acpica
@pytest.mark.requirement("CORE-11")
def test_has_the_fadt_the_power_registers_of_the_machine(case: tuple[Plan, int], tmp_path: Path) -> None:
    plan, index = case
    part, computer = plan.parts[index], plan.computer
    (fadt,) = acpica.records(acpica.disassemble(tmp_path, _tables(plan, index).named())["fadt"])
    timer = computer.pm_timer if part.rights & CFG["RIGHT_PM_TIMER"] else 0

    for name, port, bits in (
        ("PM1A Event Block", computer.pm1a_event, 32),
        ("PM1B Event Block", computer.pm1b_event, 32),
        ("PM1A Control Block", computer.pm1a_control, 16),
        ("PM1B Control Block", computer.pm1b_control, 16),
        ("PM Timer Block", timer, 32),
    ):
        assert _number(fadt, f"{name} Address") == port
        assert _register(fadt, name) == ((1, bits, port) if port else (0, 0, 0))
    assert _number(fadt, "PM1 Event Block Length") == 4
    assert _number(fadt, "PM1 Control Block Length") == 2
    assert _number(fadt, "PM Timer Block Length") == (4 if timer else 0)
    reset, value = computer.reset
    assert _number(fadt, "Reset Register Supported (V2)") == bool(reset)
    assert _register(fadt, "Reset Register") == ((1, 8, reset) if reset else (0, 0, 0))
    assert _number(fadt, "Value to cause reset") == value
    assert _number(fadt, "SMI Command Port") == 0
    assert _number(fadt, "Use APIC Physical Destination Mode (V4)") == 1
    assert _number(fadt, "Hardware Reduced (V5)") == (computer.pm1a_event == 0)
    for name in ("GPE0 Block", "GPE1 Block", "PM2 Control Block", "Sleep Control Register"):
        assert _register(fadt, name) == (0, 0, 0)


def _register(fadt: acpica.Record, name: str) -> tuple[int, int, int]:
    """Space (1 is I/O), width in bits, address."""
    space, width, address = (
        _number(fadt, f"{name}: {field}") for field in ("Space ID", "Bit Width", "Address")
    )
    return space, width, address


@needs_acpica
@pytest.mark.requirement("CORE-11")
def test_says_the_fadt_which_legacy_devices_there_are(case: tuple[Plan, int], tmp_path: Path) -> None:
    plan, index = case
    part = plan.parts[index]
    (fadt,) = acpica.records(acpica.disassemble(tmp_path, _tables(plan, index).named())["fadt"])
    standins = {name: bool(part.standins & CFG[f"STANDIN_{name}"]) for name in ("RTC", "I8042")}
    keyboard = standins["I8042"] or 0x60 in guarded_ports(part)
    vga = any(first <= 0x3C0 and last >= 0x3CF for first, last in part.ports)

    assert _number(fadt, "Legacy Devices Supported (V2)") == bool(part.serial[0])
    assert _number(fadt, "8042 Present on ports 60/64 (V2)") == keyboard
    assert _number(fadt, "VGA Not Present (V4)") == (not vga)
    assert _number(fadt, "CMOS RTC Not Present (V5)") == (not standins["RTC"])
    assert _number(fadt, "RTC Century Index") == (0x32 if standins["RTC"] else 0)


@needs_acpica
@pytest.mark.requirement("CORE-11")
def test_is_the_system_control_interrupt_on_a_line_of_nobody_else(
    case: tuple[Plan, int], tmp_path: Path
) -> None:
    plan, index = case
    part = plan.parts[index]
    (fadt,) = acpica.records(acpica.disassemble(tmp_path, _tables(plan, index).named())["fadt"])
    sci = _number(fadt, "SCI Interrupt")

    assert sci not in {*part.gsis, *(line for _, line in part.pci)}
    assert sci == (12 if part == FULL.parts[1] else 9)


@pytest.mark.requirement("CORE-11")
@given(plans())
def test_is_the_system_control_interrupt_never_shared(plan: Plan) -> None:
    for index, part in enumerate(plan.parts):
        (sci,) = struct.unpack_from("<H", _tables(plan, index).named()["fadt"], 46)

        assert sci not in part.gsis


@needs_acpica
@pytest.mark.requirement("CORE-11")
def test_has_the_dsdt_the_serial_port_and_the_host_bridge(case: tuple[Plan, int], tmp_path: Path) -> None:
    plan, index = case
    part = plan.parts[index]
    text = acpica.disassemble(tmp_path, _tables(plan, index).named())["dsdt"]
    expected = {"\\_SB.COM0": part.serial[0] != 0, "\\_SB.PCI0": bool(part.pci)}
    acpica.compile_again(tmp_path, "dsdt")
    namespace = acpica.interpret(tmp_path, "dsdt", [path for path, there in expected.items() if there])

    assert namespace.soft_off == [5, 5, 0, 0]
    assert text.count("Device (") == len(namespace.devices)
    if "\\_SB.COM0" in namespace.devices:
        assert 'EisaId ("PNP0501")' in text
        _assert_serial(part, namespace.devices["\\_SB.COM0"])
    if "\\_SB.PCI0" in namespace.devices:
        assert 'EisaId ("PNP0A03")' in text
        _assert_windows(part, namespace.devices["\\_SB.PCI0"])
        assert _routes(namespace.devices["\\_SB.PCI0"]) == dict(_expected_routes(part))


@pytest.mark.requirement("CORE-11")
@given(plans())
def test_end_resources_where_their_buffer_ends(plan: Plan) -> None:
    """BufferOp, PkgLength of two bytes, size as a word (ACPI 6.5 §20.2.5.4), descriptors up to an end tag."""
    for index in range(len(plan.parts)):
        for part in _tables(plan, index).named()["dsdt"].split(b"_CRS")[1:]:
            assert (part[0], part[1] & 0xF0, part[3]) == (0x11, 0x40, 0x0B)
            length, (size,) = (part[1] & 0xF) | part[2] << 4, struct.unpack_from("<H", part, 4)
            buffer = part[6 : 6 + size]

            assert 6 + size == 1 + length
            assert buffer[-2:] == b"\x79\x00"


def _assert_serial(part: Part, device: acpica.Device) -> None:
    port, gsi = part.serial
    flags = dict(part.line_flags).get(gsi, 0)
    (_, ports), (_, line), (end, _) = device.resources

    assert end == "EndTag Resource"
    assert _number(ports, "Address Minimum") == _number(ports, "Address Maximum") == port
    assert _number(ports, "Address Length") == 8
    assert _number(line, "Dword00") == gsi
    assert line["Interrupt Count"] == "01"
    assert line["Triggering"] == ("Level" if flags & LEVEL else "Edge")
    assert line["Polarity"] == ("ActiveLow" if flags & LOW else "ActiveHigh")


def _assert_windows(part: Part, bridge: acpica.Device) -> None:
    """Every window is one of the partition's, and all of them are there; ISA ports are all passed on."""
    (_, own), *windows, (end, _) = bridge.resources
    spans: dict[str, list[tuple[int, int, int]]] = {}
    for _, window in windows:
        span = tuple(_number(window, f"Address {name}") for name in ("Minimum", "Maximum", "Length"))
        spans.setdefault(window["Resource Type"], []).append(span)  # type: ignore[arg-type]
        assert window["Consumer/Producer"] == "ResourceProducer"

    assert end == "EndTag Resource"
    assert (_number(own, "Address Minimum"), _number(own, "Address Length")) == (0xCF8, 8)
    assert spans.pop("Bus Number Range") == [(0, 0xFF, 0x100)]
    assert spans.pop("I/O Range") == [
        (0, 0x3FF, 0x400),
        *((first, last, last - first + 1) for first, last in part.ports if first >= 0x400),
    ]
    assert spans.pop("Memory Range", []) == [(base, base + size - 1, size) for base, size in part.mmio]
    assert not spans


def _routes(bridge: acpica.Device) -> dict[tuple[int, int], int]:
    """(device, pin) -> GSI."""
    found = {}
    for route in bridge.routes:
        address = _number(route, "Address")
        assert address & 0xFFFF == 0xFFFF
        assert route["Source"] == "[NULL NAMESTRING]"  # no link device: the index is a GSI
        key = (address >> 16, _number(route, "Pin"))
        assert key not in found
        found[key] = _number(route, "Source Index")
    return found


def _expected_routes(part: Part) -> Iterator[tuple[tuple[int, int], int]]:
    for device in range(PCI_DEVICES):
        lines = {bdf & 7: line for bdf, line in part.pci if bdf >> 3 == device and line != NO_LINE}
        if len(set(lines.values())) == 1:
            yield from (((device, pin), next(iter(lines.values()))) for pin in range(4))
        else:
            yield from (((device, function % 4), line) for function, line in lines.items())


@pytest.mark.requirement("CORE-11")
def test_depend_the_tables_on_their_address_in_their_addresses_only() -> None:
    """All that differs between two places is addresses of tables and the sums over them."""
    here, there = (_tables(TWINS, 0, gpa).named() for gpa in (GPA, GPA + 0x40))
    allowed = {"fadt": {9, *range(36, 44), *range(140, 148)}, "rsdt": {9, *range(36, 44)}}
    allowed["xsdt"] = {9, *range(36, 52)}

    for name in here:
        differ = {at for at, (a, b) in enumerate(zip(here[name], there[name], strict=True)) if a != b}
        assert differ <= allowed.get(name, set()), name
