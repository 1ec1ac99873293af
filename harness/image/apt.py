"""apt with a state of its own: finds, verifies and downloads packages of Debian, and changes nothing else.

That needs no root, and lets a 64-bit system ask for 32-bit packages. Which mirrors, and whose keys, is this
system's setting.
"""

import re
import subprocess
from fnmatch import fnmatchcase
from pathlib import Path

from harness.errors import ImageError

SECONDS = 900  # for one call: all lists, or a kernel, over a slow line

_CONFIG = """\
APT::Architecture "{architecture}";
#clear APT::Architectures;
APT::Architectures {{ "{architecture}"; }};
Dir::State "{state}";
Dir::State::status "{state}/status";
Dir::Cache "{state}/cache";
Dir::Etc::preferences "{state}/preferences";
Dir::Etc::preferencesparts "{state}/none";
// What this system runs after an update would change it.
#clear APT::Update;
// The user that downloads for root cannot be expected to reach this folder.
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::Retries "1";
"""

# A guest is what Debian made, whatever other sources this system has.
_PREFERENCES = """\
Package: *
Pin: release o=Debian
Pin-Priority: 500

Package: *
Pin: release n=*
Pin-Priority: -1
"""

_DOWNLOAD_ONLY = ("--download-only", "--yes", "--no-install-recommends")
_WHY = "guests are Debian's own files, and this one was not fetched on this machine so far"
_TODO = (
    "on a Debian system, connect to the network and try again; apt's sources of packages"
    " have to name a mirror of Debian. Once fetched, a guest needs no network"
)


class Apt:
    """apt for one architecture, with its state in a folder. One at a time may use it."""

    def __init__(self, architecture: str, state: Path) -> None:
        self._state = state
        self._config = state / "apt.conf"
        for folder in ("lists/partial", "cache/archives/partial", "none"):
            (state / folder).mkdir(parents=True, exist_ok=True)
        (state / "status").touch()  # nothing is installed
        (state / "preferences").write_text(_PREFERENCES)
        self._config.write_text(_CONFIG.format(architecture=architecture, state=state))

    def download(self, name: str, depends: str | None, folder: Path) -> None:
        """Downloads the present version of a package into a folder.

        Args:
          depends: it is a metapackage; a pattern of the dependency that is meant.

        Raises:
          ImageError: it is not there, or not to be had.
        """
        told = self._update()
        try:
            fields = self._show(name)
            if depends is not None:
                fields = self._show(_dependency(fields, depends))
            self._call("apt-get", "download", f"{fields['Package']}={fields['Version']}", folder=folder)
        except ImageError as error:
            raise ImageError(
                f"Debian's package {name} is not to be had: {error.what}{told}",
                why=_WHY,
                todo=_TODO,
            ) from error

    def download_all(self, name: str, folder: Path) -> None:
        """Downloads a package and all that it depends on into a folder, as if nothing were installed.

        Raises:
          ImageError: it is not there, or not to be had.
        """
        told = self._update()
        archives = f"Dir::Cache::archives={folder}"
        (folder / "partial").mkdir()
        try:
            self._call("apt-get", "-o", archives, "install", *_DOWNLOAD_ONLY, name)
        except ImageError as error:
            raise ImageError(
                f"Debian's package {name} is not to be had with all that it depends on: {error.what}{told}",
                why=_WHY,
                todo=_TODO,
            ) from error

    def _update(self) -> str:
        """Reads the lists; returns what went wrong: that may be a source that is not even Debian."""
        try:
            self._call("apt-get", "update")
        except ImageError as error:
            return f"\n{error.what}"
        return ""

    def _show(self, name: str) -> dict[str, str]:
        """The fields of the version that would be installed."""
        stanza = self._call("apt-cache", "show", "--no-all-versions", name)
        if not stanza.strip():
            raise ImageError("apt knows it, but from no source of packages that is Debian's")
        return dict(re.findall(r"^([A-Z][\w-]*): (.*)$", stanza, re.MULTILINE))

    def _call(self, tool: str, *words: str, folder: Path | None = None) -> str:
        return run([tool, "-c", str(self._config), *words], folder or self._state)


def run(command: list[str], folder: Path) -> str:
    """Runs a tool of Debian's in a folder, and returns what it printed.

    Raises:
      ImageError: there is no such tool, it failed, or did not end.
    """
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            check=True,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=SECONDS,
            stdin=subprocess.DEVNULL,
        )
    except subprocess.CalledProcessError as error:
        raise ImageError(
            f"{' '.join(command)} ended with {error.returncode}: {error.stderr.strip()}"
        ) from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ImageError(f"{command[0]} does not run: {error}") from error
    return done.stdout


def _dependency(fields: dict[str, str], pattern: str) -> str:
    """The name of the first package that a package depends on and a pattern fits."""
    for relation in re.split(r"[,|]", fields.get("Depends", "")):
        name = relation.split()[0] if relation.split() else ""
        if fnmatchcase(name, pattern):
            return name
    raise ImageError(f'it depends on no package "{pattern}", but on: {fields.get("Depends", "none")}')
