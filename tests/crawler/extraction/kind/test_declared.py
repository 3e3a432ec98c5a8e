"""What a page says it is, and what is no word of its own."""

import json

import pytest
from lxml.html import HtmlElement, document_fromstring

from crawler.extraction.article import PageKind
from crawler.extraction.kind.declared import Declaration, bare, read_declaration
from crawler.extraction.page.structured import read_structured

URL = "https://daily.example/news/bridge"


def declared(
    *nodes: dict[str, object], page: str = "", title: str = "Bridge reopens"
) -> Declaration:
    scripts = "".join(
        f'<script type="application/ld+json">{json.dumps(node)}</script>' for node in nodes
    )
    tree: HtmlElement = document_fromstring(f"<html><head>{scripts}</head>{page or '<body>x'}")
    return read_declaration(tree, read_structured(tree), title, {bare(URL)})


@pytest.mark.parametrize(
    ("node", "article", "news"),
    [
        ({"@type": "NewsArticle", "headline": "Bridge reopens"}, True, True),
        ({"@type": "ReportageNewsArticle", "url": URL}, True, True),
        ({"@type": "BlogPosting", "datePublished": "2024-05-03"}, True, False),
        # a template's word
        ({"@type": "BlogPosting", "headline": "Bridge reopens"}, False, False),
        ({"@type": "Article", "datePublished": "0001-01-01T00:00:00Z"}, False, False),
        # another page's article
        ({"@type": "NewsArticle", "headline": "Storm", "url": f"{URL}-2"}, False, False),
        ({"@type": "WebPage", "name": "Bridge reopens"}, False, False),
    ],
)
def test_an_article_that_is_this_page(node: dict[str, object], article: bool, news: bool) -> None:
    found = declared(node)
    assert (found.article, found.news) == (article, news)


def test_types_of_pages() -> None:
    assert declared({"@type": "CollectionPage"}).schema is PageKind.LISTING
    assert declared({"@type": ["WebPage", "AboutPage"]}).schema is PageKind.STATIC
    assert declared({"@type": "WebPage"}).schema is None


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ('<body class="path-taxonomy"><article class="node--type-article">', PageKind.LISTING),
        ('<body class="x"><article class="node--type-article">', PageKind.ARTICLE),
        ('<body class="x"><article class="node--type-article"></article><article>', None),
    ],
)
def test_an_articles_element_speaks_where_it_is_one(body: str, kind: PageKind | None) -> None:
    drupal = "<head><meta name='generator' content='Drupal 10'></head>"
    assert declared(page=drupal + body).system is kind


def test_spellings_of_one_address() -> None:
    assert bare("https://www.daily.example/a/#b") == bare("http://daily.example/a")
    assert bare("https://daily.example/?p=1") != bare("https://daily.example/?p=2")
