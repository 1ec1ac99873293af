"""Is the extension safe on any input, and does it keep nothing of it?"""

import gc
import importlib.util
import sys
import tracemalloc
from collections.abc import Callable
from contextlib import suppress
from types import ModuleType

import mrm_core
import pytest
from hypothesis import given
from hypothesis import strategies as st

from suites.core import functions
from suites.core.interrupt_pair import Pair
from suites.core.plans import BARS, LEGACY, TWINS
from suites.core.processor import Bus, Processor

ROUNDS = 300
SLACK_BYTES = ROUNDS * 8
"""Less than the smallest object a round could leave behind."""

TWINS_BLOCK = TWINS.pack()
WRONG_BLOCK = TWINS.with_part(1, gsis=(4, 4), memory=((0, 0, 0x800),)).pack()


def _refused_core() -> None:
    with pytest.raises(ValueError, match="partition"):
        mrm_core.Core(WRONG_BLOCK)


MACHINE = functions.machine()
PAIR = Pair()

CALLS: list[tuple[str, tuple[object, ...]]] = [
    ("to_hpa", (0, 0x100000, 8)),
    ("to_gpa", (0, 0x100000)),
    ("e820", (0,)),
    ("acpi", (0, 0xE0000)),
    ("acpi", (0, 0xE0000, 1)),
    ("payload", (0, b"neither a kernel nor anything else")),
    ("port", (0, 0x3F8, 1)),
    ("mmio", (0, 0xFEC00000, 4)),
    ("port_owner", (0x3F8,)),
    ("mmio_owner", (0,)),
    ("pci_owner", (0x18,)),
    ("iommu_entry", (0x18, (0x8000000, 0x9000000))),
    ("pci_open", (MACHINE,)),
    ("pci_start", (0,)),
    ("pci_write", (0, 0xCF8, 4, 0x80001870)),
    ("pci_read", (0, 0xCFC, 4)),
    ("pci_table_read", (0, 0xFEB01000)),
    ("pci_table_write", (0, 0xFEB01000, 0xFEE00000)),
    ("host_message", (0x38,)),
    ("pci_stop", (0,)),
    ("gsi_owner", (4,)),
    ("nmi_owner", ()),
    ("claim", (1, 4, 0x30)),
    ("mask", (0, 4, False)),
    ("set_pending", (4,)),
    ("take", (0,)),
    ("line", (4,)),
    ("ioapic_read", (0, 0x10)),
    ("ioapic_write", (0, 0, 0x18)),
    ("ioapic_write", (0, 0x10, 0x31)),
    ("ipi", (0, 0, 0x40040, b"\1")),
    ("start_up", (1, 1, 0x44640 | 2 << 56, b"\1")),
    ("msi", (0, 0xFEE00000, 0x41)),
    ("exception", (0, 13, 8)),
    ("exception", (0, 32)),
    ("power_port", (0x604,)),
    ("power_read", (0, 0x604, 2)),
    ("power_write", (0, 0x604, 2, 0x2000)),
    ("set_clock", (1000000, 0, 0)),
    ("standin_read", (0, 0x40, 1, 0)),
    ("standin_write", (0, 0x43, 1, 0x34, 0)),
    ("guard_open", (PAIR,)),
    ("guard_reset", (0,)),
    ("started", (0,)),
    ("running", (0,)),
    ("end", (0, "soft-off")),
    ("reset", (0,)),
    ("trace_memory", ()),
]


def _everything() -> None:
    core = BARS.core()
    for name, arguments in CALLS:
        getattr(core, name)(*arguments)
    MACHINE.log.clear()


def _guarded() -> None:
    core = LEGACY.core()
    core.guard_open(PAIR)
    core.guard_reset(1)
    core.standin_write(1, 0x20, 1, 0x11, 0)
    core.standin_read(1, 0x21, 1, 0)
    PAIR.chips[0].commands.clear()


def _failed_port() -> None:
    pair = Pair()
    pair.port_in = lambda port: 1 // 0  # type: ignore[method-assign]
    core = LEGACY.core()
    core.guard_open(pair)
    with pytest.raises(ZeroDivisionError):
        core.standin_read(1, 0x64, 1, 0)


def _simulated() -> None:
    bus = Bus(0, bytes(16))
    bus.ports = {0x3F8: 1}
    processor = Processor()
    for code in ("8b00", "8900", "0fa2", "0f32", "0f30", "e660", "0f01d9", "cc"):
        processor.step(bytes.fromhex(code), bus)


def _failed_simulation() -> None:
    bus = Bus()
    bus.read = lambda linear, size: 1 / 0  # type: ignore[method-assign, assignment, return-value]
    with pytest.raises(ZeroDivisionError):
        Processor().step(b"\x8b\x00", bus)


def _wrong_arguments() -> None:
    core = mrm_core.Core(TWINS_BLOCK)
    for call, error in _mistakes(core):
        with pytest.raises(error):
            call()


def _mistakes(core: mrm_core.Core) -> list[tuple[Callable[[], object], type[Exception]]]:
    """Calls that no caller should make, and what each must raise."""
    anything: object = object()
    return [
        (lambda: core.port(2, 0, 1), IndexError),
        (lambda: core.port(256, 0, 1), OverflowError),
        (lambda: core.port(-1, 0, 1), OverflowError),
        (lambda: core.port(0, 0x10000, 1), OverflowError),
        (lambda: core.port(0, 0, 8), ValueError),
        (lambda: core.mmio(0, 0, 3), ValueError),
        (lambda: core.mmio(0, 1 << 64, 4), OverflowError),
        (lambda: core.to_hpa(0, "0"), TypeError),  # type: ignore[arg-type]
        (lambda: core.line(256), OverflowError),
        (lambda: core.ipi(0, 0, 0, "text"), TypeError),  # type: ignore[arg-type]
        (lambda: core.ipi(9, 0, 0, b""), IndexError),
        (lambda: core.start_up(9, 0, 0, b""), IndexError),
        (lambda: core.exception(0, 13, 0, False, "x"), TypeError),  # type: ignore[arg-type]
        (lambda: core.acpi(0, 0, 1 << 16), OverflowError),
        (lambda: core.standin_read(0, 0x40, 3, 0), ValueError),
        (lambda: LEGACY.core().standin_read(1, 0x20, 1, 0), RuntimeError),
        (lambda: LEGACY.core().standin_write(1, 0x64, 1, 0, 0), RuntimeError),
        (lambda: LEGACY.core().guard_reset(1), RuntimeError),
        (lambda: core.end(0, "gone"), ValueError),
        (lambda: core.end(0, 1), TypeError),  # type: ignore[arg-type]
        (lambda: core.claim(0, 4), TypeError),  # type: ignore[call-arg]
        (lambda: mrm_core.check(anything), TypeError),  # type: ignore[arg-type]
        (lambda: mrm_core.check(memoryview(b"abcd")[::2]), BufferError),
        (lambda: mrm_core.Core("text"), TypeError),  # type: ignore[arg-type]
        (lambda: mrm_core.decode(b"", 8), ValueError),
        (lambda: mrm_core.decode(b"", 300), OverflowError),
        (lambda: mrm_core.parse_trace(b""), ValueError),
        (lambda: mrm_core.simulate(b"\x90", b"", Bus()), (TypeError, BufferError)),  # type: ignore[arg-type, list-item]
        (lambda: mrm_core.simulate(b"\x90", bytearray(3), Bus()), ValueError),
        (lambda: mrm_core.simulate(b"\x90", bytearray(mrm_core.CFG["CPU_BYTES"]), Bus()), ValueError),
    ]


ACTIONS: dict[str, Callable[[], object]] = {
    "check": lambda: mrm_core.check(WRONG_BLOCK),
    "check of nothing": lambda: mrm_core.check(b""),
    "core": _everything,
    "refused core": _refused_core,
    "decode": lambda: [mrm_core.decode(bytes((opcode, 0, 0, 0, 0, 0, 0)), 64) for opcode in range(256)],
    "trace": lambda: mrm_core.parse_trace(mrm_core.Core(TWINS_BLOCK).trace_memory()),
    "simulate": _simulated,
    "failed simulation": _failed_simulation,
    "guarded devices": _guarded,
    "failed port": _failed_port,
    "wrong arguments": _wrong_arguments,
}


@pytest.mark.requirement("CORE-10")
@pytest.mark.parametrize("name", ACTIONS)
def test_does_it_keep_nothing(name: str) -> None:
    action = ACTIONS[name]
    for _ in range(5):
        action()

    few, many = (_least_growth(action, rounds) for rounds in (ROUNDS, 2 * ROUNDS))

    # The interpreter keeps some memory for later, which does not grow with the rounds.
    assert many[0] - few[0] < SLACK_BYTES
    assert many[1] < ROUNDS // 2


def _least_growth(action: Callable[[], object], rounds: int) -> tuple[int, int]:
    """Other threads of the test runner allocate, too; what an action keeps, it keeps each time."""
    growths = [_growth(action, rounds) for _ in range(2)]
    return min(memory for memory, _ in growths), min(references for _, references in growths)


def _growth(action: Callable[[], object], rounds: int) -> tuple[int, int]:
    """Bytes, and references to one of some well-known objects, that rounds of an action leave behind."""
    counted = (None, True, False, mrm_core.Core, mrm_core.Finding, mrm_core.Instruction)
    tracemalloc.start()
    try:
        gc.collect()
        before, references = tracemalloc.get_traced_memory()[0], [sys.getrefcount(item) for item in counted]
        for _ in range(rounds):
            action()
        gc.collect()
        after, references_after = (
            tracemalloc.get_traced_memory()[0],
            [sys.getrefcount(item) for item in counted],
        )
    finally:
        tracemalloc.stop()
    return after - before, max(abs(a - b) for a, b in zip(references, references_after, strict=True))


@pytest.mark.requirement("CORE-10")
def test_is_every_method_called_here() -> None:
    methods = {name for name in dir(mrm_core.Core) if callable(getattr(mrm_core.Core, name))}

    assert {name for name in methods if not name.startswith("_")} == {name for name, _ in CALLS}


@pytest.mark.requirement("CORE-10")
def test_is_a_wrong_argument_an_exception() -> None:
    _wrong_arguments()


def _another() -> ModuleType:
    spec = importlib.util.find_spec("mrm_core")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.requirement("CORE-10")
def test_has_every_module_object_types_of_its_own() -> None:
    """PEP 489: nothing is shared behind the interpreter's back."""
    another = _another()

    assert another is not mrm_core
    assert another.Core is not mrm_core.Core
    assert another.Finding is not mrm_core.Finding
    assert another.Core(TWINS_BLOCK).port(0, 0x3F8, 1) == "allow"


@pytest.mark.requirement("CORE-10")
def test_goes_a_module_object_away_whole() -> None:
    for _ in range(3):
        _another()
    gc.collect()
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(20):
            _another()
        gc.collect()
        after = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()

    assert after - before < 20 * 1000  # one module object has some 30 kB of types and tables


@pytest.mark.requirement("CORE-10")
def test_can_a_bus_not_pull_its_processor_away() -> None:
    processor = Processor()
    bus = Bus()
    bus.read = lambda linear, size: processor.memory.clear() or 0  # type: ignore[method-assign, func-returns-value]
    with pytest.raises(BufferError):
        processor.step(b"\x8b\x00", bus)


BUFFER_CALLS: dict[str, Callable[[bytearray], object]] = {
    "check": mrm_core.check,
    "core": lambda data: mrm_core.Core(block=data),
    "decode": lambda data: mrm_core.decode(data, 64),
    "decode refused": lambda data: mrm_core.decode(data, 63),
    "trace": mrm_core.parse_trace,
    "ipi": lambda data: mrm_core.Core(TWINS_BLOCK).ipi(0, 0, 0x40, data),
    "ipi refused": lambda data: mrm_core.Core(TWINS_BLOCK).ipi(9, 0, 0x40, data),
    "code": lambda data: mrm_core.simulate(data, Processor().memory, Bus()),
    "processor": lambda data: mrm_core.simulate(b"\xf4", data, Bus()),
}


@pytest.mark.requirement("CORE-10")
@pytest.mark.parametrize("name", BUFFER_CALLS)
@pytest.mark.parametrize(
    "content", [b"\x8b\x00", TWINS_BLOCK, bytes(Processor().memory)], ids=["two", "block", "cpu"]
)
def test_is_a_buffer_given_back(name: str, content: bytes) -> None:
    """A buffer that is still held cannot be cleared."""
    data = bytearray(content)
    with suppress(ValueError, IndexError, AssertionError):
        BUFFER_CALLS[name](data)

    data.clear()


@pytest.mark.requirement("CORE-10")
@given(st.binary(max_size=200))
def test_is_any_text_a_block_that_is_refused(data: bytes) -> None:
    assert [item.fault for item in mrm_core.check(data)] == ["bad-header"]


@pytest.mark.requirement("CORE-10")
@given(st.integers(0, len(TWINS_BLOCK)))
def test_is_a_cut_block_refused(length: int) -> None:
    assert (mrm_core.check(TWINS_BLOCK[:length]) == []) == (length == len(TWINS_BLOCK))


@pytest.mark.requirement("CORE-10")
def test_may_a_block_lie_anywhere() -> None:
    """Unaligned, read-only, or with more behind it, as a boot loader may leave it."""
    shifted = b"x" + TWINS_BLOCK + b"more"

    assert mrm_core.check(memoryview(shifted)[1:]) == []
    assert mrm_core.Core(memoryview(shifted)[1:]).partition_count == 2
