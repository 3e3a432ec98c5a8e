from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml.html import document_fromstring

from crawler.extraction.metadata.dates import MAX_CANDIDATES, Dates, read_dates
from crawler.extraction.page.meta_tags import read_meta_tags
from crawler.extraction.page.structured import read_structured
from crawler.extraction.page.surroundings import around_heading


def dates_of(page: str, *, url: str | None = None, language: str | None = None) -> Dates:
    tree = document_fromstring(f"<html><body><h1>Bridge reopens</h1>{page}</body></html>")
    near = around_heading(tree, "Bridge reopens")
    return read_dates(
        tree, read_structured(tree), read_meta_tags(tree), near, url=url, language=language
    )


def json_ld(**properties: str) -> str:
    said = "".join(f', "{name}": "{value}"' for name, value in properties.items())
    return f'<script type="application/ld+json">{{"@type": "Article"{said}}}</script>'


def meta(name: str, content: str) -> str:
    return f'<meta property="{name}" content="{content}">'


def day(moment: datetime | None) -> str | None:
    return moment.date().isoformat() if moment else None


def test_declarations_come_first_and_every_one_is_kept() -> None:
    page = (
        json_ld(datePublished="2024-05-03T10:00:00+02:00", dateModified="2024-05-04T10:00:00Z")
        + meta("article:published_time", "2024-05-02T10:00:00Z")
        + '<time datetime="2024-05-01">1 May</time>'
    )
    dates = dates_of(page, url="https://example.org/2024/04/30/bridge")
    assert dates.published_at == datetime.fromisoformat("2024-05-03T10:00:00+02:00")
    assert dates.modified_at == datetime.fromisoformat("2024-05-04T10:00:00+00:00")
    assert [candidate.source for candidate in dates.published] == [
        "json-ld:datePublished",
        "meta:article:published_time",
        "time",
        "url",
    ]


@pytest.mark.parametrize(
    ("first", "second", "chosen"),
    [
        ("2024-05-03", "2024-05-03T18:00:00+02:00", "2024-05-03T18:00:00+02:00"),
        ("2024-05-03T18:00:12", "2024-05-03T18:00:00+02:00", "2024-05-03T18:00:00+02:00"),
        ("2024-05-03T18:00:00", "2024-05-03T16:00:00+00:00", "2024-05-03T18:00:00+00:00"),
        ("2024-05-03", "2024-05-09T18:00:00+02:00", "2024-05-03T00:00:00+00:00"),
    ],
)
def test_a_statement_borrows_the_time_and_zone_of_one_that_agrees(
    first: str, second: str, chosen: str
) -> None:
    page = json_ld(datePublished=first) + meta("article:published_time", second)
    published = dates_of(page).published_at
    assert published
    assert published.isoformat() == chosen


@pytest.mark.parametrize(
    "page",
    [
        meta("parsely-pub-date", "2024-05-03T10:00:00Z"),
        '<p>By Ana Ruiz <time datetime="2024-05-03T10:00Z">yesterday</time></p>',
        "<p><time>May 3, 2024</time></p>",
        "<div>By Ana Ruiz</div><div>May 3, 2024 · 5 min read</div>",
        "<p>Published: 3 May 2024</p>",
        json_ld(dateCreated="2024-05-03"),
        "<p>No date near</p>" + "<i></i>" * 100 + '<span class="post-date">3 May 2024</span>',
    ],
)
def test_where_a_date_is_found(page: str) -> None:
    assert day(dates_of(page).published_at) == "2024-05-03"


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://example.org/2024/05/03/bridge", "2024-05-03"),
        ("https://example.org/news/2024-05-03-bridge.html", "2024-05-03"),
        ("https://example.org/a/20240503/x", "2024-05-03"),
        ("https://example.org/a/A2024050309151234567", "2024-05-03"),
        ("https://example.org/a/2024059999", None),
        ("https://example.org/a/120240503", None),
        ("https://example.org/2024/05/bridge", None),
        ("http://[", None),
        (None, None),
    ],
)
def test_the_day_in_an_address(url: str | None, expected: str | None) -> None:
    assert day(dates_of("<p>Text</p>", url=url).published_at) == expected


def test_an_update_is_no_publication() -> None:
    page = (
        "<p>Updated <time datetime='2024-05-09'>9 May</time></p>"
        "<p>Published <time datetime='2024-05-03'>3 May</time></p>"
    )
    dates = dates_of(page)
    assert (day(dates.published_at), day(dates.modified_at)) == ("2024-05-03", "2024-05-09")
    words = dates_of("<p>Zuletzt aktualisiert: 9.5.2024</p><p>Erschienen am 3.5.2024</p>")
    assert (day(words.published_at), day(words.modified_at)) == ("2024-05-03", "2024-05-09")


def test_of_two_days_in_one_text_the_one_behind_the_update_s_word_is_the_update() -> None:
    dates = dates_of("<p>By Ana Ruiz, 3 May 2024. Updated: 9 May 2024</p>")
    assert (day(dates.published_at), day(dates.modified_at)) == ("2024-05-03", "2024-05-09")
    alone = dates_of("<p>9 May 2024 (updated)</p>")
    assert (day(alone.published_at), day(alone.modified_at)) == ("2024-05-09", "2024-05-09")


def test_a_page_that_dates_only_its_update_says_so() -> None:
    dates = dates_of(meta("article:modified_time", "2024-05-09T10:00:00Z"))
    assert day(dates.published_at) == "2024-05-09"
    assert [candidate.source for candidate in dates.published] == ["meta:article:modified_time"]


def test_the_dates_of_other_articles_are_not_read() -> None:
    far = "<i></i>" * 100
    page = f"<p>Text</p>{far}<aside><time datetime='2024-05-01'></time></aside>"
    assert dates_of(page).published_at is None


def test_the_language_says_which_number_is_the_month() -> None:
    page = meta("date", "03/04/2024")
    assert day(dates_of(page, language="en-US").published_at) == "2024-03-04"
    assert day(dates_of(page, language="en-GB").published_at) == "2024-04-03"
    assert day(dates_of(page, language="fr").published_at) == "2024-04-03"


def test_the_picture_is_the_last_resort() -> None:
    page = meta("og:image", "https://example.org/images/2024/05/03/bridge.jpg")
    assert day(dates_of(page).published_at) == "2024-05-03"


@settings(deadline=None)
@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=40))
def test_hostile_dates_raise_nothing(declared: str, shown: str, url: str) -> None:
    tree = document_fromstring("<h1>x</h1><meta name='date'><time></time><p></p>")
    for element, text in zip(tree.iter("meta", "time"), (declared, shown), strict=True):
        element.set("content", "".join(filter(str.isprintable, text)))
        element.set("datetime", "".join(filter(str.isprintable, text)))
    near = around_heading(tree, "x")
    dates = read_dates(tree, read_structured(tree), read_meta_tags(tree), near, url=url)
    assert dates.published_at is None or dates.published_at.utcoffset() is not None
    assert len(dates.published) <= MAX_CANDIDATES


@pytest.mark.parametrize(
    "code",
    [
        '<script>window.config = {"build": "2019-05-05"}</script>',
        '<script type="application/json">{"expires": "2031-05-05T00:00:00Z"}</script>',
        "<style>/* 2019-05-05 */</style>",
        '<div class="meta date"><script>var built = "2019-05-05"</script></div>',
    ],
)
def test_code_is_not_shown(code: str) -> None:
    assert dates_of(f"{code}<p>It is open.</p>{code}").published_at is None
    dated = f"<p class=date>{code}5 May 2024</p>{code}"
    assert day(dates_of(dated).published_at) == "2024-05-05"


def test_the_words_of_an_update_s_time_are_an_update() -> None:
    page = 'Updated <time datetime="2024-05-09T10:00:00Z">9 May 2024</time>'
    dates = dates_of(f"<p>{page}</p>")
    assert (day(dates.published_at), day(dates.modified_at)) == ("2024-05-09", "2024-05-09")
    assert dates.published == dates.modified


def test_an_hatom_date_has_the_time_that_its_text_leaves_out() -> None:
    dates = dates_of(
        '<abbr class="published" title="2026-09-04T10:15:00+01:00">Fri 04 September 2026</abbr>'
        '<abbr class="updated" title="2026-09-05T11:00:00+01:00">Sat 05 September 2026</abbr>'
    )
    assert dates.published_at == datetime.fromisoformat("2026-09-04T10:15:00+01:00")
    assert dates.modified_at == datetime.fromisoformat("2026-09-05T11:00:00+01:00")


def test_another_abbreviation_is_no_date() -> None:
    dates = dates_of('<abbr title="2026-09-04">EUROPA</abbr>')
    assert dates.published_at is None
