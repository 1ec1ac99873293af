"""Asks about every form of power-off and reset that the board's description names."""

from collections.abc import Callable, Mapping

import pytest

from fixtures.options import selection
from harness.image import Board
from suites.poweroff.forms import resets, soft_off

REQUIREMENTS = {
    "pm1a": "PWR-01",
    "pm1b": "PWR-01",
    "reset": "PWR-02",
    "cf9": "PWR-03",
    "i8042": "PWR-04",
    "port92": "PWR-05",
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Fills in `off` (soft-offs) and `reset`."""
    forms: dict[str, Callable[[Board], Mapping[str, object]]] = {
        "off": soft_off,
        "reset": resets,
    }
    for fixture in forms.keys() & set(metafunc.fixturenames):
        named = forms[fixture](selection(metafunc.config).board)
        metafunc.parametrize(fixture, [_param(name, form) for name, form in named.items()])


def _param(name: str, forms: object) -> object:
    cited = {REQUIREMENTS[name.partition("-")[0]]} if name.partition("-")[0] in REQUIREMENTS else set()
    if name.endswith("string"):
        cited.add("PWR-06")
    return pytest.param(forms, id=name, marks=pytest.mark.requirement(*sorted(cited)))
