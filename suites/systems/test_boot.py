"""Does an unmodified Linux start, and find what its manifest promises? Paper §3.1(1), §3.3(2)B."""

import struct
from collections.abc import Mapping

import pytest

from fixtures.machine import check_on
from fixtures.operator import Operator
from fixtures.partitions import Partition
from harness.image import Board
from harness.image.debian import Package
from harness.machine import Machine
from suites.startup.tables import processors
from suites.systems.linux import Claim, acpi_table, claims, errors, shell
from suites.systems.twin import LinuxTwin

pytestmark = pytest.mark.process

PAGE = 0x1000
HIGH = 0x100000


@pytest.mark.smoke
@pytest.mark.requirement("OS-01", "BOOT-01")
def test_does_the_vendors_kernel_reach_user_mode(machine: Machine, subject: Partition) -> None:
    package = _package_of_kernel(machine, subject)
    if package is None:
        pytest.skip(
            f"{subject.name} starts no kernel that comes from a package, so there is no hash to check"
        )

    release, version = shell(subject, "uname -r; uname -v").splitlines()

    assert package.name == f"linux-image-{release}"
    assert f"Debian {package.version} " in version
    assert subject.image.start == "process"


@pytest.mark.smoke
@pytest.mark.requirement("BOOT-02")
def test_is_its_system_ram_what_the_manifest_gives(subject: Partition) -> None:
    ram = [claim for claim in claims(subject, "/proc/iomem") if claim.owner == "System RAM"]

    assert all(subject.owns(claim.first) and subject.owns(claim.last) for claim in ram)
    promised = [(max(stretch.gpa, HIGH), stretch.end - 1) for stretch in subject.ram if stretch.end > HIGH]
    found = [(claim.first, claim.last) for claim in ram if claim.first >= HIGH]
    assert found == promised, f"{subject}: its System RAM is not what the manifest gives"


@pytest.mark.requirement("BOOT-02")
def test_does_it_count_the_memory_that_the_manifest_gives(subject: Partition) -> None:
    counted = sum(stretch.size for stretch in subject.ram) // 1024

    total = int(shell(subject, "grep MemTotal /proc/meminfo").split()[1])

    kernel = sum(
        _kilobytes(claim) for claim in claims(subject, "/proc/iomem") if claim.owner.startswith("Kernel")
    )
    assert counted - kernel - counted // 16 <= total <= counted, "all but the kernel and its tables is usable"


@pytest.mark.smoke
@pytest.mark.requirement("BOOT-07")
def test_do_its_acpi_tables_name_its_processors_and_its_soft_off(subject: Partition, board: Board) -> None:
    own = [board.processors.apic_ids[processor] for processor in subject.spec.processors]

    assert list(processors(acpi_table(subject, "APIC"))) == own
    pm1a_control = struct.unpack_from("<I", acpi_table(subject, "FACP"), 64)[0]  # ACPI 6.5 table 5.9
    assert pm1a_control == board.power.pm1a_control
    assert b"_S5_" in acpi_table(subject, "DSDT")


@pytest.mark.requirement("BOOT-05")
def test_does_it_run_on_its_own_processors_only(subject: Partition, board: Board) -> None:
    own = [board.processors.apic_ids[processor] for processor in subject.spec.processors]

    told = shell(subject, "grep '^apicid' /proc/cpuinfo").splitlines()

    assert [int(line.split(":")[1]) for line in told] == own


@pytest.mark.requirement("OS-01")
def test_does_it_complain_of_anything_that_it_takes_on_the_bare_machine(
    subject: Partition, bare_linux: LinuxTwin
) -> None:
    known = set(bare_linux.ask(errors))

    assert [line for line in errors(subject) if line not in known] == []


@pytest.mark.requirement("BOOT-03", "STOP-06", "OS-03")
def test_can_all_be_stopped_and_started_in_reverse(
    machine: Machine, partitions: Mapping[str, Partition], operator: Operator
) -> None:
    mark = machine.mark()
    for name in partitions:
        operator.stop(name)

    for name in reversed(list(partitions)):
        operator.start(name)
    for partition in partitions.values():
        partition.boot()

    assert all(partition.echo(b"works again") == b"works again" for partition in partitions.values())
    check_on(machine, mark)


def _package_of_kernel(machine: Machine, subject: Partition) -> Package | None:
    """What the kernel comes from: the payload, or what is on a disk of the partition's own."""
    disks = machine.image.manifest.disks
    files = {
        subject.spec.payload.file,
        *(file for name, file in disks.items() if name in subject.spec.devices),
    }
    guests = (guest for guest in machine.image.guests if f"guest:{guest.name}" in files)
    packages = (package for guest in guests for package in guest.packages)
    return next((package for package in packages if package.name.startswith("linux-image")), None)


def _kilobytes(claim: Claim) -> int:
    return (claim.last + 1 - claim.first) // 1024
