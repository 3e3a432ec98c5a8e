"""What extraction makes of the demonstration site is exactly what the site says it holds."""

from functools import cache

import pytest

from crawler.extraction import Article, Template, extract, learn_template
from crawler.extraction.page_input import PageInput
from scripts.demo.articles import EDITIONS
from scripts.demo.desks import read_desks
from scripts.demo.server import DemoSite, catalogue

ORIGIN = "http://127.0.0.1:8000"
TRUTH = [
    (edition, path, title, text)
    for edition in EDITIONS
    for path, (title, text) in DemoSite.articles(edition).items()
]


def page(edition: int, path: str, fetch: int) -> tuple[bytes, str]:
    """The page as the site answers its request number `fetch`."""
    body = catalogue(edition, ORIGIN).resources[path].render(fetch)
    return body.encode() if isinstance(body, str) else body, f"{ORIGIN}{path}"


def read(edition: int, path: str, fetch: int, template: Template | None = None) -> Article:
    body, url = page(edition, path, fetch)
    return extract(PageInput(body, url=url), templates=template)


@cache
def learned(edition: int) -> Template:
    """The template of the whole site, as one crawl of it would teach."""
    paths = DemoSite.articles(edition)
    return learn_template(page(edition, path, fetch) for fetch, path in enumerate(paths))


@pytest.mark.parametrize(("edition", "path", "title", "text"), TRUTH)
def test_an_article_is_the_sites_words_and_nothing_else(
    edition: int, path: str, title: str, text: str
) -> None:
    article = read(edition, path, 0, learned(edition))
    assert article.title == title
    assert article.text == text


@pytest.mark.parametrize("path", DemoSite.articles(EDITIONS[0]))
def test_an_advert_that_changes_at_each_fetch_is_no_edit(path: str) -> None:
    bodies = {page(1, path, fetch)[0] for fetch in range(3)}
    assert len(bodies) == 3
    for template in (None, learned(1)):
        assert len({read(1, path, fetch, template).text for fetch in range(3)}) == 1


@pytest.mark.parametrize(
    "path",
    [
        path
        for desk in read_desks().values()
        for path in (desk.front, *(section.path for section in desk.sections.values()))
    ],
)
def test_fronts_and_sections_are_no_articles(path: str) -> None:
    assert read(1, path, 0).kind == "listing"


def test_a_template_of_one_edition_reads_the_other() -> None:
    for path, (_, text) in DemoSite.articles(2).items():
        assert read(2, path, 5, learned(1)).text == text
