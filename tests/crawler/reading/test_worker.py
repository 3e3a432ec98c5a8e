from dataclasses import replace

import pytest

from crawler.extraction import EXTRACTOR_VERSION
from crawler.extraction.page_input import PageInput
from crawler.reading.worker import NoArticle, Read, Templates, clean, learn, read
from storage.ledger.payloads import digest_of
from storage.models import Outcome
from tests.crawler.extraction import wordpress
from tests.support.hostile_answers import ARTICLE, CHALLENGE

URL = "https://example.org/2026/11/24/the-soup-stays.html"


def test_an_article_becomes_a_reading() -> None:
    body = ARTICLE.encode()
    result = read(PageInput(body, URL, {"Content-Type": "text/html"}), Templates())
    assert isinstance(result, Read)
    reading = result.reading
    assert (reading.title, reading.digest) == ("The soup stays", digest_of(body))
    assert (reading.extractor, reading.template) == (EXTRACTOR_VERSION, "")
    assert [text for _, text in reading.paragraphs] == reading.text.split("\n")
    assert reading.details["kind"] == "article"
    assert result.sample.outline
    assert result.sample.new
    assert result.text.title == reading.title
    assert read(PageInput(body, URL, {"Content-Type": "text/html"}), Templates()) == result


@pytest.mark.parametrize(("author", "unsigned"), [("Ada Marlowe", None), ("The Gazette", True)])
def test_what_names_the_publisher_alone_is_unsigned(author: str, unsigned: bool | None) -> None:
    named = {"og:site_name": "The Gazette", "author": author}
    head = "".join(f'<meta property="{name}" content="{it}">' for name, it in named.items())
    result = read(
        PageInput(ARTICLE.replace("</head>", f"{head}</head>").encode(), URL), Templates()
    )
    assert isinstance(result, Read)
    assert result.reading.authors == [author]
    assert result.reading.details.get("unsigned") is unsigned


@pytest.mark.parametrize(
    ("body", "outcome"),
    [(b"", Outcome.UNREADABLE), (CHALLENGE.encode(), Outcome.CHALLENGE)],
)
def test_what_holds_no_article_says_what_it_is(body: bytes, outcome: Outcome) -> None:
    result = read(PageInput(body, URL), Templates())
    assert isinstance(result, NoArticle)
    assert result.outcome is outcome
    assert result.detail


def test_what_is_learned_from_nothing_removes_nothing() -> None:
    assert learn(Templates(), [], {}).book.layouts == ()


def test_what_is_learned_does_not_depend_on_the_order_of_pages() -> None:
    bodies = [ARTICLE.replace("soup", f"soup of day {day}").encode() for day in range(4)]
    samples = [
        result.sample
        for body in bodies
        if isinstance(result := read(PageInput(body, URL), Templates()), Read)
    ]
    assert len(samples) == 4
    assert learn(Templates(), samples, {}) == learn(Templates(), samples[::-1], {})


@pytest.mark.parametrize("said", ["datePublished", "dateModified"])
def test_an_edit_s_time_is_no_time_of_publication(said: str) -> None:
    code = f'{{"@type": "NewsArticle", "headline": "Bridge", "{said}": "2026-03-01T08:00:00Z"}}'
    text = "<p>The bridge is closed until the end of the week, said the mayor on Monday.</p>" * 5
    page = f'<script type="application/ld+json">{code}</script><h1>Bridge</h1>{text}'
    result = read(PageInput(page.encode(), "https://example.org/a"), Templates())
    assert isinstance(result, Read)
    reading = result.reading
    assert (reading.published_at is not None) is (said == "datePublished")
    assert (reading.modified_at is not None) is (said == "dateModified")
    stated = reading.details["candidates"]
    assert len(stated.get("published_at", [])) == (said == "datePublished")


def test_a_page_of_another_site_is_no_article_of_this_one() -> None:
    links = "".join(f'<a href="https://other.example/{n}">{n}</a>' for n in range(9))
    head = '<link rel="canonical" href="https://other.example/">'
    body = f"<html><head>{head}</head><body>{links}{ARTICLE}</body></html>".encode()
    result = read(PageInput(body, URL), Templates())
    assert result == NoArticle(Outcome.NOT_ARTICLE, "another site's: other.example")
    own = body.replace(b"<body>", b'<body><a href="/">Home</a>')
    assert isinstance(read(PageInput(own, URL), Templates()), Read)


@pytest.mark.parametrize("sentences", [1, 5])
def test_a_draft_gives_what_reading_the_page_gives(sentences: int) -> None:
    """With a template of which nothing was known when the page was read, short texts too."""
    bodies = [
        wordpress.page(replace(post, texts=post.texts[:sentences]), furniture="<p>{}</p>")
        for post in wordpress.posts(6)
    ]
    pages = [PageInput(body, f"https://example.org/{n}") for n, body in enumerate(bodies)]
    first = [result for page in pages if isinstance(result := read(page, Templates()), Read)]
    assert len(first) == len(pages)
    learned = learn(Templates(), [it.sample for it in first], {})
    again = [clean(it.draft, learned) for it in first]
    assert again == [read(page, learned) for page in pages]
    assert again != first
    assert [clean(it.draft, Templates()) for it in first] == first
    known = again[0]
    assert isinstance(known, Read)
    assert clean(known.draft, learned) == known
