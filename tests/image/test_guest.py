"""Guests: made once, made again when they would come out otherwise, and never altered."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from harness.errors import ImageError, UsageError
from harness.image import debian, guest, recipe
from harness.image.files import digest
from tests.image.archive import Archive

KERNEL = """
schema = 1
summary = "a kernel"
file = "boot/vmlinuz-*"
package = { name = "linux-image", architecture = "amd64" }
"""
INITRD = """
schema = 1
summary = "an initrd"

[initrd]
kernel = "linux"
modules = ["disk"]
links = { "bin/sh" = "busybox" }
files = { "init" = "init", "boot/kernel" = "guest:linux" }
"""


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of recipes, and the only archive that apt knows."""
    archive = Archive(tmp_path / "archive")
    modules = "lib/modules/6"
    archive.add(
        "linux-image",
        {
            "boot/vmlinuz-6": b"kernel",
            f"{modules}/kernel/bus.ko": b"\0depends=\0bus",
            f"{modules}/kernel/disk.ko": b"\0depends=bus\0disk",
            f"{modules}/modules.builtin": b"",
        },
    )
    archive.add("tool", {"bin/tool": b"tool"}, depends="data, unused")
    archive.add("data", {"share/tool": b"tool"})
    archive.add("unused", {"share/other": b"tool"})
    recipes = tmp_path / "guests"
    recipes.mkdir()
    (recipes / "linux.toml").write_text(KERNEL)
    (recipes / "initrd.toml").write_text(INITRD)
    (recipes / "init").write_text("#!/bin/sh\n")
    monkeypatch.setenv("APT_CONFIG", str(archive.config))
    monkeypatch.setattr(debian, "STORE", tmp_path / "store")
    monkeypatch.setattr(guest, "STORE", tmp_path / "store")
    monkeypatch.setattr(guest, "FOLDER", recipes)
    monkeypatch.setattr(recipe, "FOLDER", recipes)
    return tmp_path


class TestMade:
    def test_a_file_comes_out_of_its_package_as_it_is(self, tree: Path) -> None:
        made = guest.make("linux")

        assert made.path.read_bytes() == b"kernel"
        assert made.files == {"boot/vmlinuz-6": digest(b"kernel")}
        assert [package.name for package in made.packages] == ["linux-image"]

    def test_an_initrd_tells_of_all_that_is_in_it(self, tree: Path) -> None:
        made = guest.make("initrd")

        assert made.files == {
            "init": digest(b"#!/bin/sh\n"),
            "boot/kernel": digest(b"kernel"),
            "modules/00-bus.ko": digest(b"\0depends=\0bus"),
            "modules/01-disk.ko": digest(b"\0depends=bus\0disk"),
        }
        assert [package.name for package in made.packages] == ["linux-image", "linux-image"]
        assert made.sha256 == digest(made.path.read_bytes())

    def test_an_initrd_comes_out_the_same_anywhere(self, tree: Path) -> None:
        first = guest.make("initrd").path.read_bytes()
        for path in (tree / "store").glob("initrd*"):
            path.unlink()

        assert guest.make("initrd").path.read_bytes() == first

    def test_an_initrd_tells_which_packages_its_programs_come_from(self, tree: Path) -> None:
        recipe = tree / "guests/initrd.toml"
        programs = '[initrd.programs]\npackage = "tool"\narchitecture = "amd64"\nfiles = ["share/tool"]\n'
        recipe.write_text(INITRD + programs)

        made = guest.make("initrd")

        assert made.files["share/tool"] == digest(b"tool")
        assert [package.name for package in made.packages] == ["linux-image", "linux-image", "data"]


class TestAgain:
    def test_not_while_nothing_changes_even_without_the_archive(self, tree: Path) -> None:
        first = guest.make("initrd")
        inode = first.path.stat().st_ino
        (tree / "archive" / "Packages").unlink()

        assert guest.make("initrd") == first
        assert first.path.stat().st_ino == inode

    @pytest.mark.parametrize(
        "change",
        [
            lambda tree: (tree / "guests/init").write_text("#!/bin/sh\necho\n"),
            lambda tree: (tree / "guests/initrd.toml").write_text(INITRD.replace('"disk"', '"bus"')),
        ],
        ids=["file", "recipe"],
    )
    def test_when_what_it_is_made_of_changes(self, tree: Path, change: Callable[[Path], object]) -> None:
        before = guest.make("initrd").sha256
        change(tree)

        assert guest.make("initrd").sha256 != before

    def test_when_somebody_altered_it(self, tree: Path) -> None:
        path = guest.make("linux").path
        path.write_bytes(b"lernek")

        assert guest.make("linux").path.read_bytes() == b"kernel"

    def test_when_it_was_interrupted(self, tree: Path) -> None:
        guest.make("linux")
        (tree / "store/linux.json").write_text("{")

        assert guest.make("linux").path.read_bytes() == b"kernel"


def test_many_may_ask_for_the_same_at_once(tree: Path) -> None:
    """Workers of a parallel run all pack the same image first of all."""
    with ThreadPoolExecutor(4) as pool:
        made = list(pool.map(guest.make, ["initrd"] * 4))

    assert made == [made[0]] * 4
    assert made[0].sha256 == digest(made[0].path.read_bytes())


class TestRefused:
    def test_a_pattern_that_fits_no_file(self, tree: Path) -> None:
        (tree / "guests/linux.toml").write_text(KERNEL.replace("vmlinuz", "vmlinux"))

        with pytest.raises(ImageError, match="fits 0 files"):
            guest.make("linux")

    def test_a_recipe_that_is_half_of_each(self, tree: Path) -> None:
        (tree / "guests/linux.toml").write_text('file = "boot/x"\n' + INITRD)

        with pytest.raises(UsageError, match="has only one of"):
            guest.make("linux")

    def test_an_initrd_without_a_kernels_package(self, tree: Path) -> None:
        (tree / "guests/initrd.toml").write_text(INITRD.replace('kernel = "linux"', 'kernel = "initrd"'))

        with pytest.raises(UsageError, match='"an initrd" comes in no package'):
            guest.make("initrd")

    def test_an_unknown_name(self, tree: Path) -> None:
        with pytest.raises(UsageError, match='the nearest is "linux"'):
            guest.make("linus")


def test_every_recipe_that_comes_with_mrm_is_right() -> None:
    assert {"linux-cloud", "linux-full", "linux-686", "memtest", "busybox", "probe-initrd"} <= set(
        recipe.recipes()
    )
    for name in recipe.recipes():
        assert recipe.load_recipe(name).summary
