"""What goes into an initrd: files, links, and modules of a kernel, each behind those that it depends on."""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from harness.errors import ImageError
from harness.image.cpio import Entry
from harness.image.document import nearest

MODULES = "modules"
"""Where modules lie; sorted by name they are in the order of loading."""

# "depends=a,b" among the zero-terminated strings of section .modinfo (Linux, include/linux/module.h).
_DEPENDS = re.compile(rb"\0depends=([^\0]*)\0")


def entries(
    files: Mapping[str, Path], links: Mapping[str, str], directories: Iterable[str], modules: Iterable[Path]
) -> dict[str, Entry]:
    """What lies in the initrd, by path."""
    whole = {path: Entry.directory() for path in directories}
    whole |= {path: Entry.file(file.read_bytes()) for path, file in files.items()}
    whole |= {path: Entry.link(target) for path, target in links.items()}
    for number, module in enumerate(modules):
        whole[f"{MODULES}/{number:02}-{module.name}"] = Entry.file(module.read_bytes())
    return whole


def load_order(kernel: Path, wanted: Iterable[str]) -> list[Path]:
    """The files of modules, each behind those that it depends on. What is built into the kernel needs none.

    Args:
      kernel: folder with a kernel's package.

    Raises:
      ImageError: the kernel has no such module.
    """
    built_in = {_name(Path(line)) for file in kernel.rglob("modules.builtin") for line in _lines(file)}
    files = {_name(path): path for path in kernel.rglob("*.ko")}
    order: dict[str, Path] = {}

    def add(name: str) -> None:
        if name in order or name in built_in:
            return
        if name not in files:
            raise ImageError(
                f'the kernel has no module "{name}"; the nearest is {nearest(name, files)}',
                todo="correct the guest's modules; kernels for virtual machines lack many drivers",
            )
        for other in _depends(files[name]):
            add(other)
        order[name] = files[name]

    for name in wanted:
        add(name)
    return list(order.values())


def _depends(module: Path) -> Iterator[str]:
    found = _DEPENDS.search(module.read_bytes())
    names = found[1].decode().split(",") if found else []
    return (name.replace("-", "_") for name in names if name)


def _name(file: Path) -> str:
    """What a module is called: files are also written with hyphens."""
    return file.stem.replace("-", "_")


def _lines(file: Path) -> list[str]:
    return file.read_text().splitlines()
