"""The kinds of value that board files and manifests are made of: addresses, sizes, ports, names.

Each accepts what a person writes and refuses what the configuration block could not hold.
"""

import re
from typing import Annotated, Any, NamedTuple, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field


class Strict(BaseModel):
    """A table of a file of ours: no unknown keys, no silent conversions, never changed once read.

    The string below a field is shown to whoever gets that key wrong.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, use_attribute_docstrings=True)


T = TypeVar("T")
Many = Annotated[
    tuple[T, ...], Field(strict=False)
]  # TOML has arrays only, we want something that stays as it is

UNITS = {"B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}
_SIZE = re.compile(r"([0-9]{1,12}) ?(B|KiB|MiB|GiB)")


def _size(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    match = _SIZE.fullmatch(value)
    if match is None:
        raise ValueError('is no size; write a number of bytes, or text such as "64 MiB"')
    return int(match[1]) * UNITS[match[2]]


Address = Annotated[int, Field(ge=0, lt=1 << 64)]
Size = Annotated[int, BeforeValidator(_size), Field(ge=0, lt=1 << 64)]
Port = Annotated[int, Field(ge=0, le=0xFFFF)]
Gsi = Annotated[int, Field(ge=0, le=0xFFFF)]
Byte = Annotated[int, Field(ge=0, le=0xFF)]
Count = Annotated[int, Field(ge=0, lt=1 << 32)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,31}$")]


class Range(Strict):
    """Physical addresses: size bytes from base."""

    base: Address
    """physical address of the first byte"""
    size: Size
    """length in bytes, or text such as "64 MiB\""""

    @property
    def end(self) -> int:
        """The first address behind the range."""
        return self.base + self.size


class PortRange(NamedTuple):
    """I/O ports from first to last, both included."""

    first: int
    last: int


_PORT = r"(0[xX][0-9a-fA-F]{1,4})"
_PORTS = re.compile(rf"{_PORT}(?:-{_PORT})?")


def _ports(value: Any) -> PortRange:
    match = _PORTS.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError('is no port range; write hexadecimal text such as "0x3F8-0x3FF" or "0x80"')
    first, last = int(match[1], 16), int(match[2] or match[1], 16)
    if last < first:
        raise ValueError("is a port range that ends before it begins; write the lower port first")
    return PortRange(first, last)


Ports = Annotated[PortRange, BeforeValidator(_ports)]

_FUNCTION = re.compile(r"([0-9a-f]{2}):([0-1][0-9a-f])\.([0-7])")


def _function(value: Any) -> int:
    match = _FUNCTION.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError('is no PCI function; write bus:device.function as lspci does, such as "00:1f.2"')
    bus, device, function = (int(part, 16) for part in match.groups())
    return bus << 8 | device << 3 | function


PciFunction = Annotated[int, BeforeValidator(_function)]
