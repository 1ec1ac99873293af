"""Is the text of a running kernel the vendor's, in a partition as on the bare machine? Paper §3.1(1).

Linux rewrites its text at its start, so no hash of its file holds for it. But without randomisation it does
so in the same way wherever it runs: what differs from the bare machine, somebody else has changed. Only the
instructions that it chooses by what processor and devices it finds may differ; the kernel's file lists them.
"""

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from fixtures.evidence import Measure
from fixtures.image import Packer
from fixtures.machine import needs
from fixtures.partitions import Partition
from fixtures.standing import Standing, System
from harness.image import Board, Manifest, load_manifest
from harness.image.guest import PREFIX
from harness.image.manifest import Payload
from suites.systems.bzimage import ELF_64, Site, alternatives, static_keys, unpacked
from suites.systems.linux import claims, shell
from suites.systems.twin import LinuxTwins

pytestmark = pytest.mark.process

LINKED_AT = 0xFFFFFFFF81000000
"""Where the text of a 64-bit Linux is without randomisation (Documentation/arch/x86/x86_64/mm.rst)."""


@pytest.fixture
def apart(board: Board, packer: Packer, logs: Path) -> Iterator[Standing]:
    """A machine for this question only."""
    standing = Standing(board, packer, logs / "partitions")
    yield standing
    standing.drop()


@pytest.fixture
def fixed(apart: Standing, image: Manifest) -> Iterator[System]:
    """All partitions, with kernels that were told not to choose their addresses at random."""
    if image.controller is None:
        pytest.skip(f"{image.name} has no controller that could change anything")
    specs = tuple(spec.model_copy(update={"payload": _fixed(spec.payload)}) for spec in image.partition)
    told = image.model_copy(update={"name": f"{image.name}-fixed", "partition": specs})
    with apart.lent(told) as system:
        yield system


@pytest.fixture
def twins(board: Board, packer: Packer, logs: Path, apart: Standing) -> Iterator[LinuxTwins]:
    """The same kernels on the bare machine, told the same."""
    usual = load_manifest("bare-linux")
    assert usual.bare is not None
    bare = usual.bare.model_copy(update={"payload": _fixed(usual.bare.payload)})
    standing = Standing(board, packer, logs / "bare")
    yield LinuxTwins(standing, apart, usual.model_copy(update={"name": "bare-fixed", "bare": bare}))
    standing.drop()


@pytest.mark.requirement("OS-01")
def test_is_the_text_of_each_kernel_that_of_the_bare_machine(
    fixed: System, image: Manifest, twins: LinuxTwins, measure: Measure
) -> None:
    needs(fixed.machine, "memory")
    for name, linux in fixed.partitions.items():
        here = text(fixed, linux)
        there = twins.of(image, linux.spec).look(text)
        differs = [at for at, (own, its) in enumerate(zip(here, there, strict=True)) if own != its]
        chosen = {at: site for site in _sites(fixed, linux) for at in _offsets(site)}

        measure("text.bytes", len(here), "bytes", name)
        measure("text.differs", len(differs), "bytes", name)
        for reason, size in Counter(chosen[at].by for at in differs if at in chosen).items():
            measure(f"text.by-{reason}", size, "bytes", name)
        strange = [f"{LINKED_AT + at:#x}" for at in differs if at not in chosen]
        assert not strange, (
            f"{linux}: {len(strange)} bytes of its text were changed, at {' '.join(strange[:8])}"
        )


def text(system: System, linux: Partition) -> bytes:
    """Returns the text of a running kernel, read from outside."""
    code = next(claim for claim in claims(linux, "/proc/iomem") if claim.owner == "Kernel code")
    first = linux.host(code.first) if linux.ram else code.first
    return system.machine.read_memory(first, code.last + 1 - code.first)


def _fixed(payload: Payload) -> Payload:
    if payload.kind != "linux" or payload.probe != "process":
        return payload
    return payload.model_copy(update={"command_line": f"{payload.command_line} nokaslr"})


def _sites(system: System, linux: Partition) -> list[Site]:
    """What its file says that it chooses; skips the test for a file that cannot be looked into."""
    name = linux.spec.payload.file.removeprefix(PREFIX)
    guest = next((guest for guest in system.machine.image.guests if guest.name == name), None)
    elf = unpacked(guest.path.read_bytes()) if guest else None
    if elf is None or not elf.startswith(ELF_64):
        pytest.skip(f"{linux.spec.payload.file} holds no 64-bit kernel in a form that can be unpacked here")
    told = shell(linux, "grep -E '__(start|stop)___jump_table$' /proc/kallsyms")
    first, end = sorted(int(address, 16) for address in re.findall("^[0-9a-f]+", told, re.MULTILINE))
    return [*alternatives(elf), *static_keys(elf, first, end)]


def _offsets(site: Site) -> range:
    return range(site.address - LINKED_AT, site.address - LINKED_AT + site.size)
