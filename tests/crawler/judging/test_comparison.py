from dataclasses import replace

from crawler.extraction.article import TextBlock
from crawler.judging.comparison import compare
from crawler.judging.pages import PageText

BODY = "div.entry/p"
FIRST = "The council has approved the plan after a meeting of nine hours."
SECOND = "The neighbours will appeal against it in the autumn, they say."


def page(*texts: str, title: str = "A plan", layout: str = "old", place: str = BODY) -> PageText:
    return PageText(title, tuple(TextBlock(f"{place} {t}", place, t) for t in texts), layout)


def test_the_same_page_differs_in_nothing() -> None:
    assert compare(page(FIRST, SECOND), page(FIRST, SECOND)).changes == ()


def test_a_paragraph_that_came() -> None:
    (change,) = compare(page(FIRST), page(FIRST, SECOND)).changes
    assert change.exact == ("+", f"{BODY} {SECOND}")
    assert change.is_whole
    assert change.in_text
    assert change.structural == ()


def test_a_paragraph_that_was_reworded_is_one_change() -> None:
    (change,) = compare(page(FIRST), page(FIRST.replace("nine", "ten"))).changes
    assert change.exact == ("~", "nine", "→", "ten")
    assert not change.is_whole


def test_a_headline() -> None:
    (change,) = compare(page(FIRST), page(FIRST, title="No plan")).changes
    assert change.exact == ("t", "A", "→", "No")


def test_paragraphs_in_another_order() -> None:
    (change,) = compare(page(FIRST, SECOND), page(SECOND, FIRST)).changes
    assert change.exact == ("order",)


def test_of_a_page_that_was_rebuilt_words_count_and_not_how_they_are_set() -> None:
    before = page(f"“{FIRST}”", SECOND)
    after = page(f'"{FIRST}" {SECOND}', layout="new", place="section.story/p")
    comparison = compare(before, after)
    assert comparison.rebuilt
    assert comparison.changes == ()


def test_a_typographic_change_on_a_page_as_it_was_built_is_an_edit() -> None:
    assert compare(page(f"“{FIRST}”"), page(f'"{FIRST}"')).changes


def test_what_came_on_a_page_that_was_rebuilt_tells_where() -> None:
    place = "section.story/p"
    after = page(FIRST, SECOND, layout="new", place=place)
    (change,) = compare(page(FIRST), after).changes
    assert change.structural == ("+@", place)


def test_a_number_alone_in_its_place_that_moves_is_one_change() -> None:
    then, now = (TextBlock("p.count/0", "p.count", it) for it in ("999", "1,001"))
    before, after = (replace(page(FIRST), blocks=(*page(FIRST).blocks, it)) for it in (then, now))
    (change,) = compare(before, after).changes
    assert change.exact == ("#", "p.count/0")
    assert not change.is_plain
