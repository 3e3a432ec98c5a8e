from lxml import html

from crawler.extraction.body.claims import NOTHING_CLAIMED
from crawler.extraction.body.element_names import LEVELS, name_rows
from crawler.extraction.body.features import PageFeatures, Row
from crawler.extraction.page.blocks import read_blocks

PROSE = "The council met on Monday and agreed to mend the old bridge before winter comes."
MAIN = "<main class='story'>" + "".join(f"<p>{PROSE} {number}</p>" for number in range(5))


def last_row(body: str, scores: dict[str, float]) -> Row:
    page = PageFeatures(
        read_blocks(html.document_fromstring(f"<body>{body}</body>")), NOTHING_CLAIMED
    )
    return name_rows(page, [len(page.blocks) - 1], scores)[0]


def test_the_nearest_names_come_first_and_the_worst_and_best_of_all_after() -> None:
    row = last_row(
        f"{MAIN}</main><div class='related'><p class='small good'>More</p></div>",
        {"related": -0.5, "small": -0.25, "good": 0.125},
    )
    *levels, lowest, highest, total, around = row
    assert levels[:3] == [0.0, -0.25, -0.5]  # no inline element, the paragraph, what it stands in
    assert (lowest, highest, total, around) == (-0.5, 0.125, -0.625, 0.0)


def test_names_around_the_main_element_are_told_apart() -> None:
    row = last_row(f"<div class='sidebar'>{MAIN}</main></div>", {"sidebar": -0.5, "story": 0.25})
    assert row == [0.0] * (len(row) - 1) + [-0.5]


def test_however_deep_it_stands_it_has_as_many_numbers() -> None:
    deep = "<div class='box'>" * 60 + "<p>More</p>" + "</div>" * 60
    row = last_row(f"{MAIN}</main>{deep}", {"box": -0.25})
    assert len(row) == LEVELS + 1 + 4
    assert row[LEVELS + 1] == -0.25


def test_names_that_nothing_is_known_of_are_worth_nothing() -> None:
    assert set(last_row(f"{MAIN}</main><p class='x y'>More</p>", {})) == {0.0}
