"""What extraction makes of each page of a site, in the markup of twelve publishing systems."""

import pytest

from crawler.extraction import PageKind, TemplateLearner, extract
from crawler.extraction.kind.site import SitePage, correct_kinds, page_of
from crawler.extraction.template.samples import PageSample
from tests.systems.days import SECOND
from tests.systems.site import SYSTEMS, build

ORIGIN = "https://harbour.example"
ARTICLES = (PageKind.ARTICLE, PageKind.LIVE_BLOG)
# what it puts into a text is told by the other pages alone
TOLD_BY_OTHERS = frozenset({"jekyll"})


@pytest.mark.parametrize("system", SYSTEMS)
def test_articles_are_found_and_other_pages_kept_out(system: str) -> None:
    seen: list[SitePage] = []
    wrong = []
    pages = {path: it for path, it in build(system, ORIGIN, SECOND).items() if it.is_html}
    template = None
    if system in TOLD_BY_OTHERS:
        learner = TemplateLearner()
        for path, page in pages.items():
            article = extract(page.body.encode(), url=ORIGIN + path)
            if page.texts is not None:
                learner.add(PageSample(article.skeleton, article.outline, title=article.title))
        template = learner.template()
    for path, page in pages.items():
        article = extract(page.body.encode(), url=ORIGIN + path, templates=template)
        seen.append(page_of(article, ORIGIN + path, listed=False))
        if (article.kind in ARTICLES) is not (page.texts is not None):
            wrong.append((path, article.kind))
        if page.texts is not None:
            assert article.text == "\n".join(page.texts)
            assert article.title == page.title
            assert article.published_at is not None
            assert len(article.authors) == 1
            assert article.partial is page.partial
            assert tuple(it.at for it in article.live_entries) == page.times
    assert wrong == []
    assert correct_kinds(seen) == {}, "the site's other pages find nothing to correct"


def test_there_are_twelve() -> None:
    assert len(SYSTEMS) == 12
