"""Fixtures of the other suites, on a machine that stands from test to test."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from fixtures.evidence import has_passed
from fixtures.image import Packer
from fixtures.machine import check_on
from fixtures.operator import Operator
from fixtures.options import evidence_directory
from fixtures.partitions import Partition
from fixtures.standing import Standing, System, excerpts
from harness.image import Board, Manifest, load_manifest
from harness.machine import Machine
from suites.systems.twin import LinuxTwin, LinuxTwins


@pytest.fixture(scope="session")
def standing(pytestconfig: pytest.Config, board: Board, packer: Packer, worker: str) -> Iterator[Standing]:
    """The machine that stands, one in each worker."""
    standing = Standing(board, packer, evidence_directory(pytestconfig) / "logs" / f"standing-{worker}")
    yield standing
    standing.drop()


@pytest.fixture
def system(
    request: pytest.FixtureRequest, standing: Standing, image: Manifest, logs: Path
) -> Iterator[System]:
    """The machine with all partitions started. It has to be on at the end of the test, too."""
    sound = False
    with standing.lent(image) as system:
        mark = system.machine.mark()
        try:
            with excerpts(system.logs, logs):
                yield system
            check_on(system.machine, mark)
            sound = has_passed(request.node)
        finally:
            if not sound:
                standing.drop()


@pytest.fixture
def machine(system: System) -> Machine:
    return system.machine


@pytest.fixture
def partitions(system: System) -> Mapping[str, Partition]:
    return system.partitions


@pytest.fixture(scope="session")
def bare_linuxes(
    pytestconfig: pytest.Config, board: Board, packer: Packer, worker: str, standing: Standing
) -> Iterator[LinuxTwins]:
    """All Linuxes that are asked on the bare machine."""
    logs = evidence_directory(pytestconfig) / "logs" / f"bare-{worker}"
    bare = Standing(board, packer, logs)
    yield LinuxTwins(bare, standing, load_manifest("bare-linux"))
    bare.drop()


@pytest.fixture
def bare_linux(bare_linuxes: LinuxTwins, image: Manifest, subject: Partition) -> LinuxTwin:
    """The same Linux as the subject's, on the bare machine: what is right."""
    _needs_a_kernel_of_its_manifest(subject)
    return bare_linuxes.of(image, subject.spec)


@pytest.fixture
def bare_alike(bare_linuxes: LinuxTwins, image: Manifest, subject: Partition) -> LinuxTwin:
    """The same, with no more RAM and devices than the subject has."""
    _needs_a_kernel_of_its_manifest(subject)
    return bare_linuxes.alike(image, subject.spec)


def _needs_a_kernel_of_its_manifest(subject: Partition) -> None:
    if subject.spec.payload.kind == "bootsector":
        pytest.skip(
            f"{subject} starts from its own disk: no manifest says which kernel a bare twin would need"
        )


@pytest.fixture
def alone(
    request: pytest.FixtureRequest, subject: Partition, partitions: Mapping[str, Partition]
) -> Iterator[Partition]:
    """The subject, while nobody else runs. Afterwards all run."""
    if len(subject.spec.processors) > 1:
        pytest.skip("it has more processors than the bare machine that it would be held against")
    others = [partition for name, partition in partitions.items() if name != subject.name]
    if not others:
        yield subject
        return
    operator: Operator = request.getfixturevalue("operator")
    for other in others:
        operator.stop(other.name)
    yield subject
    for other in others:
        operator.start(other.name)
        other.boot()
