"""What of an exception record has to be the same in a partition and on the bare machine."""

from dataclasses import dataclass
from typing import Protocol

from harness.probe import Hello, Record

VECTORS = {
    "de": 0, "db": 1, "bp": 3, "of": 4, "br": 5, "ud": 6, "nm": 7, "df": 8,
    "ts": 10, "np": 11, "ss": 12, "gp": 13, "pf": 14, "mf": 16, "ac": 17, "xm": 19,
}  # fmt: skip
"""What can be raised, by the protocol's name, and its vector (APM vol. 2 table 8-1)."""
ONLY_IN = {"df": 0, "ts": 0, "ac": 3}
"""The architecture, or the protocol, has no form of these in the other ring."""


class Witness(Protocol):
    """A probe, wherever it runs, that knows where its image lies."""

    image: Hello

    def raise_(self, name: str, ring: int) -> Record: ...


@dataclass(frozen=True)
class Delivery:
    """An exception as its handler saw it, independent of where the probe's image lies."""

    vector: int
    error: int
    rip_behind_site: int
    cs: int
    ss: int
    rsp: int
    rflags: int
    cr2: int
    dr6: int


def rings(name: str) -> tuple[int, ...]:
    """Returns the rings in which an exception can be raised."""
    return (ONLY_IN[name],) if name in ONLY_IN else (0, 3)


def delivery(record: Record, image: Hello) -> Delivery:
    """Returns a record with all addresses inside the probe's image taken relative to it."""
    return Delivery(
        record.vector,
        record.error,
        record.rip_offset,
        record.cs,
        record.ss,
        _relative(record.rsp, image),
        record.rflags,
        _relative(record.cr2, image),
        record.dr6,
    )


def every_form(probe: Witness) -> dict[tuple[str, int], Delivery]:
    """Raises every exception in each ring, one after the other."""
    return {
        (name, ring): delivery(probe.raise_(name, ring), probe.image)
        for name in VECTORS
        for ring in rings(name)
    }


def _relative(address: int, image: Hello) -> int:
    offset = address - image.base
    return offset if 0 <= offset < image.size else address
