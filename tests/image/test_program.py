"""Programs for an initrd: with all that the dynamic linker will look for, or not at all."""

import shutil
from pathlib import Path

import pytest

from harness.errors import ImageError
from harness.image import program

LIBRARIES = Path("/lib/x86_64-linux-gnu")
LINKER = "lib64/ld-linux-x86-64.so.2"
TRUE = "usr/bin/true"


@pytest.fixture
def packages(tmp_path: Path) -> dict[str, Path]:
    """A real program and its library, as packages have them: the linker by an absolute link."""
    tool, library = tmp_path / "tool", tmp_path / "library"
    for folder, path in ((tool, TRUE), (library, f"{LIBRARIES}/libc.so.6"), (library, f"{LIBRARIES}/ld.so")):
        (folder / path.lstrip("/")).parent.mkdir(parents=True, exist_ok=True)
    shutil.copy("/bin/true", tool / TRUE)
    shutil.copy(LIBRARIES / "libc.so.6", library / "lib/x86_64-linux-gnu/libc.so.6")
    shutil.copy(f"/{LINKER}", library / "lib/x86_64-linux-gnu/ld.so")
    (library / "lib64").mkdir()
    (library / LINKER).symlink_to(LIBRARIES / "ld.so")
    (tool / "usr/share").mkdir()
    (tool / "usr/share/data").write_text("no program")
    return {"tool": tool, "library": library}


def test_a_program_comes_with_its_libraries_and_its_linker(packages: dict[str, Path]) -> None:
    found = program.collect(packages, [TRUE])

    assert {path: name for path, (name, _) in found.items()} == {
        TRUE: "tool",
        "lib/x86_64-linux-gnu/libc.so.6": "library",
        LINKER: "library",
    }
    assert found[LINKER][1] == packages["library"] / "lib/x86_64-linux-gnu/ld.so"


def test_other_files_come_alone(packages: dict[str, Path]) -> None:
    assert list(program.collect(packages, ["usr/share/data"])) == ["usr/share/data"]


class TestRefused:
    def test_a_file_that_no_package_has(self, packages: dict[str, Path]) -> None:
        with pytest.raises(ImageError, match='none of 2 packages has "usr/bin/false"'):
            program.collect(packages, ["usr/bin/false"])

    def test_a_program_without_its_library(self, packages: dict[str, Path]) -> None:
        del packages["library"]

        with pytest.raises(ImageError, match=r"no package has the shared library libc\.so\.6|has \"lib64"):
            program.collect(packages, [TRUE])
