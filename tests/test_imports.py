"""Imports run one way: suites → fixtures → harness, reports → harness; the C core includes no other room."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAY_IMPORT = {
    "harness": {"harness"},
    "reports": {"harness", "reports"},
    "fixtures": {"fixtures", "harness"},
    "suites": {"fixtures", "harness", "suites"},
    "commands": {"commands", "fixtures", "harness", "reports", "suites"},
}
MAY_INCLUDE = {
    "core": {"core"},
    "controller": {"controller", "core"},
    "probe": {"probe"},
}
_INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)


def imports(path: Path) -> set[str]:
    """The rooms of this project that a Python file imports from."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found & {*MAY_IMPORT, "tests"}


def included(path: Path, includes: list[Path]) -> set[str]:
    """The folders under targets/ that a C file includes from; "?" for a file that is nowhere to be found."""
    found = set()
    for name in _INCLUDE.findall(path.read_text()):
        places = [folder / name for folder in (path.parent, *includes) if (folder / name).is_file()]
        found.add(places[0].resolve().relative_to(ROOT / "targets").parts[0] if places else "?")
    return found


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_a_room_imports_only_what_lies_below_it(room: str) -> None:
    files = sorted((ROOT / room).rglob("*.py"))
    wrong = {str(path): bad for path in files if (bad := imports(path) - MAY_IMPORT[room])}

    assert files
    assert wrong == {}


@pytest.mark.parametrize("folder", MAY_INCLUDE)
def test_a_target_includes_only_what_lies_below_it(folder: str) -> None:
    files = sorted((ROOT / "targets" / folder).rglob("*.[chS]"))
    paths = [ROOT / "targets" / "core"]
    wrong = {str(path): bad for path in files if (bad := included(path, paths) - MAY_INCLUDE[folder])}

    assert files
    assert wrong == {}


def test_a_wrong_import_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "wrong.py"
    path.write_text("import reports.html\nfrom suites import power\nimport os\n")

    assert imports(path) == {"reports", "suites"}
