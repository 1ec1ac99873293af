"""The boards and images that come with mrm are right, and go together."""

from pathlib import Path

import pytest

from harness.errors import UsageError
from harness.image import board as boards
from harness.image import check, check_board, load_board, load_manifest, pack
from harness.image import manifest as manifests
from harness.image.document import names

BOARDS, IMAGES = names(boards.FOLDER), names(manifests.FOLDER)
WANT_IOMMU = {"twin-probes-dma", "twin-linux-zero"}
WANT_IDE = {"bootsector", "mixed"}


def test_what_is_promised_is_there() -> None:
    assert {"qemu-q35", "qemu-pc", "qemu-q35-threads", "qemu-pc-threads"} <= set(BOARDS)
    assert {"twin-probes", "twin-probes-zero", "trio-probes", "bare-probe"} <= set(IMAGES)


@pytest.mark.parametrize("name", BOARDS)
def test_a_board_has_no_findings_and_the_name_of_its_file(name: str) -> None:
    board = load_board(name)

    assert check_board(board) == []
    assert board.name == name


@pytest.mark.parametrize("image", IMAGES)
@pytest.mark.parametrize("board", BOARDS)
def test_an_image_has_no_findings_but_what_a_board_does_not_have(
    board: str, image: str, tmp_path: Path
) -> None:
    manifest = load_manifest(image)
    lacking = {"needs-iommu"} if image in WANT_IOMMU and load_board(board).iommu is None else set()
    lacking |= {"unknown-device"} if image in WANT_IDE and "ide" not in load_board(board).devices else set()

    assert {finding.fault for finding in check(load_board(board), manifest)} == lacking
    assert manifest.name == image
    if lacking:
        return
    packed = pack(load_board(board), manifest, tmp_path)

    assert packed.kernel.is_file()
    assert all(module.path.is_file() for module in packed.modules)


def test_an_image_is_packed_the_same_twice(tmp_path: Path) -> None:
    board, manifest = load_board("qemu-q35"), load_manifest("twin-probes")

    first, second = pack(board, manifest, tmp_path / "a"), pack(board, manifest, tmp_path / "b")

    assert first.hashes == second.hashes
    assert set(first.hashes) == {"kernel", "block", "partition a", "partition b"}


@pytest.mark.parametrize("load", [load_board, load_manifest])
def test_an_unknown_name_is_refused_with_the_nearest(load: object) -> None:
    with pytest.raises(UsageError, match=r'nearest is "(qemu-q35|twin-probes)"'):
        load("qemu-q3" if load is load_board else "twin-prob")  # type: ignore[operator]


def test_the_nonzero_base_is_there() -> None:
    """Paper §3.3(1): all partitions but one have memory that does not begin at 0."""
    bases = [spec.memory[0].base for spec in load_manifest("twin-probes").partitions]

    assert sorted(base > 0 for base in bases) == [False, True]
