"""Images beside each other and beside the bare machine: what the same measurement gave for each."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from statistics import median

from harness.results import Measurement

BARE = "bare"
"""The column of the bare machine, and what the one partition of a bare image is called."""


@dataclass(frozen=True, slots=True)
class Row:
    """One quantity."""

    name: str
    unit: str
    bare: float | None
    """of the bare machine"""
    values: tuple[float | None, ...]
    """of each column; None where it was not measured"""

    def cells(self) -> Iterator[str]:
        """The bare machine's value, then each value with its ratio to that."""
        yield _number(self.bare)
        for value in self.values:
            ratio = f" ({value / self.bare:.3f})" if value is not None and self.bare else ""
            yield f"{_number(value)}{ratio}"


@dataclass(frozen=True, slots=True)
class Table:
    """What was measured of more than one image, or of one and the bare machine."""

    columns: tuple[str, ...]
    """behind that of the bare machine: image, and partition where an image has several"""
    rows: tuple[Row, ...]


def side_by_side(measurements: Iterable[Measurement]) -> Table:
    """Returns a row for each quantity that the bare machine, or more than one of them, has a value of.

    What was measured more than once is told by its median.
    """
    found = tuple(measurements)
    subjects = sorted({(m.image, m.partition or "") for m in found if _is_subjects(m)})
    rows = []
    for name, unit in sorted({(m.name, m.unit) for m in found}):
        its = [m for m in found if (m.name, m.unit) == (name, unit)]
        oracle = _median(m.value for m in its if not _is_subjects(m))
        values = tuple(_median(m.value for m in its if _is_subjects(m) and _of(m) == who) for who in subjects)
        if len([value for value in (oracle, *values) if value is not None]) > 1:
            rows.append(Row(name, unit, oracle, values))
    return Table(tuple(" ".join(filter(None, who)) for who in subjects), tuple(rows))


def as_text(table: Table) -> str:
    """The table for a terminal."""
    head = ("", BARE, *table.columns, "unit")
    lines = [head, *((row.name, *row.cells(), row.unit) for row in table.rows)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(_line(line, widths) for line in lines)


def _line(cells: tuple[str, ...], widths: list[int]) -> str:
    first, *others, unit = cells
    numbers = (cell.rjust(width) for cell, width in zip(others, widths[1:-1], strict=True))
    return "  ".join((first.ljust(widths[0]), *numbers, unit)).rstrip()


def _of(measurement: Measurement) -> tuple[str, str]:
    return measurement.image, measurement.partition or ""


def _is_subjects(measurement: Measurement) -> bool:
    return measurement.partition != BARE


def _median(values: Iterable[float]) -> float | None:
    found = list(values)
    return median(found) if found else None


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if value == int(value) else f"{value:,.4f}"
