"""What extraction makes of each page of a site, in the markup of twelve publishing systems."""

import pytest

from crawler.extraction import PageKind, extract
from crawler.extraction.kind.site import SitePage, correct_kinds, page_of
from tests.systems.site import SYSTEMS, WALLED, build

ORIGIN = "https://harbour.example"
ARTICLES = (PageKind.ARTICLE, PageKind.LIVE_BLOG)


@pytest.mark.parametrize("system", SYSTEMS)
def test_articles_are_found_and_other_pages_kept_out(system: str) -> None:
    seen: list[SitePage] = []
    wrong = []
    for path, page in build(system, ORIGIN, edition=2).items():
        if not page.is_html:
            continue
        article = extract(page.body.encode(), url=ORIGIN + path)
        seen.append(page_of(article, ORIGIN + path, listed=False))
        if (article.kind in ARTICLES) is not (page.texts is not None):
            wrong.append((path, article.kind))
        if page.texts is not None:
            assert article.text == "\n".join(page.texts)
            assert article.title == page.title
            assert article.published_at is not None
            assert len(article.authors) == 1
            assert article.partial is (WALLED in path)
    assert wrong == []
    assert correct_kinds(seen) == {}, "the site's other pages find nothing to correct"


def test_there_are_twelve() -> None:
    assert len(SYSTEMS) == 12
