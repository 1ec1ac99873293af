"""Recipes of guests: `targets/guests/*.toml`. What is made of them is `guest.py`'s."""

from typing import Literal, Self

from pydantic import Field, model_validator

from harness.image.debian import Architecture
from harness.image.document import ROOT, find, load, names
from harness.image.fields import Many, Name, Strict

FOLDER = ROOT / "targets" / "guests"


class Source(Strict):
    """A package, as a recipe wants it."""

    name: str
    """what the package is called"""
    architecture: Architecture
    """what it is for"""
    depends: str | None = None
    """pattern of the dependency that is meant, if the package is a metapackage"""


class Programs(Strict):
    """Files of a package and of those that it depends on."""

    package: str
    """what the package is called"""
    architecture: Architecture
    """what it is for"""
    files: Many[str]
    """paths, the same in the packages and in the initrd; shared libraries that they want come with them"""


class Initrd(Strict):
    """A first file system for Linux."""

    kernel: Name
    """the guest whose package the modules come from"""
    modules: Many[str] = ()
    """modules to load; what they depend on comes with them, what is built in is left out"""
    directories: Many[str] = ()
    """directories that are there"""
    links: dict[str, str] = Field(default_factory=dict)
    """symbolic links, by path"""
    files: dict[str, str]
    """executable files, by path: "build:NAME", "guest:NAME", or a path that begins at the recipe"""
    programs: Programs | None = None
    """programs that are no single file"""


class Disk(Strict):
    """A disk with GRUB, which firmware of a PC starts."""

    grub: Many[Source]
    """the packages of GRUB: what goes on the disk, the tool that puts it together, libraries of that"""
    modules: Many[str]
    """modules of GRUB, beside those by which it reads the disk"""
    files: dict[str, str]
    """files on its partition, named like those of an initrd; boot/grub/grub.cfg says what GRUB does"""


class Recipe(Strict):
    """How a guest is made: out of a package, as an initrd, or as a disk."""

    schema_version: Literal[1] = Field(alias="schema")
    """version of the form of this file"""
    summary: str
    """one line for people"""
    package: Source | None = None
    """the package that it comes in"""
    file: str | None = None
    """pattern of the one file in the package that is meant"""
    initrd: Initrd | None = None
    """what an initrd is made of, instead of package and file"""
    disk: Disk | None = None
    """what a disk is made of, instead of package and file"""

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.package is None) != (self.file is None):
            raise ValueError("has only one of [package] and file; a file of a package needs both")
        if [self.package, self.initrd, self.disk].count(None) != 2:
            raise ValueError("needs one of [package] and file, [initrd], [disk]")
        return self


def recipes() -> list[str]:
    """The guests that there are recipes for."""
    return names(FOLDER)


def load_recipe(name: str) -> Recipe:
    """Reads the recipe of a guest.

    Raises:
      UsageError: there is none, or it is wrong.
    """
    return load(find(name, FOLDER, "guest"), Recipe, "recipe of a guest")
