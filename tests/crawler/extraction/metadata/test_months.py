import pytest

from crawler.extraction.metadata.months import month_of


@pytest.mark.parametrize(
    ("name", "month"),
    [
        ("March", 3), ("mar.", 3), ("MÄRZ", 3), ("maerz", 3), ("Jänner", 1), ("févr.", 2),
        ("FÉVRIER", 2), ("fevrier", 2), ("marca", 3), ("марта", 3), ("ноя", 11), ("сен.", 9),
        ("בינואר", 1), ("ינואר", 1), ("อ.ค.", None), ("Ağustos", 8), ("febbraio", 2),
        ("листопада", 11), ("listopada", 11), ("srpnja", 7), ("كانون الثاني", 1),
    ],
)  # fmt: skip
def test_months_with_or_without_marks_and_full_stop(name: str, month: int | None) -> None:
    assert month_of(name) == month


@pytest.mark.parametrize("name", ["", ".", "Monday", "summer", "13", "m"])
def test_what_is_no_month(name: str) -> None:
    assert month_of(name) is None
