"""Articles in every markup of ours are articles."""

import pytest

from crawler.extraction import PageKind, extract
from tests.benchmark.corpora import Case
from tests.benchmark.own_pages import own_corpora

CORPORA = own_corpora()


@pytest.mark.parametrize("cases", CORPORA.values(), ids=CORPORA)
def test_no_article_is_lost(cases: list[Case]) -> None:
    kinds = {case.id: extract(case.body, url=case.url).kind for case in cases}
    lost = {id: kind for id, kind in kinds.items() if kind is not PageKind.ARTICLE}
    assert set(lost.values()) <= {PageKind.LIVE_BLOG}
