"""Builds the tiny tree for pip (PEP 660): an entry point `mrm`, and a path file that points here.

Every call is counted in `calls`. A file `fail` makes it fail. With named pipes `reached` and `go` it
writes to the one, and waits for a byte from the other.
"""

import zipfile
from pathlib import Path

HERE = Path(__file__).parent
INFO = "mrm-0.1.0.dist-info"
FILES = {
    "tiny.pth": str(HERE),
    f"{INFO}/METADATA": "Metadata-Version: 2.1\nName: mrm\nVersion: 0.1.0\nProvides-Extra: dev\n",
    f"{INFO}/WHEEL": "Wheel-Version: 1.0\nGenerator: tiny\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    f"{INFO}/entry_points.txt": "[console_scripts]\nmrm = command:main\n",
}


def build_editable(
    wheel_directory: str, config_settings: object = None, metadata_directory: object = None
) -> str:
    """Writes the wheel, and returns its name."""
    with (HERE / "calls").open("a") as calls:
        calls.write("x")
    if (HERE / "fail").exists():
        raise RuntimeError("the compiler said no")
    if (HERE / "go").exists():
        (HERE / "reached").write_text("x")
        with (HERE / "go").open("rb", buffering=0) as go:
            go.read(1)
    name = "mrm-0.1.0-py3-none-any.whl"
    with zipfile.ZipFile(Path(wheel_directory) / name, "w") as wheel:
        for path, text in FILES.items():
            wheel.writestr(path, text)
        wheel.writestr(f"{INFO}/RECORD", "".join(f"{path},,\n" for path in [*FILES, f"{INFO}/RECORD"]))
    return name
