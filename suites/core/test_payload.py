"""Is a payload read to the end of its file and no further, and does all that it needs fit? Paper §3.3(2)B."""

import struct
from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

import mrm_core
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from harness.image import build
from harness.image.block import CFG
from suites.core.executables import BzImage, Elf, header_1, header_2, tag, words
from suites.core.plans import MIB, PAGE, TWINS, ZERO, Part, Plan
from suites.core.rules import meet
from suites.core.strategies import plans

LEFT, RIGHT = 0, 1
HOLE = range(0xA0000, MIB)
TOLD_BYTES = 0x5000
LINUX, MULTIBOOT = CFG["PAYLOAD_LINUX"], CFG["PAYLOAD_MULTIBOOT"]
FIRMWARE = CFG["PAYLOAD_BOOTSECTOR"]

CODE = ((MIB, 0x4000, 0x3000),)
ELF = Elf(CODE, MIB + 8, header_1())
FLAT = header_1(3, (MIB, MIB, 0, 0, MIB)) + b"\x90" * 100


def _payload(plan: Plan, who: int, kind: int, file: bytes, initrd: int = 0) -> object:
    return plan.with_part(who, payload_kind=kind).core().payload(who, file, initrd)


def _started(plan: Plan, who: int, kind: int, file: bytes, initrd: int = 0) -> mrm_core.Payload:
    answer = _payload(plan, who, kind, file, initrd)
    assert isinstance(answer, mrm_core.Payload), answer
    return answer


def _pieces(payload: mrm_core.Payload, initrd: int) -> Iterator[range]:
    yield from (range(gpa, gpa + size) for gpa, size, _, _ in payload.segments)
    yield range(payload.told, payload.told + TOLD_BYTES)
    if initrd:
        yield range(payload.initrd, payload.initrd + initrd)


def _holds(part: Part, piece: range) -> bool:
    """Whether it is RAM of the partition in one row, by host address as well."""
    first = _host(part, piece.start)
    edges = {edge for base, _, size in part.memory for edge in (base, base + size) if edge in piece}
    return first is not None and all(
        _host(part, gpa) == first + gpa - piece.start for gpa in {*edges, piece.stop - 1}
    )


def _host(part: Part, gpa: int) -> int | None:
    return next((hpa + gpa - base for base, hpa, size in part.memory if base <= gpa < base + size), None)


def _check(part: Part, file: bytes, payload: mrm_core.Payload, initrd: int) -> None:
    """What must hold of any plan, whatever it was made from."""
    pieces = list(_pieces(payload, initrd))
    loaded = pieces[: len(payload.segments)]
    assert all(_holds(part, piece) and piece.stop <= 1 << 32 for piece in pieces)
    assert not any(meet(piece, HOLE) for piece in pieces)
    assert not any(meet(a, b) for a, b in combinations(pieces, 2) if not (a in loaded and b in loaded))
    assert any(payload.entry in piece for piece in loaded)
    assert payload.told % PAGE == payload.initrd % PAGE == 0
    for _, in_memory, offset, of_file in payload.segments:
        assert of_file <= in_memory
        assert offset + of_file <= len(file)


@pytest.mark.requirement("CORE-15")
def test_where_does_the_probe_start() -> None:
    probe, multiboot = (build.build(name).read_bytes() for name in ("probe", "probe-multiboot"))

    moved = _started(TWINS, RIGHT, LINUX, probe)
    fixed = _started(ZERO, RIGHT, MULTIBOOT, multiboot)

    assert (moved.start, moved.segments[0][0]) == ("linux-64", 0x10000000 + MIB)
    assert moved.entry == moved.segments[0][0] + 0x200
    assert (fixed.start, fixed.segments[0][:2]) == ("multiboot-1", (MIB, MIB))


FORMS = [
    (BzImage(), "linux-64", 0x200),
    (BzImage(xloadflags=0), "linux-32", 0),
    (BzImage(version=0x20B), "linux-32", 0),
    (BzImage(relocatable=0), "linux-64", 0x200),
]


@pytest.mark.requirement("CORE-15")
@pytest.mark.parametrize(("image", "start", "entry"), FORMS)
def test_by_which_entry_is_a_linux_started(image: BzImage, start: str, entry: int) -> None:
    payload = _started(ZERO, RIGHT, LINUX, image.pack(), 5 * PAGE)

    ((gpa, in_memory, offset, of_file),) = payload.segments
    lowest = MIB if not image.relocatable else 0x200000
    assert (payload.start, payload.entry, gpa) == (start, gpa + entry, lowest)
    assert (in_memory, offset, of_file) == (image.init_size, 5 * 512, image.protected_bytes)
    assert payload.initrd + 5 * PAGE == 0x4000000


@pytest.mark.requirement("CORE-15")
def test_is_an_initrd_below_what_the_kernel_can_reach() -> None:
    payload = _started(ZERO, RIGHT, LINUX, BzImage(initrd_max=0x2FFFFFF).pack(), 0x1234)

    assert payload.initrd + 0x1234 <= 0x3000000
    assert payload.initrd >= 0x2FFC000


@pytest.mark.requirement("CORE-15")
def test_is_a_file_with_both_headers_started_by_the_newer_one() -> None:
    both = replace(ELF, header=header_1() + words(0) + header_2())

    assert _started(ZERO, RIGHT, MULTIBOOT, ELF.pack()).start == "multiboot-1"
    assert _started(ZERO, RIGHT, MULTIBOOT, both.pack()).start == "multiboot-2"


ADDRESSES = (MIB + 0x40, MIB, MIB + 0x100, MIB + 0x2000, MIB + 0x80)
"""Of header, load, load end, bss end, entry: the header lies 0x40 bytes behind what is loaded first."""


@pytest.mark.requirement("CORE-15")
@pytest.mark.parametrize("version", [1, 2])
def test_is_a_file_loaded_by_the_addresses_in_its_header(version: int) -> None:
    tags = tag(2, words(*ADDRESSES[:4])), tag(3, words(ADDRESSES[4]))
    header = header_1(3, ADDRESSES) if version == 1 else header_2(*tags)
    file = bytes(0x48) + header + bytes(0x200)

    payload = _started(ZERO, RIGHT, MULTIBOOT, file)

    assert payload.segments == [(MIB, 0x2000, 8, 0x100)]
    assert payload.entry == MIB + 0x80


REFUSED: list[tuple[str, int, bytes, tuple[str, ...]]] = [
    ("no-rom", FIRMWARE, b"", ("64",)),
    ("no-rom", FIRMWARE, bytes(0x50000), ("256",)),
    ("no-rom", FIRMWARE, bytes(0xFFFF), ("256",)),
    ("no-linux", LINUX, b"", ("2.10",)),
    ("no-linux", LINUX, BzImage(version=0x209).pack(), ("2.10",)),
    ("no-linux", LINUX, BzImage(magic=b"hdrs").pack(), ("bzImage",)),
    ("no-linux", LINUX, BzImage(loadflags=0).pack(), ("bzImage",)),
    ("no-linux", LINUX, BzImage(alignment=3).pack(), ("bzImage",)),
    ("cut-short", LINUX, BzImage(protected_bytes=0x200).pack(), ("ends",)),
    ("no-room", LINUX, BzImage(init_size=0x4000000).pack(), (str(0x4000000), "4 GiB")),
    ("outside", LINUX, BzImage(relocatable=0, code32_start=0x3F00000).pack(), ("0x3f00000-0x46fffff",)),
    ("no-multiboot", MULTIBOOT, b"\0" * 100, ("multiboot header",)),
    ("no-multiboot", MULTIBOOT, bytes(8192 - 8) + FLAT, ("multiboot header",)),
    ("no-multiboot", MULTIBOOT, replace(ELF, header=header_1()[:11] + b"\0").pack(), ("header",)),
    ("no-multiboot", MULTIBOOT, replace(ELF, header=header_2(architecture=4)).pack(), ("i386",)),
    ("no-elf", MULTIBOOT, header_1() + bytes(100), ("ELF",)),
    ("no-elf", MULTIBOOT, replace(ELF, machine=62).pack(), ("i386",)),
    ("demand", MULTIBOOT, replace(ELF, header=header_1(4)).pack(), ("(0x4)",)),
    ("demand", MULTIBOOT, replace(ELF, header=header_2(tag(5, bytes(12)))).pack(), ("(0x5)",)),
    ("demand", MULTIBOOT, replace(ELF, header=header_2(tag(1, words(8)))).pack(), ("(0x1)",)),
    ("demand", MULTIBOOT, replace(ELF, header=header_2(tag(4, words(1)))).pack(), ("(0x4)",)),
    ("cut-short", MULTIBOOT, header_1(0, (MIB, MIB, 0, 0, MIB))[:-4], ("ends",)),
    ("cut-short", MULTIBOOT, header_1(0, (MIB + 8, MIB, 0, 0, MIB)), ("ends",)),
    ("cut-short", MULTIBOOT, header_1(0, (MIB, MIB, MIB + 99, 0, MIB)), ("ends",)),
    ("cut-short", MULTIBOOT, replace(ELF, segments=((MIB, 0x1000, 0x2000),)).pack(), ("ends",)),
    ("cut-short", MULTIBOOT, ELF.pack()[:-1], ("ends",)),
    ("cut-short", MULTIBOOT, replace(ELF, header=header_2(tag(9, bytes(8), True))).pack()[:104], ("ends",)),
    ("pieces", MULTIBOOT, replace(ELF, segments=()).pack(), ("segment",)),
    ("pieces", MULTIBOOT, replace(ELF, segments=CODE * 17).pack(), ("more",)),
    ("pieces", MULTIBOOT, header_1(0, (MIB, MIB, MIB, 0, MIB)), ("segment",)),
    ("outside", MULTIBOOT, replace(ELF, segments=((0x3FFF000, 0x2000, 1),)).pack(), ("0x3fff000-0x4000fff",)),
    ("outside", MULTIBOOT, replace(ELF, segments=((0x9F000, 0x2000, 1),)).pack(), ("0x9f000-0xa0fff",)),
    ("outside", MULTIBOOT, replace(ELF, segments=((0xFFFFF000, 0x2000, 1),)).pack(), ("0xfffff000",)),
    ("entry", MULTIBOOT, replace(ELF, entry=MIB + 0x4000).pack(), ("0x104000",)),
]


@pytest.mark.requirement("CORE-15")
@pytest.mark.parametrize(
    ("fault", "kind", "file", "said"), REFUSED, ids=[f"{row}-{each[0]}" for row, each in enumerate(REFUSED)]
)
def test_is_what_cannot_be_started_refused_in_words(
    fault: str, kind: int, file: bytes, said: tuple[str, ...]
) -> None:
    refusal = _payload(ZERO, RIGHT, kind, file)

    assert isinstance(refusal, mrm_core.Refusal), refusal
    assert refusal.fault == fault
    assert all(word in refusal.text for word in said), refusal.text


@pytest.mark.requirement("CORE-15")
@pytest.mark.parametrize(("left", "initrd"), [(4, 0), (9, 5 * PAGE), (5, 1)])
def test_is_there_room_for_all_that_goes_with_it(left: int, initrd: int) -> None:
    """Beside what is loaded, `left` pages are free; one page more is enough."""
    taken = 0x40000
    file = Elf(((0, taken, 1),), 0, header_1()).pack()
    tight, enough = (
        ZERO.with_part(RIGHT, memory=((0, 0x10000000, taken + pages * PAGE),)) for pages in (left, left + 1)
    )

    refusal = _payload(tight, RIGHT, MULTIBOOT, file, initrd)

    assert isinstance(refusal, mrm_core.Refusal)
    assert (refusal.fault, refusal.first) == ("no-room", TOLD_BYTES)
    assert str(TOLD_BYTES) in refusal.text
    _check(enough.parts[RIGHT], file, _started(enough, RIGHT, MULTIBOOT, file, initrd), initrd)


@pytest.mark.requirement("CORE-15")
def test_does_a_kernel_at_one_mebibyte_fit_where_ram_begins_elsewhere() -> None:
    refusal = _payload(TWINS, RIGHT, MULTIBOOT, ELF.pack())

    assert isinstance(refusal, mrm_core.Refusal)
    assert "0x100000-0x103fff" in refusal.text


@pytest.mark.requirement("CORE-15")
def test_does_firmware_begin_as_after_a_reset_and_lie_below_one_mebibyte() -> None:
    rom = bytes(0x20000)

    payload, refusal = _started(ZERO, RIGHT, FIRMWARE, rom), _payload(TWINS, RIGHT, FIRMWARE, rom)

    assert (payload.start, payload.entry) == ("firmware", 0xFFFFFFF0)
    assert payload.segments == [(0xE0000, 0x20000, 0, 0x20000)]
    assert isinstance(refusal, mrm_core.Refusal)
    assert refusal.fault == "no-low"
    assert "zero-based" in refusal.text


@pytest.mark.requirement("CORE-15")
@pytest.mark.parametrize(
    ("hole", "fits"), [((0xA0000, 0xC0000), True), ((0x9F000, 0xC0000), False), ((0xA0000, 0xC1000), False)]
)
def test_has_firmware_room_for_the_memory_of_a_display_adapter(hole: tuple[int, int], fits: bool) -> None:
    low, high = hole
    memory = ((0, 0x10000000, low), (high, 0x10000000 + high, 0x4000000 - high))

    payload = _payload(ZERO.with_part(RIGHT, memory=memory), RIGHT, FIRMWARE, bytes(0x40000))

    assert isinstance(payload, mrm_core.Refusal) is not fits


images = st.builds(
    BzImage,
    protected_bytes=st.integers(0x201, 0x3000),
    sectors=st.integers(0, 40),
    version=st.sampled_from((0x20A, 0x20B, 0x20C, 0x20F)),
    code32_start=st.sampled_from((0, 0x1000, MIB, 16 * MIB, 0xFFFFF000)),
    initrd_max=st.sampled_from((0, 0x37FFFFFF, 0x7FFFFFFF, 0xFFFFFFFF)),
    alignment=st.sampled_from((1, PAGE, 0x200000, 16 * MIB, 1 << 31)),
    relocatable=st.integers(0, 1),
    xloadflags=st.integers(0, 3),
    init_size=st.one_of(st.integers(0, 48 * MIB), st.sampled_from((0xFFFFFFFF, 16 * MIB))),
)
places = st.one_of(st.sampled_from((0, PAGE, MIB, 0xA0000 - 1, 16 * MIB)), st.integers(0, (1 << 32) - 1))
segments = st.tuples(places, st.integers(0, 0x40000), st.integers(0, 0x400))
headers = st.one_of(
    st.builds(header_1, st.integers(0, 4)),
    st.builds(header_1, st.integers(0, 3), st.tuples(*[st.integers(MIB - 16, MIB + 0x4000)] * 5)),
    st.lists(st.builds(tag, st.integers(0, 11), st.binary(max_size=20), st.booleans()), max_size=4).map(
        lambda tags: header_2(*tags)
    ),
)
elves = st.builds(Elf, st.lists(segments, max_size=18).map(tuple), places, headers)
initrds = st.one_of(st.just(0), st.integers(1, 20 * MIB), st.integers(0, (1 << 64) - 1))


@pytest.mark.requirement("CORE-15", "CORE-02")
@settings(max_examples=400)
@given(plans(), st.data())
def test_does_all_of_it_lie_in_ram_of_its_own(plan: Plan, data: st.DataObject) -> None:
    who = data.draw(st.integers(0, len(plan.parts) - 1))
    kind, file = data.draw(
        st.one_of(
            images.map(lambda image: (LINUX, image.pack())),
            elves.map(lambda elf: (MULTIBOOT, elf.pack())),
            headers.map(lambda header: (MULTIBOOT, header + bytes(0x1000))),
        )
    )
    initrd = data.draw(initrds)

    answer = _payload(plan, who, kind, file, initrd)

    if isinstance(answer, mrm_core.Payload):
        _check(plan.parts[who], file, answer, initrd)


@pytest.mark.requirement("CORE-15", "CORE-10")
@settings(max_examples=400)
@given(st.data())
def test_is_a_damaged_file_refused_or_harmless(data: st.DataObject) -> None:
    kind, whole = data.draw(
        st.sampled_from(
            (
                (LINUX, BzImage().pack()),
                (MULTIBOOT, ELF.pack()),
                (MULTIBOOT, FLAT),
                (MULTIBOOT, replace(ELF, header=header_2(tag(1, words(1, 3, 15)), tag(6))).pack()),
            )
        )
    )
    file = bytearray(whole[: data.draw(st.integers(0, len(whole)))])
    for offset, value in data.draw(
        st.lists(st.tuples(st.integers(0, 0x300), st.integers(0, 255)), max_size=4)
    ):
        if offset < len(file):
            file[offset] = value

    answer = _payload(ZERO, RIGHT, kind, bytes(file))

    if isinstance(answer, mrm_core.Payload):
        _check(ZERO.parts[RIGHT], bytes(file), answer, 0)


RSDP = bytes(range(100, 136))


def _told(version: int, initrd: int) -> tuple[mrm_core.Core, mrm_core.Payload]:
    header = header_1() if version == 1 else header_2()
    core = ZERO.with_part(RIGHT, payload_kind=MULTIBOOT, command_line="one two").core()
    answer = core.payload(RIGHT, replace(ELF, header=header).pack(), initrd, RSDP)
    assert isinstance(answer, mrm_core.Payload)
    return core, answer


def _string(data: bytes, at: int) -> bytes:
    return data[at : data.index(0, at)]


@pytest.mark.requirement("CORE-15")
@pytest.mark.parametrize("initrd", [0, 0x1234])
def test_is_a_multiboot_1_payload_told_what_it_has(initrd: int) -> None:
    """Read as Multiboot 0.6.96 §3.3 has it."""
    core, payload = _told(1, initrd)
    told = payload.information

    flags, lower, upper, _, line, count, modules = struct.unpack_from("<7I", told)
    map_bytes, at = struct.unpack_from("<2I", told, 44)
    entries = told[at - payload.told :][:map_bytes]
    assert flags == 0b1001000101 | (8 if initrd else 0)
    assert (lower, upper) == (640, 63 * 1024)
    assert _string(told, line - payload.told) == b"one two"
    assert [entry[1:] for entry in struct.iter_unpack("<IQQI", entries)] == core.e820(RIGHT)
    assert {entry[0] for entry in struct.iter_unpack("<IQQI", entries)} == {20}
    assert count == bool(initrd)
    if initrd:
        start, end, name, _ = struct.unpack_from("<4I", told, modules - payload.told)
        assert (start, end, name) == (payload.initrd, payload.initrd + initrd, 0)
    assert _string(told, struct.unpack_from("<I", told, 64)[0] - payload.told)


@pytest.mark.requirement("CORE-15")
@pytest.mark.parametrize("initrd", [0, 0x1234])
def test_is_a_multiboot_2_payload_told_what_it_has(initrd: int) -> None:
    """Read as Multiboot 2.0 §3.6 has it."""
    core, payload = _told(2, initrd)

    tags = dict(_tags(payload.information))

    assert _string(tags[1], 0) == b"one two"
    assert tags[4] == words(640, 63 * 1024)
    assert tags[6][:8] == words(24, 0)
    assert [entry[:3] for entry in struct.iter_unpack("<QQII", tags[6][8:])] == core.e820(RIGHT)
    assert (tags[14], tags[15]) == (RSDP[:20], RSDP)
    assert (3 in tags) == bool(initrd)
    if initrd:
        assert tags[3] == words(payload.initrd, payload.initrd + initrd) + b"\0"


def _tags(told: bytes) -> Iterator[tuple[int, bytes]]:
    total, reserved = struct.unpack_from("<2I", told)
    assert reserved == 0
    at = 8
    while True:
        kind, size = struct.unpack_from("<2I", told, at)
        if kind == 0:
            break
        yield kind, told[at + 8 : at + size]
        at = -(-(at + size) // 8) * 8
    assert (size, at + size) == (8, total)
