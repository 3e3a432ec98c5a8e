"""A page that was taken for an article alone is told for what it is by its site."""

from dataclasses import replace
from random import Random

import pytest

from crawler.extraction.article import PageKind
from crawler.extraction.kind.site import SitePage, correct_kinds
from tests.support.generated_news import generate_articles

SITE = "https://daily.example"
ARTICLES = [
    SitePage(
        url=f"{SITE}/politics/{number}-story",
        kind=PageKind.ARTICLE,
        title=article.title,
        texts=(article.standfirst, *article.paragraphs),
        section="Politics",
        authors=("Ana Ruiz",),
        dated=True,
        listed=number % 2 == 0,
    )
    for number, article in enumerate(generate_articles(12))
]
OPENINGS = [one.texts[0] for one in ARTICLES[:3]]
PROSE = ("We have told the news of the harbour since 1921.", "Our newsroom has nine people.")


def page(path: str, **fields: object) -> SitePage:
    plain = SitePage(url=SITE + path, kind=PageKind.ARTICLE, title="Some page", texts=PROSE)
    return replace(plain, **fields)  # type: ignore[arg-type]


def kind_after(one: SitePage, *, among: list[SitePage] = ARTICLES) -> tuple[PageKind, str]:
    found = correct_kinds([*among, one])
    assert set(found) <= {one.url}, "no article is lost"
    correction = found.get(one.url)
    return (correction.kind, correction.reason) if correction else (one.kind, "")


def test_articles_stay_what_they_are() -> None:
    assert correct_kinds(ARTICLES) == {}
    assert correct_kinds([]) == {}


@pytest.mark.parametrize(
    ("one", "kind", "reason"),
    [
        (page("/about"), PageKind.STATIC, "it has no date and no byline, as the site's articles"
        " have"),
        (
            page("/latest", dated=True, texts=[one.title for one in ARTICLES[:6]]),
            PageKind.LISTING, "it repeats the openings of 6 articles",
        ),
        (
            page("/latest", dated=True, authors=("Ana Ruiz",), texts=OPENINGS),
            PageKind.LISTING, "it repeats the openings of 3 articles",
        ),
        (
            page("/p/8", authors=("The Daily",)),
            PageKind.STATIC, "it has no date and no byline, as the site's articles have",
        ),
        (page("/politics/"), PageKind.LISTING, "12 articles have addresses below its own"),
        (page("/p/7", title="POLITICS"), PageKind.LISTING, "its title is a section of the site"),
    ],
)  # fmt: skip
def test_what_the_site_tells(one: SitePage, kind: PageKind, reason: str) -> None:
    assert kind_after(one) == (kind, reason)


@pytest.mark.parametrize(
    "one",
    [
        page("/report", dated=True),
        page("/report", authors=("Ana Ruiz",)),
        page("/report", listed=True),
        page("/politics", dated=True, authors=("Ana Ruiz",)),
        # an article that quotes another's opening, and one of the same title
        page("/report", dated=True, texts=(*PROSE, ARTICLES[0].texts[0])),
        page("/report", dated=True, title=ARTICLES[0].title),
    ],
)
def test_what_it_does_not_tell(one: SitePage) -> None:
    assert kind_after(one) == (PageKind.ARTICLE, "")


def test_little_is_told_of_a_site_of_which_little_is_known() -> None:
    assert kind_after(page("/about"), among=ARTICLES[:5]) == (PageKind.ARTICLE, "")
    undated = [replace(one, dated=False) for one in ARTICLES]
    assert kind_after(page("/about"), among=undated) == (PageKind.ARTICLE, "")


def test_one_text_at_several_addresses_is_a_wall() -> None:
    walls = [page(f"/n/{number}", listed=True, dated=True) for number in range(3)]
    found = correct_kinds([*ARTICLES, *walls])
    assert {each.kind for each in found.values()} == {PageKind.GATE}
    assert len(found) == 3
    assert correct_kinds([*ARTICLES, *walls[:2]]) == {}


def test_a_list_makes_an_article_of_what_seemed_static() -> None:
    static = page("/contact", kind=PageKind.STATIC, listed=True)
    assert kind_after(static)[0] is PageKind.ARTICLE
    assert kind_after(replace(static, listed=False))[0] is PageKind.STATIC
    assert kind_after(replace(static, texts=()))[0] is PageKind.STATIC


def test_the_order_of_pages_decides_nothing() -> None:
    pages = [*ARTICLES, page("/about"), page("/politics/"), page("/p/7", title="Politics")]
    expected = correct_kinds(pages)
    for seed in range(5):
        shuffled = Random(seed).sample(pages, len(pages))
        assert correct_kinds(shuffled) == expected
