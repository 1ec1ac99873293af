"""ACPI tables as ACPICA reads them: the independent reader, by Debian's acpica-tools.

`iasl -d` disassembles tables and compiles them again, `acpiexec` runs a DSDT and asks its objects.
"""

import re
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

SECONDS = 30
COMPLAINT = re.compile(
    r"warning|error|invalid|incorrect|unknown|mismatch|corrupt|failed|not found|could not", re.I
)
FIELD = re.compile(
    r"^\[[0-9A-F]+h[^\]]*\] +(.+?) : (.*?)(?: \[.*\])?$"
)  # [024h 0036   4]  Local Apic Address : FEE00000
FLAG = re.compile(r"^ +(\S.*?) : ([0-9A-F]+)$")  # without an offset: a bit of the field before
OBJECT = re.compile(r"^\[[0-9A-F]+\] (.+)$")
NO_ERRORS = "0 Errors, 0 Warnings, 0 Remarks"

Record = dict[str, str]


@dataclass(frozen=True)
class Device:
    """What a device says of itself: the records of its _CRS, and of its _PRT if it is a host bridge."""

    resources: list[tuple[str, Record]]
    routes: list[Record]


@dataclass(frozen=True)
class Namespace:
    """What a DSDT says when it is run."""

    soft_off: list[int]
    devices: dict[str, Device]


def disassemble(folder: Path, tables: dict[str, bytes]) -> dict[str, str]:
    """The text of each table.

    Raises:
      AssertionError: iasl has something to say against one of them.
    """
    for name, data in tables.items():
        (folder / f"{name}.dat").write_bytes(data)
    output = _run(folder, "iasl", "-d", *(f"{name}.dat" for name in tables))
    complaints = [line for line in output.splitlines() if COMPLAINT.search(line)]
    assert not complaints, complaints
    return {name: (folder / f"{name}.dsl").read_text() for name in tables}


def compile_again(folder: Path, name: str) -> None:
    """Translates a disassembled table back.

    Raises:
      AssertionError: it has an error, or anything that the compiler would remark.
    """
    output = _run(folder, "iasl", "-p", f"{name}-again", f"{name}.dsl")
    assert NO_ERRORS in output, output


def records(text: str) -> list[Record]:
    """The fields of a table of data: its header and body first, then a record for each of its structures.

    Fields of a register are prefixed with its name.
    """
    found: list[Record] = [{}]
    register = ""
    for line in text.splitlines():
        field, flag = FIELD.match(line), FLAG.match(line)
        if field and field[1] == "Subtable Type":
            found.append({})
        if field and "[Generic Address Structure]" in line:
            register = field[1]
        elif field:
            _add(found[-1], field[1], field[2], register)
            register = "" if field[1] == "Address" else register
        elif flag:
            found[-1].setdefault(flag[1], flag[2])
    return found


def _add(record: Record, name: str, value: str, register: str) -> None:
    key = f"{register}: {name}" if register else name
    record[key if key not in record else f"{key} (extended)"] = value.strip().strip('"')


def interpret(folder: Path, name: str, paths: Sequence[str]) -> Namespace:
    """Runs a DSDT, asks it for its soft-off and these devices. Takes a second: acpiexec ends slowly"""
    commands = ["evaluate \\_S5_", *(f"resources {path}" for path in paths)]
    output = _run(folder, "acpiexec", "-b", ";".join(commands), f"{name}.dat")
    assert "1 ACPI AML tables successfully acquired and loaded" in output, output
    first, *rest = output.split("Device: ")
    devices = dict(zip(paths, map(_device, rest), strict=True))
    return Namespace([int(number, 16) for number in re.findall(r"\[Integer\] = ([0-9A-F]+)", first)], devices)


def _device(text: str) -> Device:
    routes, found, resources = text.partition("Evaluating _CRS")
    assert found, text
    return Device(_objects(resources), [record for _, record in _objects(routes)])


def _objects(text: str) -> list[tuple[str, Record]]:
    found: list[tuple[str, Record]] = []
    for line in text.splitlines():
        head = OBJECT.match(line)
        key, colon, value = line.partition(" : ")
        if head:
            found.append((head[1], {}))
        elif colon and found:
            found[-1][1].setdefault(key.strip(), value.strip())
    return found


def _run(folder: Path, *words: str) -> str:
    done = subprocess.run(
        words,
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    output = done.stdout + done.stderr
    assert done.returncode == 0, output
    return output
