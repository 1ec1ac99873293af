"""The catalogue is read strictly, and every mistake is named."""

from pathlib import Path

import pytest

from harness.catalogue import load_catalogue
from harness.errors import UsageError

GOLDEN = (Path(__file__).parent / "golden" / "requirements.toml").read_text()
SHIPPED = Path(__file__).parents[2] / "suites" / "requirements.toml"


def test_shipped_catalogue_is_right() -> None:
    catalogue = load_catalogue(SHIPPED)

    assert len(catalogue) == len(catalogue.by_id()) > 0
    assert set(catalogue.due_areas()) >= {"MEM", "EXC", "IRQ", "STOP", "PWR"}


def test_areas_are_due_by_release(tmp_path: Path) -> None:
    path = tmp_path / "requirements.toml"
    path.write_text(GOLDEN)
    assert load_catalogue(path).due_areas() == ["MEM", "EXC"]

    path.write_text(GOLDEN.replace('release = "0.1"', 'release = "0.10"'))
    assert load_catalogue(path).due_areas() == ["MEM", "EXC", "CPU"]


def test_an_area_of_shoulds_is_not_due(tmp_path: Path) -> None:
    path = tmp_path / "requirements.toml"
    path.write_text(GOLDEN.replace('level = "must"', 'level = "should"'))

    assert load_catalogue(path).due_areas() == []


WRONG = {
    "duplicate id": ('id = "MEM-02"', 'id = "MEM-01"', "used twice.*MEM-01"),
    "unknown key": (
        "waivable = false",
        "waiveable = false",
        r"requirement\[0\].waiveable: unknown.*waivable",
    ),
    "missing key": ('paper = "§3.3(1)"\n', "", r"requirement\[0\].paper: is missing"),
    "level": ('level = "must"', 'level = "may"', r"requirement\[0\].level"),
    "form of id": ('id = "MEM-01"', 'id = "MEM1"', r'requirement\[0\].id.*"EXC-03"'),
    "id of another area": ('id = "MEM-01"', 'id = "EXC-07"', r'"EXC-07" is in area "MEM"'),
    "area without title": ('MEM = "Memory"\n', "", "no title.*MEM"),
    "release": ('release = "0.1"', 'release = "next"', "release"),
    "version of the form": ("schema = 1", "schema = 2", "schema"),
    "type": ("waivable = false", 'waivable = "no"', r"requirement\[0\].waivable"),
    "no TOML": ("schema = 1", "schema = ", "is not TOML"),
}


@pytest.mark.parametrize("mistake", WRONG)
def test_refused(mistake: str, tmp_path: Path) -> None:
    right, wrong, message = WRONG[mistake]
    path = tmp_path / "requirements.toml"
    assert right in GOLDEN
    path.write_text(GOLDEN.replace(right, wrong, 1))

    with pytest.raises(UsageError, match=f"(?s){message}"):
        load_catalogue(path)


def test_refused_when_absent(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        load_catalogue(tmp_path / "nothing.toml")
