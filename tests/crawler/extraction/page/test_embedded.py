import json
import time

import pytest
from lxml import html

from crawler.extraction import PageInput, extract
from crawler.extraction.page.embedded import embedded_article

PARAGRAPH = "The council met on Monday and agreed to mend the old bridge before winter comes."
ARTICLE = "".join(f"<p>{PARAGRAPH} Part {number}.</p>" for number in range(9))


def page(*scripts: str) -> str:
    inner = "".join(f"<script>{script}</script>" for script in scripts)
    return (
        f"<html><head><title>Bridge</title></head><body><div id='app'></div>{inner}</body></html>"
    )


def pushed(value: str) -> str:
    """A string as frameworks write it: escaped, so that no tag shows in the page."""
    return f"self.__push([1,{json.dumps(value).replace('<', chr(92) + 'u003c')}])"


def test_a_page_of_scripts_alone_is_read_from_its_strings() -> None:
    body = page('var menu = "Home";', pushed(ARTICLE), pushed("<p>short</p>"))
    assert len(extract(PageInput(body.encode())).paragraphs) == 9


def test_the_longest_markup_is_the_article() -> None:
    found = embedded_article(html.document_fromstring(page(pushed(ARTICLE), pushed(ARTICLE * 2))))
    assert found is not None
    assert len(found.findall(".//p")) == 18


@pytest.mark.parametrize(
    "script",
    [
        "",
        '"' + "x" * 900,
        '"' + "x" * 900 + '"',
        '"<p>' + "\\q" * 900 + '"',
        '\\"' * 2000,
        pushed(PARAGRAPH * 9),
    ],
)
def test_strings_without_paragraphs_are_no_article(script: str) -> None:
    assert embedded_article(html.document_fromstring(page(script))) is None


def test_markup_too_deep_costs_nothing_but_itself() -> None:
    body = page(pushed("<div>" * 5000 + ARTICLE)).encode()
    assert extract(PageInput(body)).paragraphs == ()


def test_the_bounds_on_a_page_are_those_on_the_markup_in_its_strings() -> None:
    attributes = " ".join(f"a{number}=1" for number in range(50_000))
    started = time.process_time()
    assert extract(PageInput(page(pushed(f"<p {attributes}>" + ARTICLE)).encode())).paragraphs == ()
    assert time.process_time() - started < 1
