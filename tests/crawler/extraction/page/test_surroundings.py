import time

from lxml.html import HTMLParser, document_fromstring

from crawler.extraction.page.surroundings import (
    AFTER,
    BEFORE,
    MAX_INDENT,
    around_heading,
    short_text,
)


def tags(elements: object) -> list[str]:
    return [str(e.tag) for e in elements]  # type: ignore[attr-defined]


def test_what_stands_around_the_heading_nearest_first() -> None:
    tree = document_fromstring(
        "<div><i>a</i><b>b</b><h1>Title <u>u</u></h1><em>c</em><p>d</p></div>"
    )
    near = around_heading(tree, "Title")
    assert tags(near.after) == ["em", "p"]
    assert tags(near)[:4] == ["em", "p", "b", "i"]


def test_the_heading_with_the_title_is_preferred_to_the_first() -> None:
    tree = document_fromstring("<h1>Logo</h1><em>x</em><h2>The title</h2><p>d</p>")
    assert tags(around_heading(tree, "The title").after) == ["p"]
    assert tags(around_heading(tree, "").after)[0] == "em"
    low = document_fromstring("<h3>Menu</h3><i></i><h3>Kicker: The title</h3><p>d</p>")
    assert tags(around_heading(low, "The title").after) == ["p"]
    assert list(around_heading(document_fromstring("<p>x</p>"), "x")) == []


def test_the_surroundings_are_bounded() -> None:
    tree = document_fromstring("<i></i>" * 500 + "<h1>T</h1>" + "<b></b>" * 500)
    near = around_heading(tree, "T")
    assert (len(near.before), len(near.after)) == (BEFORE, AFTER)


def test_short_text_stops_soon_after_its_limit() -> None:
    tree = document_fromstring("<div>" + "<p>five  </p>" * 100 + "</div>")
    assert short_text(tree, 12) == "five five five"


def test_short_text_of_one_endless_text_is_short() -> None:
    tree = document_fromstring("<div>" + " " * 40 + "word " * 100_000 + "</div>")
    assert short_text(tree, 12).startswith("word word word")
    assert len(short_text(tree, 12)) < 12 + MAX_INDENT


def test_only_the_first_elements_are_searched_for_text() -> None:
    page = "<div>" * 100 + "<b></b>" * 50_000 + "late" + "</div>" * 100
    element = document_fromstring(page, parser=HTMLParser(huge_tree=True))
    began = time.process_time()
    for _ in range(1_000):
        assert short_text(element, 100) == ""
    assert time.process_time() - began < 5


def test_code_shows_no_text() -> None:
    tree = document_fromstring(
        "<div>a<script>b</script>c<noscript><p>d</p></noscript>e<p>f<style>g</style></p>h</div>"
    )
    assert short_text(tree, 100) == "acefh"
