"""What goes into an initrd: modules in an order in which they can be loaded."""

from pathlib import Path

import pytest

from harness.errors import ImageError
from harness.image.initrd import entries, load_order


@pytest.fixture
def kernel(tmp_path: Path) -> Path:
    """A folder as a kernel's package unpacks: blk and net need pci, which needs ring; bus is built in."""
    folder = tmp_path / "lib/modules/6.1"
    for name, needs in {"virtio-ring": "", "pci": "virtio_ring,bus", "blk": "pci", "net": "pci,blk"}.items():
        path = folder / "kernel/drivers" / name / f"{name}.ko"
        path.parent.mkdir(parents=True)
        path.write_bytes(b"\x7fELF\0license=GPL\0depends=%s\0name=x\0" % needs.encode())
    (folder / "modules.builtin").write_text("kernel/drivers/bus.ko\nkernel/drivers/nvme/nvme-core.ko\n")
    return tmp_path


def order(kernel: Path, *wanted: str) -> list[str]:
    return [path.stem for path in load_order(kernel, wanted)]


def test_a_module_comes_behind_those_that_it_depends_on(kernel: Path) -> None:
    assert order(kernel, "net") == ["virtio-ring", "pci", "blk", "net"]


def test_each_comes_once(kernel: Path) -> None:
    assert order(kernel, "blk", "net", "virtio_ring") == ["virtio-ring", "pci", "blk", "net"]


def test_what_is_built_in_is_left_out(kernel: Path) -> None:
    assert order(kernel, "nvme_core", "blk") == ["virtio-ring", "pci", "blk"]


def test_one_that_the_kernel_has_not_is_refused_with_the_nearest(kernel: Path) -> None:
    with pytest.raises(ImageError, match='no module "virtio_rign"; the nearest is "virtio_ring"'):
        order(kernel, "virtio_rign")


def test_names_sort_in_the_order_of_loading(kernel: Path) -> None:
    twelve = [next(kernel.rglob("net.ko"))] * 11 + [next(kernel.rglob("blk.ko"))]

    whole = entries({}, {}, [], twelve)

    assert sorted(whole) == list(whole)
    assert max(whole) == "modules/11-blk.ko"
