"""Does firmware learn from the stand-in for fw_cfg what its partition has? QEMU, docs/specs/fw_cfg.rst.

Read as the firmware of an emulated PC reads it: a selector of 16 bits, then data, byte by byte.
"""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.image.block import CFG
from suites.core.legacy import PLAN, WHO, Legacy
from suites.core.plans import PAGE, TWINS
from suites.core.strategies import plans

SELECTOR, DATA = 0x510, 0x511
SIGNATURE, REVISION, PROCESSORS, MOST_PROCESSORS, DIRECTORY = 0x00, 0x01, 0x05, 0x0F, 0x19
TABLES = 0xFFFBF000
RESERVED = 2
KNOWN = {SIGNATURE, REVISION, PROCESSORS, MOST_PROCESSORS, DIRECTORY, 0x20, 0x21, 0x22}


def _item(legacy: Legacy, item: int, size: int) -> bytes:
    legacy.core.standin_write(WHO, SELECTOR, 2, item, 0)
    return bytes(legacy.read(DATA) for _ in range(size))


def _files(legacy: Legacy) -> dict[str, bytes]:
    """All files of the directory, by name."""
    (count,) = struct.unpack(">I", _item(legacy, DIRECTORY, 4))
    whole = _item(legacy, DIRECTORY, 4 + 64 * count)[4:]
    rows = struct.iter_unpack(">IHxx56s", whole)
    return {name.rstrip(b"\0").decode(): _item(legacy, item, size) for size, item, name in rows}


@pytest.mark.requirement("CORE-12")
def test_is_it_found_and_without_dma() -> None:
    legacy = Legacy()

    assert _item(legacy, SIGNATURE, 4) == b"QEMU"
    assert struct.unpack("<I", _item(legacy, REVISION, 4)) == (1,)


@pytest.mark.requirement("CORE-12")
@given(plans())
def test_is_the_map_the_manifests_without_the_page_of_the_tables(plan: object) -> None:
    assert isinstance(plan, type(TWINS))
    who = len(plan.parts) - 1
    plan = plan.with_part(who, standins=CFG["STANDIN_FW_CFG"], ports=(), bars=(), serial=(0, 0))
    core = plan.core()
    core.standin_write(who, SELECTOR, 2, 0x20, 0)
    expected = [*core.e820(who), (TABLES, PAGE, RESERVED)]

    told = bytes(core.standin_read(who, DATA, 1, 0) for _ in range(20 * len(expected)))

    assert list(struct.iter_unpack("<QQI", told)) == expected
    assert core.standin_read(who, DATA, 1, 0) == 0


@pytest.mark.requirement("CORE-12")
def test_is_the_root_of_the_acpi_tables_put_where_an_os_looks() -> None:
    legacy = Legacy()
    files = _files(legacy)

    assert files["etc/acpi/rsdp"] == legacy.core.acpi(WHO, TABLES)[:36]
    command, name, align, zone = struct.unpack_from("<I56sIB", files["etc/table-loader"])
    assert (command, name.rstrip(b"\0"), align, zone) == (1, b"etc/acpi/rsdp", 16, 2)
    assert len(files["etc/table-loader"]) == 128


@pytest.mark.requirement("CORE-12")
@pytest.mark.parametrize("item", [PROCESSORS, MOST_PROCESSORS])
def test_does_it_count_the_partitions_processors(item: int) -> None:
    plan = PLAN.with_part(WHO, processors=(1, 2, 3))

    assert struct.unpack("<H", _item(Legacy(core=plan.core()), item, 2)) == (3,)


@pytest.mark.requirement("CORE-12")
@given(st.integers(0, 0xFFFF).filter(lambda item: item not in KNOWN))
def test_is_what_is_not_there_read_as_zeros(item: int) -> None:
    legacy = Legacy()
    _item(legacy, DIRECTORY, 7)

    assert _item(legacy, item, 9) == bytes(9)


@pytest.mark.requirement("CORE-12")
def test_is_the_selector_also_written_in_halves() -> None:
    legacy = Legacy()
    legacy.write(DATA, 0x40)
    legacy.write(SELECTOR, SIGNATURE)

    assert [legacy.read(DATA), legacy.read(SELECTOR)] == [0, 0xFF]
    legacy.write(DATA, 0)
    assert bytes(legacy.read(DATA) for _ in range(5)) == b"QEMU\0"
