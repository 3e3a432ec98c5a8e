import json
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser

import pytest
from lxml import html

from scripts.demo.articles import Article, Block, BlockKind, Span, read_articles
from scripts.demo.desks import read_desks
from scripts.demo.pages import format_time, json_ld, render_article, render_blocks, render_listing

ORIGIN = "http://127.0.0.1:8000"
HOSTILE = "</script><b>&amp; \"'$title"
VOID = {"meta", "link", "img", "input"}


class Nesting(HTMLParser):
    """Raises AssertionError where an end tag does not close the last open element."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def any_article(desk: str) -> Article:
    return next(article for article in read_articles(1).values() if article.desk == desk)


def render(article: Article, fetch: int = 0, template: str = "article") -> str:
    latest = list(read_articles(1).values())
    desk = read_desks()[article.desk]
    return render_article(
        article, desk, origin=ORIGIN, latest=latest, fetch=fetch, template=template
    )


@pytest.mark.parametrize("article", read_articles(1).values(), ids=lambda article: article.path)
def test_tags_are_closed_in_order(article: Article) -> None:
    desk = read_desks()[article.desk]
    listing = render_listing("News", "/", [article], desk, origin=ORIGIN, fetch=0, text="Hello")
    amp = [render(article, template="amp")] if desk.amp else []
    for page in (render(article), listing, *amp):
        nesting = Nesting()
        nesting.feed(page)
        nesting.close()
        assert nesting.open == []


@pytest.mark.parametrize("desk", read_desks())
def test_text_is_escaped_wherever_it_stands(desk: str) -> None:
    article = replace(
        any_article(desk),
        title=HOSTILE,
        standfirst=HOSTILE,
        authors=(HOSTILE,),
        tags=(HOSTILE,),
        caption=HOSTILE,
        blocks=(Block(BlockKind.PARAGRAPH, (Span(HOSTILE), Span(HOSTILE, href='/"x'))),),
    )
    page = html.fromstring(render(article))
    assert page.find(".//b") is None
    assert page.findtext(".//h1") == HOSTILE
    assert [caption.text_content() for caption in page.iter("figcaption")] == [HOSTILE]
    assert HOSTILE + HOSTILE in [paragraph.text_content() for paragraph in page.iter("p")]
    data = json_ld(article, read_desks()[desk], origin=ORIGIN)
    assert "</script>" not in data
    assert json.loads(data)["headline"] == HOSTILE


def test_runs_of_items_and_quotations_share_their_element() -> None:
    kinds = [BlockKind.LIST_ITEM] * 2 + [BlockKind.QUOTATION] * 2 + [BlockKind.LIST_ITEM]
    blocks = [Block(kind, (Span(str(number)),)) for number, kind in enumerate(kinds)]
    assert render_blocks(blocks).replace("\n", "") == (
        "<ul><li>0</li><li>1</li></ul><blockquote><p>2</p><p>3</p></blockquote><ul><li>4</li></ul>"
    )


def test_adverts_take_turns() -> None:
    article = any_article("en")
    adverts = read_desks()["en"].adverts
    for fetch, advert in enumerate([*adverts, adverts[0]]):
        shown = html.fromstring(render(article, fetch)).find_class("l-advert")[0].text_content()
        assert shown == advert


def test_an_article_is_not_related_to_itself() -> None:
    article = any_article("en")
    promo = html.fromstring(render(article)).find_class("c-promo")[0]
    links = [link.attrib["href"] for link in promo.iter("a")]
    assert len(links) == 3
    assert article.path not in links
    chosen = replace(article, related=(links[2],))
    promo = html.fromstring(render(chosen)).find_class("c-promo")[0]
    assert [link.attrib["href"] for link in promo.iter("a")] == [links[2]]


@pytest.mark.parametrize(
    ("language", "shown"),
    [
        ("fr-FR", "3 février 2026 à 9h05"),
        ("en-GB", "3 February 2026, 09:05"),
        ("ja", "2026年2月3日 09:05"),
    ],
)
def test_times_read_as_in_the_language(language: str, shown: str) -> None:
    assert format_time(datetime(2026, 2, 3, 9, 5, tzinfo=UTC), language) == shown
