"""`permalien extract` of saved pages."""

from pathlib import Path

import pytest

from tests.support.console import Console

ARTICLE = """<!doctype html><html lang="en"><head><title>The bridge stays open</title>
<meta property="og:type" content="article"></head><body><article><h1>The bridge stays open</h1>
<p>The council met on Monday evening and heard the engineers, who said that the old bridge over
the river can carry every lorry of the town for another forty years at least.</p>
<p>Nobody spoke against it, and so the detour by the mill is history before it began.</p>
</article></body></html>"""
LISTING = """<!doctype html><html><head><title>News</title></head><body>{}</body></html>""".format(
    "".join(f'<h2><a href="/{n}">The {n}th headline of the day</a></h2>' for n in range(12))
)


@pytest.fixture
def page(tmp_path: Path) -> Path:
    return tmp_path / "page.html"


def test_an_article_exits_with_0(console: Console, page: Path) -> None:
    page.write_text(ARTICLE, encoding="utf-8")
    assert "another forty years" in console.shows("extract", str(page))


@pytest.mark.parametrize("more", [(), ("--json",), ("--removed",)])
def test_a_page_that_is_no_article_is_told_and_exits_with_1(
    console: Console, page: Path, more: tuple[str, ...]
) -> None:
    page.write_text(LISTING, encoding="utf-8")
    done = console.run("extract", str(page), "--url", "https://example.org/news/", *more)
    assert (done.code, done.err) == (
        1,
        f"permalien: {page}: no article, the page is of kind listing\n",
    )
    if more == ("--json",):
        assert done.json()["kind"] == "listing"
