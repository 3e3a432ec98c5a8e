import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml.html import document_fromstring

from crawler.extraction.metadata.titles import MAX_TITLE, read_title
from crawler.extraction.page.meta_tags import read_meta_tags
from crawler.extraction.page.structured import read_structured
from crawler.extraction.page.wording import squash


def title_of(
    *,
    title: str = "",
    og: str = "",
    headline: str = "",
    body: str = "",
    sites: tuple[str, ...] = (),
    url: str | None = None,
) -> str:
    page = f"<html><head><title>{title}</title>"
    page += f'<meta property="og:title" content="{og}">' if og else ""
    if headline:
        page += '<script type="application/ld+json">{"@type":"NewsArticle","headline":"'
        page += f'{headline}"}}</script>'
    tree = document_fromstring(f"{page}</head><body>{body}<p>x</p></body></html>")
    return read_title(
        tree, read_structured(tree), read_meta_tags(tree), {*map(squash, sites)}, url=url
    )[0]


@pytest.mark.parametrize(
    "tab",
    [
        "Old bridge reopens after ten years | The Daily",
        "Old bridge reopens after ten years - The Daily",
        "The Daily » Old bridge reopens after ten years",
        "Old bridge reopens after ten years – News – The Daily",
        "Old bridge reopens after ten years-NewsㅣThe Daily",
    ],
)
def test_the_tab_loses_what_stands_beside_the_heading(tab: str) -> None:
    body = "<h1>Old bridge reopens after ten years</h1>"
    assert title_of(title=tab, body=body) == "Old bridge reopens after ten years"


@pytest.mark.parametrize(
    ("tab", "title"),
    [
        ("Old bridge reopens after ten years - The Daily", "Old bridge reopens after ten years"),
        (
            "Old bridge reopens after ten years | Somebody Else",
            "Old bridge reopens after ten years",
        ),
        ("The Daily - Old bridge reopens", "Old bridge reopens"),
        ("The Daily | Old bridge reopens - The Daily", "Old bridge reopens"),
        ("The Daily", "The Daily"),
        ("Spider-Man returns", "Spider-Man returns"),
        ("Old bridge: a history", "Old bridge: a history"),
    ],
)
def test_without_a_heading_only_names_of_the_site_go(tab: str, title: str) -> None:
    assert title_of(title=tab, sites=("The Daily", "daily.example")) == title


def test_the_heading_outweighs_three_that_agree() -> None:
    other = "Bridge reopens: all you need to know"
    heading = "Ten years on, cars are back on the bridge"
    assert title_of(title=other, og=other, headline=other, body=f"<h1>{heading}</h1>") == heading


TITLE = "Old bridge over the harbour reopens after ten years of works"


@pytest.mark.parametrize("heading", ["The Daily", "Blog", "Log in"])
def test_a_heading_that_has_nothing_in_common_with_the_page_is_no_title(heading: str) -> None:
    given = title_of(title=TITLE, og=TITLE, body=f"<h1>{heading}</h1>", sites=("The Daily",))
    assert given == TITLE


def test_a_heading_of_another_article_is_no_title() -> None:
    body = f"<h1>Storm in the south of the country</h1><h1>{TITLE}</h1>"
    assert title_of(title=f"{TITLE} | The Daily", og=TITLE, body=body) == TITLE


@pytest.mark.parametrize(
    "wrapper",
    [
        "<nav><ul><li>{}</li></ul></nav>",
        '<div class="Breadcrumbs_x"><div>{}</div></div>',
        "<aside>{}</aside>",
    ],
)
def test_a_heading_in_a_breadcrumb_gives_way_to_the_one_that_is_shown(wrapper: str) -> None:
    crumb = wrapper.format("<h1>Bridge traffic reopening date guide</h1>")
    assert (
        title_of(
            title="Bridge traffic reopening date guide | The Daily",
            og="At last: the bridge is back",
            headline="At last: the bridge is back",
            body=f"{crumb}<article><h2>At last: the bridge is back</h2></article>",
        )
        == "At last: the bridge is back"
    )


def test_a_kicker_inside_the_heading_is_left_out_where_the_page_does_so_elsewhere() -> None:
    body = "<h1><span>Traffic</span> <span>Bridge reopens</span></h1>"
    assert title_of(title="Bridge reopens", og="Bridge reopens", body=body) == "Bridge reopens"
    assert title_of(title="Traffic: Bridge reopens", body=body) == "Traffic Bridge reopens"


def test_words_that_markup_parts_stay_apart() -> None:
    assert title_of(body="<h1>Old bridge<br>reopens</h1>") == "Old bridge reopens"


@pytest.mark.parametrize(
    "title",
    [
        "« Je pars », dit le maire",
        "Le maire : « Je reste »",
        "« Je reste »",
        "«Ich gehe», sagt er",
        "»Ich gehe«, sagt er",
    ],
)
@pytest.mark.parametrize("tab", ["{}", "{} - Le Jour", "{} | Le Jour", "Le Jour : {}"])
def test_quotations_keep_their_marks(title: str, tab: str) -> None:
    assert title_of(title=tab.format(title), body=f"<h1>{title}</h1>") == title
    if not tab.startswith("Le Jour"):
        assert title_of(title=tab.format(title), sites=("Le Jour",)) == title


@pytest.mark.parametrize("cut", ["Schnellere Hilfe: ", "Schnellere Hilfe: \\"])
def test_a_title_that_a_quotation_mark_ended_is_none(cut: str) -> None:
    heading = "Schnellere Hilfe: “Jobs für alle” in Kürze"
    assert title_of(og=cut, headline=cut.strip("\\"), title=heading) == heading


def test_marks_that_part_a_title_from_sections_end_none() -> None:
    tab = "Old bridge reopens » Local » News » The Daily Post of the North"
    assert title_of(title=tab, body="<h1>Old bridge reopens</h1>") == "Old bridge reopens"


def test_a_heading_that_leads_to_the_front_page_is_the_sites_name() -> None:
    body = "<header><h1><a href='/'>Ann’s notes</a></h1></header>"
    assert title_of(title="A brief intro • Ann’s notes", body=body) == "A brief intro"


def test_entities_and_white_space() -> None:
    assert title_of(title="Fish &amp;amp; chips\n  &amp; more") == "Fish & chips & more"


def test_a_page_without_any_title() -> None:
    assert title_of() == ""


def test_the_candidates_are_kept_as_they_were() -> None:
    tree = document_fromstring("<title>Bridge reopens | The Daily</title><h1>Bridge reopens</h1>")
    _, candidates = read_title(tree, read_structured(tree), read_meta_tags(tree), set())
    assert [(c.value, c.source) for c in candidates] == [
        ("Bridge reopens", "h1"),
        ("Bridge reopens | The Daily", "title"),
    ]


_TEXT = st.text(alphabet="ab |-–:»ㅣ é&;", max_size=80)


@settings(deadline=None)
@given(_TEXT, _TEXT, _TEXT)
def test_anything_gives_a_bounded_title(tab: str, heading: str, site: str) -> None:
    title = title_of(title=tab, body=f"<h1>{heading}</h1>", sites=(site,))
    assert len(title) <= MAX_TITLE
    assert title == title.strip()


def test_a_japanese_headline_keeps_the_space_that_divides_it() -> None:
    headline = "朝市に魚屋\u3000「捨てる魚はない」"
    assert (
        title_of(title=f"{headline}：港新聞", og=headline, body=f"<h1>{headline}</h1>") == headline
    )


def test_headings_in_headings_cost_no_more_than_their_number() -> None:
    body = "<h2>" * 100 + "word " * 100_000
    started = time.process_time()
    assert title_of(title="A title", body=body) == "A title"
    assert time.process_time() - started < 1


def test_the_name_in_the_logo_is_cut_from_the_tab_and_leaves_the_heading() -> None:
    body = "<h1><a href='/'>gazette</a></h1><article><h2><a href='/bridge'>Old bridge</a></h2>"
    assert title_of(title="gazette - Old bridge", body=body + "</article>") == "Old bridge"


@pytest.mark.parametrize("own", [".", "#", "./", "https://daily.example/news/bridge/"])
def test_a_heading_that_links_to_its_own_page_is_no_logo(own: str) -> None:
    body = f"<h1><a href='../../'>Daily</a></h1><h1><a href='{own}'>Old bridge reopens at last</a>"
    url = "https://daily.example/news/bridge/"
    title = title_of(title="Old bridge | Daily", og="Old bridge reopens", body=body, url=url)
    assert title == "Old bridge reopens at last"
