import time

import pytest
from lxml import html

from crawler.extraction import PageKind, extract
from crawler.extraction.body.cards import cards
from crawler.extraction.page.blocks import read_blocks

HERE = "https://paper.example/2026/no-ferry"
TEASER = "The council met on Monday and agreed to mend the old bridge before the winter comes."
CARDS = "".join(
    f"<div class='card'><h3><a href='/{number}'>The bridge, part {number}</a></h3><p>{TEASER}</p>"
    "</div>"
    for number in range(3)
)
UNBOXED = CARDS.replace("<div class='card'>", "").replace("</div>", "")
BRIEF = "The ferry to the island does not sail today, the harbour master says."
BELOW = f"<section><h2>More stories</h2>{CARDS}</section>"


def told(markup: str) -> set[str]:
    blocks = read_blocks(html.document_fromstring(f"<body>{markup}</body>"), HERE)
    return {blocks[i].text for i in cards(blocks)}


def test_cards_below_a_heading_of_their_own() -> None:
    assert told(f"<article><h1>No ferry</h1><p>{BRIEF}</p></article>{BELOW}") == {
        TEASER, *(f"The bridge, part {number}" for number in range(3))
    }  # fmt: skip


@pytest.mark.parametrize(
    "markup",
    [
        # a listing has no heading but its own
        f"<h1>Bridges</h1>{CARDS}",
        # what an article tells of other pages among its own paragraphs
        f"<h1>The week</h1><h2>What was</h2><div>{UNBOXED}</div>",
        # nor are sections of a text
        f"<h1>The week</h1><h2>What was</h2>{CARDS}".replace(TEASER, f"{TEASER}<p>{TEASER}</p>"),
        # one alone may be anything
        f"<h1>No ferry</h1><h2>Also</h2><div><h3><a href='/1'>One</a></h3><p>{TEASER}</p></div>",
        # and so may what leads to other sites
        f"<h1>No ferry</h1><h2>Sources</h2>{CARDS}".replace("'/", "'https://other.example/"),
    ],
)
def test_what_is_none(markup: str) -> None:
    assert told(markup) == set()


def test_many_are_found_in_little_time() -> None:
    card = f"<div><h3><a href='/1'>The bridge, part one</a></h3><p>{TEASER}</p></div>"
    page = f"<body><h1>No ferry</h1><h2>More stories</h2><section>{card * 9_000}</section></body>"
    blocks = read_blocks(html.document_fromstring(page), HERE)
    started = time.process_time()
    assert len(cards(blocks)) == 18_000
    assert time.process_time() - started < 1


def test_the_sections_of_a_review_are_its_text() -> None:
    sections = CARDS.replace(TEASER, f"{TEASER}</p><p>{TEASER}")
    article = extract(page(f"<h2>What was</h2><section>{sections}</section>"), url=HERE)
    assert article.text.count(TEASER) == 6


def page(main: str) -> bytes:
    head = '<meta property="og:type" content="article"><title>No ferry</title>'
    time = '<time datetime="2026-02-03T10:00Z">3 February</time>'
    page = f"<head>{head}</head><body><article><h1>No ferry</h1>{time}{main}</article>{BELOW}"
    return f"<html>{page}</body></html>".encode()


def test_they_are_no_part_of_a_brief() -> None:
    article = extract(page(f"<p>{BRIEF}</p>"), url=HERE)
    assert (article.kind, article.text) == (PageKind.ARTICLE, BRIEF)


def test_they_make_no_article_of_a_gallery() -> None:
    pictures = "<figure><img src='/a.jpg'><figcaption>A boat</figcaption></figure>" * 9
    assert extract(page(pictures), url=HERE).kind is PageKind.MEDIA
