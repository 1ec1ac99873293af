"""Packages: real apt, on an archive in a folder. What it verifies, and that once is enough."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.errors import ImageError
from harness.image import debian
from tests.image.archive import Archive

MakeArchive = Callable[..., Archive]


@pytest.fixture
def make_archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MakeArchive:
    """Makes an archive that is the only one apt knows."""
    monkeypatch.setattr(debian, "STORE", tmp_path / "store")

    def make(origin: str = "Debian", trusted: bool = True) -> Archive:
        archive = Archive(tmp_path / "archive", origin, trusted)
        monkeypatch.setenv("APT_CONFIG", str(archive.config))
        return archive

    return make


class TestFetch:
    def test_a_package_is_fetched_as_it_is_in_the_archive(self, make_archive: MakeArchive) -> None:
        deb = make_archive().add("thing", {"boot/thing": b"x"})

        package = debian.fetch("thing", "amd64")

        assert (package.name, package.version, package.architecture) == ("thing", "1:2.0-1", "amd64")
        assert package.sha256 == hashlib.sha256(deb.read_bytes()).hexdigest()
        with debian.unpacked(package) as folder:
            assert (folder / "boot/thing").read_bytes() == b"x"

    def test_of_a_metapackage_the_dependency_that_is_meant(self, make_archive: MakeArchive) -> None:
        archive = make_archive()
        archive.add("linux-image-6", {"boot/vmlinuz-6": b"kernel"})
        archive.add("linux-image-amd64", {}, depends="other | base (>= 1), linux-image-6 (= 1:2.0-1)")

        assert debian.fetch("linux-image-amd64", "amd64", "linux-image-[0-9]*").name == "linux-image-6"

    def test_another_architecture_is_no_trouble(self, make_archive: MakeArchive) -> None:
        archive = make_archive()
        archive.add("thing", {"x": b"64"})
        archive.add("thing", {"x": b"32"}, architecture="i386")

        with debian.unpacked(debian.fetch("thing", "i386")) as folder:
            assert (folder / "x").read_bytes() == b"32"

    def test_once_fetched_it_needs_no_archive(self, make_archive: MakeArchive) -> None:
        archive = make_archive()
        archive.add("thing", {"x": b"x"})
        first = debian.fetch("thing", "amd64")
        archive.vanish()

        assert debian.fetch("thing", "amd64") == first

    def test_with_all_that_it_depends_on(self, make_archive: MakeArchive) -> None:
        archive = make_archive()
        archive.add("thing", {"x": b"x"}, depends="library | other, base (>= 1)")
        archive.add("library", {"y": b"y"}, depends="base")
        archive.add("base", {"z": b"z"})
        archive.add("stranger", {"z": b"z"})

        packages = debian.fetch_all("thing", "amd64")
        archive.vanish()

        assert [package.name for package in packages] == ["base", "library", "thing"]
        assert debian.fetch_all("thing", "amd64") == packages
        with debian.unpacked(packages[1]) as folder:
            assert (folder / "y").read_bytes() == b"y"


class TestRefused:
    def test_a_file_that_is_not_the_one_in_the_index(self, make_archive: MakeArchive) -> None:
        deb = make_archive().add("thing", {"x": b"good"})
        deb.write_bytes(deb.read_bytes().replace(b"good", b"evil"))

        with pytest.raises(ImageError, match=r"(?i)hash sum mismatch"):
            debian.fetch("thing", "amd64")

    def test_an_archive_without_signature(self, make_archive: MakeArchive) -> None:
        make_archive(trusted=False).add("thing", {"x": b"x"})

        with pytest.raises(ImageError, match="is not signed"):
            debian.fetch("thing", "amd64")

    def test_a_package_that_is_not_debians(self, make_archive: MakeArchive) -> None:
        make_archive(origin="Somebody").add("thing", {"x": b"x"})

        with pytest.raises(ImageError, match="no source of packages that is Debian's"):
            debian.fetch("thing", "amd64")

    def test_without_network_it_says_what_to_do(self, make_archive: MakeArchive) -> None:
        make_archive().vanish()

        with pytest.raises(ImageError, match="connect to the network and try again"):
            debian.fetch("thing", "amd64")

    def test_a_file_that_was_altered_afterwards(self, make_archive: MakeArchive) -> None:
        make_archive().add("thing", {"x": b"good"})
        package = debian.fetch("thing", "amd64")
        kept = debian.STORE / "packages" / package.deb
        kept.write_bytes(kept.read_bytes().replace(b"good", b"evil"))

        with pytest.raises(ImageError, match="is not the file that was fetched"), debian.unpacked(package):
            pass

    def test_a_package_that_depends_on_what_is_nowhere(self, make_archive: MakeArchive) -> None:
        make_archive().add("thing", {"x": b"x"}, depends="nothing")

        with pytest.raises(ImageError, match="not to be had with all that it depends on"):
            debian.fetch_all("thing", "amd64")

    def test_a_metapackage_without_such_a_dependency(self, make_archive: MakeArchive) -> None:
        make_archive().add("meta", {}, depends="one, two")

        with pytest.raises(ImageError, match=r'depends on no package "linux-\*", but on: one, two'):
            debian.fetch("meta", "amd64", "linux-*")


def test_this_systems_own_state_is_left_alone(make_archive: MakeArchive, tmp_path: Path) -> None:
    make_archive().add("thing", {"x": b"x"})
    lists = Path("/var/lib/apt/lists")
    before = {path: path.stat().st_mtime_ns for path in lists.iterdir()}

    debian.fetch("thing", "amd64")

    assert {path: path.stat().st_mtime_ns for path in lists.iterdir()} == before
    assert list((tmp_path / "store/apt/amd64/lists").glob("*_Packages*"))
