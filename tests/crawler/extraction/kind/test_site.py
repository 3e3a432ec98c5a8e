"""A page that was taken for an article alone is told for what it is by its site."""

from dataclasses import replace
from datetime import UTC, datetime
from random import Random

import pytest

from crawler.extraction.article import PageKind
from crawler.extraction.kind.site import SitePage, correct_kinds
from tests.support.generated_news import generate_articles

NOON = datetime(2026, 1, 3, 12, 10, tzinfo=UTC)
SITE = "https://daily.example"
ARTICLES = [
    SitePage(
        url=f"{SITE}/politics/{number}-story",
        kind=PageKind.ARTICLE,
        title=article.title,
        texts=(article.standfirst, *article.paragraphs),
        section="Politics",
        authors=("Ana Ruiz",),
        published_at=article.published_at,
        listed=number % 2 == 0,
    )
    for number, article in enumerate(generate_articles(12))
]
OPENINGS = [one.texts[0] for one in ARTICLES[:3]]
TITLES = [one.title for one in ARTICLES[:6]]
LACKING = "it has no date and no byline, as the site's articles have"
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
        (page("/about"), PageKind.STATIC, f"{LACKING}, and an address unlike theirs"),
        # no other address than theirs, but filed under nothing
        (page("/politics/99-the-house-we-are"), PageKind.STATIC, LACKING),
        (
            page("/latest", published_at=NOON, texts=[one.title for one in ARTICLES[:6]]),
            PageKind.LISTING, "it repeats the openings of 6 articles",
        ),
        (
            page("/latest", published_at=NOON, authors=("Ana Ruiz",), texts=OPENINGS),
            PageKind.LISTING, "it repeats the openings of 3 articles",
        ),
        (
            page("/p/8", authors=("The Daily",)),
            PageKind.STATIC, LACKING,
        ),
        (page("/politics/"), PageKind.LISTING, "12 articles have addresses below its own"),
        (page("/p/7", title="POLITICS"), PageKind.LISTING, "its title is a section of the site"),
        # what was published in a month, whole
        (
            page("/t/9", texts=[text for one in ARTICLES[:3] for text in one.texts]),
            PageKind.LISTING, "it repeats the texts of 3 articles",
        ),
        # a tag's own words, and the titles that stand below them, cut short
        (
            page("/t/7", shown=[f"{one.title[:70]}…" for one in ARTICLES[:6]]),
            PageKind.LISTING, "it lists 6 articles",
        ),
        # the date and the byline are those of the first article in it
        (
            page(
                "/t/8",
                texts=(PROSE[0], *OPENINGS),
                published_at=ARTICLES[2].published_at,
                authors=("Ana Ruiz",),
                shown=[one.title for one in ARTICLES[:5]],
            ),
            PageKind.LISTING, "it repeats the openings of 3 articles",
        ),
    ],
)  # fmt: skip
def test_what_the_site_tells(one: SitePage, kind: PageKind, reason: str) -> None:
    assert kind_after(one) == (kind, reason)


@pytest.mark.parametrize(
    "one",
    [
        page("/report", published_at=NOON),
        page("/report", authors=("Ana Ruiz",)),
        page("/report", listed=True),
        page("/politics", published_at=NOON, authors=("Ana Ruiz",)),
        # an article that quotes another's opening, and one of the same title
        page("/report", published_at=NOON, texts=(*PROSE, ARTICLES[0].texts[0])),
        page("/report", published_at=NOON, title=ARTICLES[0].title),
        # a brief of one line, beside it the titles of others
        page("/brief", published_at=NOON, texts=("The ferry is late.",), shown=TITLES),
        # a dated page that nobody signed, at an address of its own kind
        page("/specials/harbour-1921", published_at=NOON, texts=PROSE * 9),
        # a round-up with words of its own between the openings of others
        page(
            "/politics/100-week",
            published_at=NOON,
            authors=("Ana Ruiz",),
            texts=(*PROSE, *(f"{one} {PROSE[0]}" for one in OPENINGS), *PROSE, *PROSE),
        ),
        # a list of links that the feed names
        page("/politics/101-best", listed=True, texts=TITLES),
    ],
)
def test_what_it_does_not_tell(one: SitePage) -> None:
    assert kind_after(one) == (PageKind.ARTICLE, "")


def test_little_is_told_of_a_site_of_which_little_is_known() -> None:
    assert kind_after(page("/about"), among=ARTICLES[:5]) == (PageKind.ARTICLE, "")
    undated = [replace(one, published_at=None) for one in ARTICLES]
    assert kind_after(page("/about"), among=undated) == (PageKind.ARTICLE, "")


def test_one_text_at_several_addresses_is_a_wall() -> None:
    walls = [page(f"/n/{number}", listed=True, published_at=NOON) for number in range(3)]
    found = correct_kinds([*ARTICLES, *walls])
    assert {each.kind for each in found.values()} == {PageKind.GATE}
    assert len(found) == 3
    assert correct_kinds([*ARTICLES, *walls[:2]]) == {}


def test_a_list_makes_an_article_of_what_seemed_static() -> None:
    static = page("/contact", kind=PageKind.STATIC, listed=True)
    assert kind_after(static)[0] is PageKind.ARTICLE
    assert kind_after(replace(static, listed=False))[0] is PageKind.STATIC
    assert kind_after(replace(static, texts=()))[0] is PageKind.STATIC


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        (page("/about", listed=True), "a feed or news sitemap lists it"),
        (
            page("/about", published_at=NOON, authors=("Ana Ruiz",)),
            "it has a date and a byline of its own",
        ),
    ],
)
@pytest.mark.parametrize("kind", [PageKind.STATIC, PageKind.LISTING])
def test_what_was_taken_for_none_comes_back(one: SitePage, reason: str, kind: PageKind) -> None:
    assert kind_after(replace(one, kind=kind)) == (PageKind.ARTICLE, reason)


@pytest.mark.parametrize(
    "one",
    [
        page("/about"),
        page("/about", published_at=NOON),
        page("/about", listed=True, texts=()),
        # a system may date its static pages too, and sign them as all
        page("/about", title="About us", published_at=NOON, authors=("Ana Ruiz",)),
        page("/latest", published_at=NOON, authors=("Ana Ruiz",), texts=OPENINGS),
    ],
)
def test_what_is_none_stays_none(one: SitePage) -> None:
    assert kind_after(replace(one, kind=PageKind.LISTING)) == (PageKind.LISTING, "")


def test_a_wall_comes_back_when_it_has_a_text_of_its_own() -> None:
    wall = page("/n/1", kind=PageKind.GATE)
    assert kind_after(wall) == (PageKind.GATE, "")
    assert kind_after(replace(wall, anew=True)) == (
        PageKind.ARTICLE,
        "it has a text of its own now",
    )


def test_the_order_of_pages_decides_nothing() -> None:
    pages = [*ARTICLES, page("/about"), page("/politics/"), page("/p/7", title="Politics")]
    expected = correct_kinds(pages)
    for seed in range(5):
        shuffled = Random(seed).sample(pages, len(pages))
        assert correct_kinds(shuffled) == expected


def test_a_name_that_the_house_puts_below_all_its_pages_signs_none() -> None:
    name = "The Harbour Daily"
    among = [replace(one, authors=(name,)) for one in ARTICLES]
    about = page("/about", kind=PageKind.STATIC, published_at=NOON, authors=(name,))
    assert kind_after(about, among=among)[0] is PageKind.ARTICLE  # it may be a person's
    lists = [page(f"/t/{n}", kind=PageKind.LISTING, title=name) for n in range(3)]
    assert kind_after(about, among=[*among, *lists])[0] is PageKind.STATIC
