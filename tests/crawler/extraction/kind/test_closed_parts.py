import json
from typing import Any

import pytest
from lxml import html

from crawler.extraction.kind.closed_parts import (
    asks_to_subscribe,
    closed_parts,
    has_paywall,
    holds_text,
)
from crawler.extraction.page.structured import read_structured

LONG = "The council met on Monday and agreed to mend it. " * 5


def named(*parts: Any) -> list[str]:
    said = json.dumps({"@type": "NewsArticle", "headline": "A bridge", "hasPart": list(parts)})
    page = f"<title>A bridge</title><script type='application/ld+json'>{said}</script><p>One."
    return list(closed_parts(read_structured(html.document_fromstring(page))))


def closed(selector: Any, free: Any = False) -> dict[str, Any]:
    return {"@type": "WebPageElement", "isAccessibleForFree": free, "cssSelector": selector}


@pytest.mark.parametrize("free", [False, "False", "false", "https://schema.org/False"])
def test_the_parts_that_are_not_free_are_named(free: Any) -> None:
    assert named(closed(".paid", free), closed(".open", True)) == ["paid"]


def test_a_selector_may_be_several() -> None:
    assert named(closed([".paid", "div.more .rest"])) == ["paid", "more", "rest"]


@pytest.mark.parametrize("selector", [None, 7, {}, [None, 7, {}], "#paid", "", "....", ["", []]])
def test_a_selector_that_names_no_class_names_nothing(selector: Any) -> None:
    assert named(closed(selector), "a text") == []


def test_closed_parts_hold_text_where_it_is_more_than_a_few_words() -> None:
    page = html.document_fromstring(
        f"<div class='a paid'>{LONG}</div><div class='teaser'>Read on</div>"
    )
    assert holds_text(page, ["paid"])
    assert not holds_text(page, ["teaser", "absent"])
    assert not holds_text(page, [])


def test_a_paywall_is_named_so_and_says_something() -> None:
    assert has_paywall(html.document_fromstring("<div id='paywall'>Subscribe to read on</div>"))
    assert not has_paywall(html.document_fromstring("<div id='paywall'></div><p>One two</p>"))
    assert not has_paywall(html.document_fromstring(f"<div class='story'>{LONG}</div>"))


def test_what_every_page_has_to_press_is_not_the_page_s_own() -> None:
    button = "<button>Subscribe now</button>"
    assert asks_to_subscribe(html.document_fromstring(f"<main>{button}</main>"))
    for apart in ("nav", "header", "footer"):
        page = html.document_fromstring(f"<{apart}><div>{button}</div></{apart}><p>One")
        assert not asks_to_subscribe(page)
