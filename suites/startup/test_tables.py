"""Are the ACPI tables in a partition's memory whole, and its own? Paper §3.3(2)B.

Asked of what is in memory: an operating system that trusts the checksums ignores what fails them, and one
that is told where the tables are may never look.
"""

import pytest

from fixtures.bare import Bare
from fixtures.partitions import Partition
from harness.image import Board
from harness.probe import Probe
from suites.startup.tables import FIRST_BYTES, processors, root, tables

NAME = slice(0, 4)


@pytest.fixture
def pointer(subject: Partition, bare: Bare) -> bytes:
    """The root pointer that the partition finds where the bare machine has one."""
    if bare.ask(root) is None:
        pytest.skip("the bare machine has no root pointer below 1 MiB either")
    found = root(subject)
    assert found is not None, (
        f"{subject} finds no root pointer of ACPI below 1 MiB, where the bare machine has one"
    )
    return found


@pytest.mark.requirement("BOOT-07")
def test_do_its_acpi_tables_add_up(subject: Partition, pointer: bytes) -> None:
    """The bytes of each add up to 0, those of a root pointer's older part and of all of it as well."""
    bad = wrong(subject, pointer)

    assert not bad, f"{subject} finds ACPI tables that do not add up to 0: {', '.join(bad)}"


@pytest.mark.requirement("BOOT-07")
def test_do_they_name_its_processors(subject: Partition, pointer: bytes, board: Board) -> None:
    own = [board.processors.apic_ids[processor] for processor in subject.spec.processors]
    (madt,) = [table for table in tables(subject, pointer) if table.startswith(b"APIC")]

    assert list(processors(madt)) == own


def wrong(probe: Probe, pointer: bytes) -> list[str]:
    """Returns what does not add up."""
    parts = {"root pointer, 20 bytes": pointer[:FIRST_BYTES]}
    if pointer[15]:
        parts["root pointer"] = pointer
    parts |= {table[NAME].decode("ascii", "replace"): table for table in tables(probe, pointer)}
    return [name for name, part in parts.items() if sum(part) % 256]
