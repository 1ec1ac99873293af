"""Nothing that comes from outside can do more than be read."""

import xml.etree.ElementTree as ET

from hypothesis import given
from hypothesis import strategies as st

from reports.visible import first_line, visible

ANY_TEXT = st.text(st.characters(codec=None, categories=None))


def test_controls_are_shown_by_number() -> None:
    assert visible("\x1b[2J\x07\x00\r\t\x7f\x9b") == r"\x1b[2J\x07\x00\x0d\x09\x7f\x9b"


def test_what_turns_text_around_is_shown_by_number() -> None:
    assert visible("a\u202eb\u2066c\u200bd\ufeff") == r"a\u202eb\u2066c\u200bd\ufeff"
    assert visible("\ud800\U000e0001") == r"\ud800\U000e0001"


def test_ordinary_text_stays() -> None:
    text = "mrmc: ready, 2 partitions\n§3.3(1) 起動 <b>&\n"
    assert visible(text) == text


@given(ANY_TEXT)
def test_result_prints_and_is_valid_in_xml(text: str) -> None:
    shown = visible(text)
    element = ET.Element("x")
    element.text = shown

    assert all(char.isprintable() or char == "\n" for char in shown)
    assert ET.fromstring(ET.tostring(element)).text == (shown or None)


@given(ANY_TEXT, st.integers(5, 40))
def test_first_line_is_one_line_within_its_limit(text: str, limit: int) -> None:
    line = first_line(text, limit)

    assert len(line) <= limit
    assert "\n" not in line
