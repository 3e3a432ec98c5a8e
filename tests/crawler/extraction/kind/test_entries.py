"""How much of a text stands below headings that lead to other pages."""

import pytest
from lxml.html import document_fromstring

from crawler.extraction.article import Paragraph, ParagraphKind
from crawler.extraction.kind.entries import Entries, first_heading_leads_away, read_entries

URL = "https://daily.example/politics"
TEXTS = [f"Number {number} of the texts that stand on this page has ten words." for number in "abc"]
HERE = {"daily.example/politics"}


def entries(page: str) -> Entries:
    tree = document_fromstring(f"<body>{page}</body>")
    paragraphs = [Paragraph(ParagraphKind.PARAGRAPH, text) for text in TEXTS if text in page]
    return read_entries(tree, paragraphs, URL, HERE).entries(paragraphs)


def entry(number: int, href: str) -> str:
    return f"<h2><a href='{href}'>Title</a></h2><div><p>{TEXTS[number]}</p></div>"


def test_a_listing_is_entries_alone() -> None:
    assert entries("".join(entry(n, f"/{n}") for n in range(3))) == Entries(3, 3, 1.0)


def test_an_articles_own_text_counts_against_it() -> None:
    found = entries(f"<h1>Title</h1><p>{TEXTS[0]}</p>{entry(1, '/1')}")
    assert (found.headings, found.told, found.share) == (1, 1, 0.5)


@pytest.mark.parametrize(
    "href", [URL, "/politics?x=1", "#part", "https://other.example/1", "/", "mailto:x@y.example"]
)
def test_what_leads_to_no_other_page_of_the_site(href: str) -> None:
    assert entries(entry(0, href)).headings == 0


def test_headings_in_a_menu_and_a_footer_are_none() -> None:
    assert entries(f"<nav>{entry(0, '/1')}</nav><footer>{entry(1, '/2')}</footer>").headings == 0


@pytest.mark.parametrize(
    ("page", "away"),
    [
        ("<h1><a href='/'>The Daily</a></h1><h2><a href='/1'>Story</a></h2>", True),
        ("<h1><a href='/politics'>Politics</a></h1><h2><a href='/1'>Story</a></h2>", False),
        ("<h1>Story</h1><h2><a href='/1'>Another</a></h2>", False),
        ("<p>Nothing</p>", False),
    ],
)
def test_the_first_heading(page: str, away: bool) -> None:
    tree = document_fromstring(f"<body>{page}</body>")
    assert first_heading_leads_away(tree, URL, HERE) is away
