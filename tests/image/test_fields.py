"""The kinds of value: what a person writes, and what it means."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from harness.image.fields import PciFunction, PortRange, Ports, Range, Size

SIZE: TypeAdapter[int] = TypeAdapter(Size)
PORTS: TypeAdapter[PortRange] = TypeAdapter(Ports)
FUNCTION: TypeAdapter[int] = TypeAdapter(PciFunction)


@pytest.mark.parametrize(
    ("text", "size"),
    [(4096, 4096), ("4096 B", 4096), ("4 KiB", 4096), ("64 MiB", 64 << 20), ("2GiB", 2 << 30)],
)
def test_sizes(text: object, size: int) -> None:
    assert SIZE.validate_python(text) == size


@pytest.mark.parametrize(
    "text", ["64 MB", "64", "MiB", "-1 KiB", "1.5 GiB", "64  MiB", -1, 1 << 64, "99999999999 GiB"]
)
def test_wrong_sizes(text: object) -> None:
    with pytest.raises(ValidationError):
        SIZE.validate_python(text)


@given(first=st.integers(0, 0xFFFF), last=st.integers(0, 0xFFFF))
def test_ports_are_read_as_written(first: int, last: int) -> None:
    text = f"{first:#x}-{last:#x}"

    if first <= last:
        assert PORTS.validate_python(text) == (first, last)
    else:
        with pytest.raises(ValidationError, match="lower port first"):
            PORTS.validate_python(text)


@pytest.mark.parametrize(
    "text", ["", "3F8", "0x10000", "0x3F8-", "0x3F8-0x3FF-0x400", "0x3F8 - 0x3FF", 0x3F8]
)
def test_wrong_ports(text: object) -> None:
    with pytest.raises(ValidationError, match="no port range"):
        PORTS.validate_python(text)


@given(bus=st.integers(0, 255), device=st.integers(0, 31), function=st.integers(0, 7))
def test_pci_functions_are_read_as_lspci_writes_them(bus: int, device: int, function: int) -> None:
    assert FUNCTION.validate_python(f"{bus:02x}:{device:02x}.{function}") == bus * 256 + device * 8 + function


@pytest.mark.parametrize("text", ["00:20.0", "0:3.0", "00:03.8", "0000:00:03.0", 24])
def test_wrong_pci_functions(text: object) -> None:
    with pytest.raises(ValidationError, match="no PCI function"):
        FUNCTION.validate_python(text)


def test_a_range_ends_behind_its_last_byte() -> None:
    assert Range(base=0x1000, size=0x1000).end == 0x2000
