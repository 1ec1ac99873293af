"""Images beside each other: which values stand in a row, and what they are held against."""

from harness.results import Measurement
from reports.sidebyside import as_text, side_by_side


def measured(image: str, partition: str, name: str, value: float) -> Measurement:
    return Measurement(
        test="t", board="b", image=image, partition=partition, name=name, value=value, unit="s"
    )


def test_each_image_has_a_column_behind_the_bare_machine_and_a_ratio_to_it() -> None:
    table = side_by_side(
        [
            measured("twin", "a", "boot", 3.0),
            measured("twin", "bare", "boot", 2.0),
            measured("guest", "kvm", "boot", 5.0),
            measured("guest", "bare", "boot", 2.0),
        ]
    )

    assert table.columns == ("guest kvm", "twin a")
    assert [tuple(row.cells()) for row in table.rows] == [("2", "5 (2.500)", "3 (1.500)")]


def test_what_was_measured_more_than_once_is_told_by_its_median() -> None:
    table = side_by_side(
        [measured("twin", "a", "boot", value) for value in (9, 1, 2)] * 2
        + [measured("twin", "bare", "boot", 1)]
    )

    assert table.rows[0].values == (2,)


def test_what_only_one_has_a_value_of_is_no_comparison() -> None:
    table = side_by_side([measured("twin", "a", "alone", 1), measured("guest", "kvm", "other", 1)])

    assert table.rows == ()


def test_without_the_bare_machine_there_is_no_ratio() -> None:
    table = side_by_side([measured("twin", "a", "call", 57), measured("guest", "kvm", "call", 3486)])

    assert [tuple(row.cells()) for row in table.rows] == [("", "3,486", "57")]


def test_columns_of_the_text_stand_below_each_other() -> None:
    table = side_by_side(
        [measured("twin", at, name, 1234.5) for at in ("a", "bare") for name in ("x", "longer")]
    )

    head, *rows = as_text(table).splitlines()
    assert {row.index("1,234.5000") + len("1,234.5000") for row in rows} == {head.index("bare") + 4}
