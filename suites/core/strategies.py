"""What hypothesis makes: plans without a conflict, plans with any, and accesses."""

from dataclasses import replace

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from harness.image.block import CFG
from suites.core.plans import MIB, PAGE, Bar, Computer, Part, Plan

COMPUTER = Computer()
SLOT = 16 * MIB
FREE_SLOTS = [base for base in range(SLOT, 0x20000000, SLOT) if not 0x8000000 <= base < 0xC000000]
FREE_PORTS = [port for port in range(0x100, 0x500, 8) if port not in (0x2E8, 0x4D0)]
FREE_PAGES = [0xFEB00000 + PAGE * index for index in range(32)]
FREE_LINES = [line for line in range(24) if line != 7]
FUNCTIONS = [device << 3 for device in range(1, 32) if device << 3 != COMPUTER.iommu[2]]
NO_LINE = CFG["PCI_NO_LINE"]
DEALT = 16
NAMES = ("left", "right", "third", "fourth")

sizes = st.sampled_from((1, 2, 4))
ports = st.one_of(
    st.integers(0, 0xFFFF),
    st.sampled_from((0x60, 0x64, 0x92, 0xB2, 0x2F8, 0x3F8, 0x600, 0x604, 0x608, 0xCF8, 0xCF9, 0xCFC)),
)
words = st.integers(0, 0xFFFFFFFF)


@st.composite
def plans(draw: DrawFn, partitions: SearchStrategy[int] = st.integers(1, 4)) -> Plan:  # noqa: B008
    """A plan without a conflict: everything there is goes to one partition, or to nobody."""
    count = draw(partitions)
    owner = st.integers(0, count)  # the last one is nobody
    slots = _dealt(draw, FREE_SLOTS, owner, count, least=1)
    lines = _dealt(draw, FREE_LINES, owner, count)
    functions = _dealt(draw, FUNCTIONS, owner, count)
    port_blocks, pages = _dealt(draw, FREE_PORTS, owner, count), _dealt(draw, FREE_PAGES, owner, count)
    parts: list[Part] = []
    for index in range(count):
        view = draw(st.sampled_from((CFG["IDENTITY"], CFG["ZERO_BASED"])))
        part = Part(
            name=NAMES[index],
            view=view,
            memory=_memory(draw, slots[index][:4], view),
            processors=(index,),
            ports=tuple((port, port + 7) for port in port_blocks[index][:24]),
            mmio=tuple((page, PAGE) for page in pages[index][:16]),
            gsis=tuple(lines[index]),
            line_flags=tuple((line, draw(st.integers(0, 3))) for line in lines[index]),
            pci=tuple(
                (bdf, draw(st.sampled_from((NO_LINE, *lines[index])))) for bdf in functions[index][:16]
            ),
            bars=_bars(draw, len(functions[index][:16]), pages[index][:16], port_blocks[index][:24]),
            rights=draw(st.sampled_from((0, CFG["RIGHT_LAST_LIGHT"], CFG["RIGHT_PM_TIMER"]))),
            standins=draw(st.integers(0, 31)),
            serial=_serial(draw, port_blocks[index], lines[index]),
            on_reset=draw(st.sampled_from((CFG["STOP"], CFG["RESTART"]))),
            on_crash=draw(st.sampled_from((CFG["STOP"], CFG["RESTART"]))),
        )
        parts.append(part)
    return Plan(tuple(parts))


def _serial(draw: DrawFn, port_blocks: list[int], lines: list[int]) -> tuple[int, int]:
    """One of its port blocks and one of its lines, if it has both; or none."""
    if not port_blocks or not lines or draw(st.booleans()):
        return (0, 0)
    return (draw(st.sampled_from(port_blocks[:24])), draw(st.sampled_from(lines)))


def _bars(draw: DrawFn, functions: int, pages: list[int], port_blocks: list[int]) -> tuple[Bar, ...]:
    """Some of its pages and port blocks, or a part of each, in base address registers of its functions."""
    registers = [(function, register) for function in range(functions) for register in range(6)]
    memory = [(page, draw(st.sampled_from((16, 0x200, PAGE))), False) for page in pages]
    blocks = [(port, draw(st.sampled_from((4, 8))), True) for port in port_blocks]
    wanted = draw(st.permutations(memory + blocks)) if registers else []
    taken = draw(st.permutations(registers))[: len(wanted)]
    return tuple(
        Bar(function, register, base, size, ports)
        for (function, register), (base, size, ports) in zip(taken, wanted, strict=False)
    )


def _dealt(
    draw: DrawFn, things: list[int], owner: SearchStrategy[int], count: int, least: int = 0
) -> list[list[int]]:
    """Deals some of them out; the first ones go round, so that everybody has at least that many."""
    start = draw(st.integers(0, len(things) - 1))
    dealt = (things + things)[start : start + min(DEALT, len(things))]
    owners = draw(st.lists(owner, min_size=len(dealt), max_size=len(dealt)))
    owners[: least * count] = [index % count for index in range(least * count)]
    hands: list[list[int]] = [[] for _ in range(count + 1)]
    for who, thing in zip(owners, dealt, strict=True):
        hands[who].append(thing)
    return hands


def _memory(draw: DrawFn, bases: list[int], view: int) -> tuple[tuple[int, int, int], ...]:
    """RAM in these slots; guest-physical one behind the other, or with gaps, or where it is."""
    entries, gpa = [], 0
    for base in bases:
        size = draw(st.sampled_from((PAGE, 0xA0000, MIB, SLOT // 2, SLOT)))
        entries.append((base if view == CFG["IDENTITY"] else gpa, base, size))
        gpa += size + draw(st.sampled_from((0, PAGE, MIB)))
    return tuple(entries)


@st.composite
def careless_plans(draw: DrawFn) -> Plan:
    """A plan as a person makes one who does not look: things are given twice, and beyond what there is."""
    addresses = st.sampled_from(
        (0, PAGE, 0x9F000, MIB, SLOT, 2 * SLOT, 0x7FFF000, 0x8000000, 0x1FF00000, 0x800)
    )
    lengths = st.sampled_from((0, PAGE, 2 * PAGE, 0xA0000, SLOT, 0x123, (1 << 64) - PAGE))
    pages = st.sampled_from(
        (0xFEB00000, 0xFEB01000, 0xFEC00000, 0xFEE00000, 0xFED80000, 0xB0000000, 0x1000, 0xA0000)
    )
    starts = st.sampled_from(
        (0x3F8, 0x3FC, 0x2F8, 0x20, 0x60, 0x64, 0x4D1, 0xCF8, 0x600, 0x2E8, 0x80, 0x43, 0x70)
    )
    bars = st.builds(
        Bar,
        function=st.just(0),
        register=st.integers(0, 5),
        base=st.one_of(pages, starts, st.sampled_from((0xFEB00010, 1 << 32, (1 << 64) - PAGE))),
        size=st.sampled_from((0, 1, 4, 8, 16, 0x30, 0x100, PAGE, 2 * PAGE, 0x80000000)),
        ports=st.booleans(),
    )
    memory = st.one_of(
        st.tuples(addresses, addresses, lengths),
        st.builds(lambda at, size: (at, at, size), addresses, lengths),
    )
    part = st.builds(
        Part,
        name=st.sampled_from(NAMES),
        memory=st.lists(memory, min_size=1, max_size=3).map(tuple),
        processors=st.lists(st.integers(0, 5), min_size=1, max_size=3).map(tuple),
        ports=st.lists(st.tuples(starts, starts), max_size=3).map(tuple),
        mmio=st.lists(st.tuples(pages, lengths), max_size=2).map(tuple),
        gsis=st.lists(st.integers(0, 25), max_size=3).map(tuple),
        pci=st.lists(
            st.tuples(st.sampled_from((0, 8, 16, 24, 0x108)), st.sampled_from((3, 7, 16, 99, 0xFFFF))),
            max_size=2,
        ).map(tuple),
        bars=st.lists(bars, max_size=3, unique_by=lambda bar: bar.register).map(tuple),
        no_masters=st.sampled_from(((), (16,), (0, 8, 16, 24))),
        view=st.sampled_from((CFG["IDENTITY"], CFG["ZERO_BASED"])),
        rights=st.sampled_from((0, CFG["RIGHT_NMI"])),
        slice_us=st.sampled_from((0, 1000)),
        standins=st.integers(0, 31),
        serial=st.sampled_from(((0, 0), (0x3F8, 4), (0x2F8, 3))),
    )
    computer = replace(COMPUTER, iommu=draw(st.sampled_from((COMPUTER.iommu, (0, 0, 0)))))
    return Plan(tuple(draw(st.lists(part, min_size=1, max_size=3))), computer)
