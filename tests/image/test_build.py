"""Recipes: what is built, when it is built again, and what a person sees when it does not build."""

import fcntl
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from harness.errors import ImageError, UsageError
from harness.image import build as builder
from harness.image.debian import Package
from harness.image.files import digest

RECIPE = """
[[artifact]]
name = "thing"
sources = ["*.c", "../other/*.c"]
cflags = ["-ffreestanding", "-fno-pie", "-I../other"]
ldflags = ["-nostdlib", "-static", "-no-pie", "-Wl,--build-id=none"]
objcopy = ["-O", "binary", "-j", ".text"]
"""
MAIN = '#include "other.h"\nint other(void);\nvoid _start(void) { for (;;) other(); }\n'
OTHER = '#include "other.h"\nint other(void) { return A; }\n'


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a recipe, and one with code that it shares."""
    for folder in ("thing", "other"):
        (tmp_path / "targets" / folder).mkdir(parents=True)
    (tmp_path / "targets" / "thing" / "build.toml").write_text(RECIPE)
    (tmp_path / "targets" / "thing" / "main.c").write_text(MAIN)
    (tmp_path / "targets" / "other" / "other.c").write_text(
        '#include "other.h"\nint other(void) { return A; }\n'
    )
    (tmp_path / "targets" / "other" / "other.h").write_text("#define A 42\n")
    monkeypatch.setattr(builder, "ROOT", tmp_path)
    monkeypatch.setattr(builder, "RECIPES", tmp_path / "targets")
    monkeypatch.setattr(builder, "OUT", tmp_path / "build")
    return tmp_path


def inode(path: Path) -> int:
    """Changes when a file is put in place anew."""
    return path.stat().st_ino


class TestWhenItIsBuilt:
    def test_not_again_while_nothing_changes(self, tree: Path) -> None:
        first = inode(builder.build("thing"))

        assert inode(builder.build("thing")) == first

    @pytest.mark.parametrize(
        "change",
        [
            lambda tree: (tree / "targets/thing/main.c").write_text(MAIN + "int more;\n"),
            lambda tree: (tree / "targets/other/other.h").write_text("#define A 43\n"),
            lambda tree: (tree / "targets/thing/build.toml").write_text(RECIPE.replace('"-I', '"-O1", "-I')),
            lambda tree: (tree / "targets/other/more.c").write_text("int more;\n"),
            lambda tree: (tree / "build/thing.key").unlink(),
        ],
        ids=["source", "header", "flags", "new-source", "interrupted"],
    )
    def test_again_when_anything_it_is_made_of_changes(
        self, tree: Path, change: Callable[[Path], object]
    ) -> None:
        built = builder.build("thing")
        before = inode(built)
        keeps_inode_taken = built.open("rb")  # so that the new file cannot get the number of the old one
        change(tree)

        with keeps_inode_taken:
            assert inode(builder.build("thing")) != before

    def test_the_result_does_not_depend_on_where_the_tree_lies(
        self, tree: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        recipe = tree / "targets/thing/build.toml"
        recipe.write_text(RECIPE.replace('"-I', '"-g", "-I').replace("objcopy", "# objcopy"))
        here = builder.build("thing").read_bytes()
        elsewhere = tmp_path / "else where"
        shutil.copytree(tree / "targets", elsewhere / "targets")
        for name, path in (("ROOT", "."), ("RECIPES", "targets"), ("OUT", "build")):
            monkeypatch.setattr(builder, name, elsewhere / path)

        assert builder.build("thing").read_bytes() == here


class TestWhatIsBuilt:
    def test_the_converted_file_and_the_one_with_symbols(self, tree: Path) -> None:
        built = builder.build("thing")

        assert built == tree / "build" / "thing"
        assert not built.read_bytes().startswith(b"\x7fELF")
        assert (tree / "build" / "thing.elf").read_bytes().startswith(b"\x7fELF")

    def test_nothing_else_is_left_in_build(self, tree: Path) -> None:
        builder.build("thing")

        assert {path.name for path in (tree / "build").iterdir()} == {
            "thing",
            "thing.elf",
            "thing.key",
            "thing.lock",
        }


class TestWhatFails:
    def test_the_compilers_words_are_shown(self, tree: Path) -> None:
        (tree / "targets/thing/main.c").write_text("void _start(void) { undeclared(); }\n#error stop here\n")

        with pytest.raises(ImageError, match=r"main\.c:2:2: error: #error stop here"):
            builder.build("thing")

    def test_a_failed_build_leaves_what_was_built_before(self, tree: Path) -> None:
        before = builder.build("thing").read_bytes()
        (tree / "targets/thing/main.c").write_text("#error\n")
        with pytest.raises(ImageError):
            builder.build("thing")
        (tree / "targets/thing/main.c").write_text(MAIN)

        assert (tree / "build" / "thing").read_bytes() == before
        assert builder.build("thing").read_bytes() == before

    def test_an_unknown_name_is_refused_with_the_nearest(self, tree: Path) -> None:
        with pytest.raises(UsageError, match='the nearest is "thing"'):
            builder.build("think")

    def test_a_wrong_recipe_is_refused(self, tree: Path) -> None:
        (tree / "targets/thing/build.toml").write_text(RECIPE.replace("cflags", "cflag"))

        with pytest.raises(UsageError, match='nearest known one is "cflags"'):
            builder.recipes()

    def test_two_recipes_for_one_name_are_refused(self, tree: Path) -> None:
        shutil.copy(tree / "targets/thing/build.toml", tree / "targets/other/build.toml")

        with pytest.raises(UsageError, match='"thing" is built by'):
            builder.recipes()


class TestSysroot:
    """Headers and libraries of another system: the packages are Debian's, here they are made up."""

    @pytest.fixture
    def packages(self, tree: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
        """What each package holds as usr/include/other.h; its hash changes with that."""
        held = {"headers": "#define A 1\n"}

        def fetch(name: str, architecture: str) -> Package:
            return Package(
                name=name,
                version="1",
                architecture=architecture,
                deb=name,
                sha256=digest(held[name].encode()),
            )

        @contextmanager
        def unpacked(*packages: Package) -> Iterator[Path]:
            folder = tree / "unpacked" / "usr" / "include"
            folder.mkdir(parents=True)
            (folder / "other.h").write_text("".join(held[package.name] for package in packages))
            yield tree / "unpacked"
            shutil.rmtree(tree / "unpacked")

        monkeypatch.setattr(builder, "fetch", fetch)
        monkeypatch.setattr(builder, "unpacked", unpacked)
        recipe = RECIPE.replace('"-I../other"', '"-I{sysroot}/usr/include"')
        recipe += 'sysroot = { architecture = "i386", packages = ["headers"] }\n'
        (tree / "targets/thing/build.toml").write_text(recipe)
        (tree / "targets/other/other.h").unlink()
        (tree / "targets/other/other.c").write_text(OTHER)
        return held

    @pytest.mark.usefixtures("packages")
    def test_is_where_the_flags_say(self, tree: Path) -> None:
        assert builder.build("thing").exists()
        assert not (tree / "unpacked").exists()

    def test_is_part_of_what_a_thing_is_made_of(self, packages: dict[str, str]) -> None:
        before = builder.build("thing").read_bytes()
        packages["headers"] = "#define A 2\n"

        assert builder.build("thing").read_bytes() != before


class TestInterrupted:
    def test_a_build_that_did_not_end_is_not_taken_for_one_that_did(
        self, tree: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        source, make = tree / "targets/thing/main.c", builder._make
        before = builder.build("thing").read_bytes()

        def killed(job: builder.Job, work: Path) -> None:
            make(job, work)
            raise KeyboardInterrupt

        source.write_text(MAIN.replace("other()", "other() + other()"))
        monkeypatch.setattr(builder, "_make", killed)
        with pytest.raises(KeyboardInterrupt):
            builder.build("thing")
        monkeypatch.setattr(builder, "_make", make)
        source.write_text(MAIN)

        assert builder.build("thing").read_bytes() == before


def test_one_builder_at_a_time(tree: Path) -> None:
    """Workers of a parallel run all pack the same image first of all."""
    (tree / "build").mkdir()
    with ThreadPoolExecutor() as pool:
        with (tree / "build/thing.lock").open("w") as another:
            fcntl.flock(another, fcntl.LOCK_EX)
            waiting = pool.submit(builder.build, "thing")
            with pytest.raises(TimeoutError):
                waiting.result(timeout=1)  # ten times as long as it takes
            assert not (tree / "build/thing").exists()

        assert waiting.result(timeout=30).exists()
