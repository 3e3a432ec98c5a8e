import pickle

import pytest
from lxml import html

from crawler.extraction.article import Paragraph, ParagraphKind
from crawler.extraction.kind.evidence import Evidence, NeedsPage
from crawler.extraction.metadata.gather import read_metadata
from crawler.extraction.page.structured import read_structured

SENTENCE = "The council met on Monday and agreed to mend the old bridge before the winter comes."


def evidence(body: str, head: str = "", url: str = "https://example.org/a") -> Evidence:
    tree = html.document_fromstring(f"<head>{head}</head><body>{body}</body>")
    structured = read_structured(tree)
    return Evidence(tree, structured, read_metadata(tree, structured, url=url), url)


def test_what_was_asked_is_known_without_the_page_and_the_rest_needs_it() -> None:
    read = evidence(f"<p>{SENTENCE}</p><a href='/b'>Three whole words</a>")
    assert read.prose == 16
    assert read.titles_of_links == ["Three whole words"]
    kept: Evidence = pickle.loads(pickle.dumps(read))
    assert kept.prose == 16
    assert kept.titles_of_links == ["Three whole words"]
    for asked in ("is_of_links", "pictures", "wall", "tree"):
        with pytest.raises(NeedsPage):
            getattr(kept, asked)
    with pytest.raises(NeedsPage):
        kept.entries([Paragraph(ParagraphKind.PARAGRAPH, "One.")])


def test_prose_is_what_stands_together_and_teasers_are_none() -> None:
    together = f"<div><p>{SENTENCE}</p><p>{SENTENCE}</p></div>"
    apart = f"<div><div><p>{SENTENCE}</p></div><div><p>{SENTENCE}</p></div></div>"
    assert evidence(together).prose == 32
    assert evidence(apart).prose == 16
    assert evidence("<p>One two three.</p>" * 20).prose == 0


def test_the_house_is_no_author() -> None:
    head = (
        "<meta property='og:site_name' content='The Wharf  Post'>"
        "<meta name='author' content='the wharf post'>"
    )
    assert evidence("<p>One.", head).authors == []
    assert list(evidence("<p>One.", "<meta name='author' content='Ann Fell'>").authors) == [
        "Ann Fell"
    ]


@pytest.mark.parametrize(
    ("query", "field", "is_search"),
    [
        ("?q=old+bridge", "old bridge", True),
        ("?page=2&SEARCH=bridge", "bridge", True),
        ("?q=bridge", "ferry", False),
        ("?q=", "", False),
        ("?id=bridge", "bridge", False),
        ("?" + "&".join(f"a{n}=1" for n in range(50)) + "&q=bridge", "bridge", False),
    ],
)
def test_a_search_asks_for_what_its_field_holds(query: str, field: str, is_search: bool) -> None:
    page = evidence(f"<input name='q' value='{field}'>", url=f"https://example.org/{query}")
    assert page.is_search is is_search


def test_a_page_of_links_is_one_by_most_of_its_words() -> None:
    links = "<ul>" + "<li><a href='/x'>A bridge</a> one</li>" * 9 + "</ul>"
    assert evidence(links).is_of_links
    assert not evidence(f"{links}<p>{SENTENCE * 3}</p>").is_of_links
    assert not evidence(f"<nav>{links}</nav><p>{SENTENCE}</p>").is_of_links
    assert not evidence("").is_of_links


def test_pictures_that_lead_away_are_not_counted() -> None:
    figure = "<figure><img src='a.jpg'></figure>"
    assert evidence(f"{figure}<a href='/b'>{figure}</a><aside>{figure}</aside>").pictures == 1
    assert evidence(figure * 200).pictures <= 50
