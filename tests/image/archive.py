"""An archive of packages in a folder, as apt wants it: for tests that must not depend on a mirror."""

import hashlib
import shutil
import subprocess
import tempfile
from pathlib import Path


class Archive:
    """A folder with packages, an index and a release file.

    Args:
      origin: who made it, as its release file says.
      trusted: whether apt is told to take it without a signature; there is none.
    """

    def __init__(self, folder: Path, origin: str = "Debian", trusted: bool = True) -> None:
        self.folder = folder
        self._origin = origin
        self._index = ""
        folder.mkdir()
        options = "[trusted=yes] " if trusted else ""
        (folder / "sources.list").write_text(f"deb {options}copy:{folder} ./\n")
        self.config = folder / "apt.conf"
        self.config.write_text(
            f'Dir::Etc::sourcelist "{folder}/sources.list";\nDir::Etc::sourceparts "-";\n'
            'Acquire::AllowInsecureRepositories "false";\nAcquire::Retries::Delay "false";\n'
        )

    def add(self, name: str, files: dict[str, bytes], depends: str = "", architecture: str = "amd64") -> Path:
        """Builds a package, and lists it."""
        fields = f"Package: {name}\nVersion: 1:2.0-1\nArchitecture: {architecture}\nMaintainer: nobody\n"
        fields += f"Depends: {depends}\n" if depends else ""
        fields += "Description: for a test\n"
        deb = self.folder / f"{name}_2.0-1_{architecture}.deb"
        with tempfile.TemporaryDirectory(dir=self.folder) as root:
            for path, data in {"DEBIAN/control": fields.encode(), **files}.items():
                (Path(root) / path).parent.mkdir(parents=True, exist_ok=True)
                (Path(root) / path).write_bytes(data)
            Path(root).chmod(0o755)
            build = ["dpkg-deb", "--root-owner-group", "-Znone", "-b", root, str(deb)]
            subprocess.run(build, check=True, capture_output=True, timeout=30)
        data = deb.read_bytes()
        digest = hashlib.sha256(data).hexdigest()
        self._index += f"{fields}Filename: ./{deb.name}\nSize: {len(data)}\nSHA256: {digest}\n\n"
        self._publish()
        return deb

    def vanish(self) -> None:
        """The network is down."""
        shutil.rmtree(self.folder)

    def _publish(self) -> None:
        index = self._index.encode()
        (self.folder / "Packages").write_bytes(index)
        (self.folder / "Release").write_text(
            f"Origin: {self._origin}\nSuite: test\nCodename: test\nDate: Thu, 01 Jan 2026 00:00:00 UTC\n"
            f"SHA256:\n {hashlib.sha256(index).hexdigest()} {len(index)} Packages\n"
        )
