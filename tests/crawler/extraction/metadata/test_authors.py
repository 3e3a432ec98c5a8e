import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml.html import document_fromstring

from crawler.extraction.metadata.authors import MAX_AUTHORS, names_somebody, read_authors
from crawler.extraction.page.meta_tags import read_meta_tags
from crawler.extraction.page.structured import read_structured
from crawler.extraction.page.surroundings import around_heading

SITES = {"thedaily", "dailyexample"}


def authors_of(page: str, author: object = None) -> list[str]:
    head = ""
    if author is not None:
        node = json.dumps({"@type": "Article", "author": author})
        head = f'<script type="application/ld+json">{node}</script>'
    tree = document_fromstring(
        f"<html><head>{head}</head><body><h1>Bridge reopens</h1>{page}<p>Text.</p></body></html>"
    )
    near = around_heading(tree, "Bridge reopens")
    return [*read_authors(tree, read_structured(tree), read_meta_tags(tree), near, SITES)[0]]


@pytest.mark.parametrize(
    ("author", "names"),
    [
        ("Ana Ruiz", ["Ana Ruiz"]),
        ({"@type": "Person", "name": "Ana Ruiz"}, ["Ana Ruiz"]),
        ([{"name": "Ana Ruiz"}, {"name": "Bo Ek"}], ["Ana Ruiz", "Bo Ek"]),
        ({"name": ["Ana Ruiz", "Bo Ek"]}, ["Ana Ruiz", "Bo Ek"]),
        ("Von Ana Ruiz und Bo Ek", ["Ana Ruiz", "Bo Ek"]),
        ([{"name": "Ana Ruiz"}, {"name": "ANA RUIZ"}], ["Ana Ruiz"]),
        (
            [{"name": "Ana Ruiz"}, {"@type": "Organization", "name": "The Daily"}],
            ["Ana Ruiz", "The Daily"],
        ),
        ({"@type": "Organization", "name": "The Daily"}, ["The Daily"]),
        ({"name": "https://example.org/ana"}, []),
    ],
)
def test_json_ld_in_every_shape(author: object, names: list[str]) -> None:
    assert authors_of("", author) == names


@pytest.mark.parametrize(
    "page",
    [
        '<meta name="author" content="Ana Ruiz">',
        '<meta property="article:author" content="https://social.example/daily">'
        '<meta name="byl" content="By Ana Ruiz">',
        '<meta name="author" content="The Daily"><meta name="author" content="Ana Ruiz">',
        '<meta name="twitter:label1" content="Written by">'
        '<meta name="twitter:data1" content="Ana Ruiz">',
        '<p>By <a rel="author" href="/ana">Ana Ruiz</a></p>',
        '<span itemprop="author">Ana Ruiz</span>',
        '<b itemprop="author" itemscope><a itemprop="name" href="#author">Ana Ruiz</a></b>',
        '<div class="c-Byline">By <b>Ana Ruiz</b> <i>Political Editor</i> May 3, 2024</div>',
        '<span class="jobber-author">Ana Ruiz</span>',
        '<div class="article-author"><span>Written by:</span><a>Ana Ruiz</a>'
        "<p>Ana has written for us since</p></div>",
        "<div>By Ana Ruiz</div><div>Tue 3 May</div>",
        "<div>Ana Ruiz | Staff Writer | May 3, 2024</div>",
        '<p><a href="/authors/ana-ruiz">Ana Ruiz</a></p>',
        '<p>Ana Ruiz</p><p>Tech Writer</p><a href="/authors/ana-ruiz">Articles by Ana</a>',
        "<i></i>" * 100 + '<div class="author-name">Ana Ruiz</div>',
        "<i></i>" * 100 + "<h3>Written by Ana Ruiz</h3>",
        '<div class="date-author">Dec. 19, 2025 · Ana Ruiz on behalf of <a>the desk</a></div>',
        "<p>By Ana Ruiz | Political Editor</p>",
    ],
)
def test_where_an_author_is_found(page: str) -> None:
    assert authors_of(page) == ["Ana Ruiz"]


@pytest.mark.parametrize(
    "page",
    [
        '<meta name="author" content="https://example.org/ana">',
        '<meta name="author" content="ana@daily.example">',
        '<div class="authorization-link">Sign In</div>',
        '<div class="comment"><span class="comment-author">Tara Someone</span></div>',
        '<footer><span class="author">Footer Person</span></footer>',
        '<aside><a rel="author">Other Author</a></aside>',
        '<a href="/topics/clara-monti">Clara Monti</a>',
        '<a href="/people/clara-monti">Clara Monti</a>',
        '<a href="/team/about">Meet Us</a>',
        "<p>Local News</p><p>More Stories</p>",
        "<div>By: <span></span></div><div>Wednesday, 21 Sep 2011 | 4:35 PM</div>",
        "<p>Updated on Wednesday</p>",
        "<p>With <strong>Text Expander</strong> one types less.</p>",
    ],
)
def test_who_is_no_author(page: str) -> None:
    assert authors_of(page) == []


def test_a_role_is_no_name() -> None:
    page = '<div class="byline"><b>Staff Reporter</b></div><p>By <a rel="author">Ana Ruiz</a></p>'
    assert authors_of(page) == ["Ana Ruiz"]
    assert authors_of('<div class="byline"><b>Staff Reporter</b></div>') == []


def test_bylines_in_scripts_without_capitals_are_read() -> None:
    byline = '<p class="writer"><span>高瀬 健</span>・<span>森下 由紀子</span></p>'
    assert authors_of(byline) == ["高瀬 健", "森下 由紀子"]


def test_two_links_of_one_byline_are_two_authors() -> None:
    page = '<p>By <a class="author" href="/a">Ana Ruiz</a> and <a class="author">Bo Ek</a></p>'
    assert authors_of(page) == ["Ana Ruiz", "Bo Ek"]


def test_what_the_page_shows_corrects_a_poor_declaration_and_no_other() -> None:
    byline = '<p class="byline">By Ana Ruiz</p>'
    assert authors_of(byline, "The Daily") == ["Ana Ruiz"]
    assert authors_of(byline, "aruiz.daily") == ["Ana Ruiz"]
    assert authors_of(byline, "Bo Ek") == ["Bo Ek"]
    assert authors_of('<a href="/authors/ana-ruiz">Ana Ruiz</a>', "The Daily") == ["Ana Ruiz"]
    assert authors_of("<p>By Ana Ruiz</p>", "The Daily") == ["The Daily"]
    assert authors_of("", "aruiz.daily") == ["aruiz.daily"]


SIGNED = "A text that is long enough to be told from a label, a caption or a name. " * 2


@pytest.mark.parametrize(
    ("page", "names"),
    [
        (f"<p><b>Ana Ruiz</b></p><p>{SIGNED}</p>", ["Ana Ruiz"]),
        (f"<p>…</p><p><strong>Ana Ruiz/Bo Ek</strong></p><p>{SIGNED}</p>", ["Ana Ruiz", "Bo Ek"]),
        (f"<p>{SIGNED}</p><p><strong>Lê Phương</strong></p>", ["Lê Phương"]),
        # a heading, a role, a name amid the text, one that is not set apart
        (f"<p><b>What next?</b></p><p>{SIGNED}</p>", ["The Daily"]),
        (f"<p><b>Staff Reporter</b></p><p>{SIGNED}</p>", ["The Daily"]),
        (f"<p>{SIGNED}</p><p><b>Ana Ruiz</b></p><p>{SIGNED}</p>", ["The Daily"]),
        (f"<p>Ana Ruiz</p><p>{SIGNED}</p>", ["The Daily"]),
    ],
)  # fmt: skip
def test_a_signature_names_whom_the_house_stands_for(page: str, names: list[str]) -> None:
    assert authors_of(page, "The Daily") == names


def test_a_single_name_is_one_where_its_author_s_page_goes_by_it() -> None:
    assert authors_of('<a href="/blog/author/yucy/">Yucy</a>') == ["Yucy"]
    assert authors_of('<a href="/blog/author/yucy/">More</a>') == []


def test_the_house_behind_a_name_is_where_somebody_works() -> None:
    assert authors_of("", "Ana Ruiz and Bo Ek, The Daily") == ["Ana Ruiz", "Bo Ek"]
    assert authors_of("", [{"name": "Ana Ruiz"}, {"name": "The Daily"}]) == [
        "Ana Ruiz",
        "The Daily",
    ]
    assert authors_of("", "The Daily") == ["The Daily"]


def test_a_station_of_the_house_is_the_house() -> None:
    assert names_somebody(["ARD Berlin"], {"ard"}) is False
    assert names_somebody(["Kurt Berlin"], {"kurt"}) is True


def test_a_signature_alone_names_nobody() -> None:
    assert authors_of(f"<p><b>Ana Ruiz</b></p><p>{SIGNED}</p>") == []


@pytest.mark.parametrize(
    ("authors", "signed"),
    [
        (["Ada Marlowe"], True),
        (["The Gazette", "Ada Marlowe"], True),
        (["The Gazette"], False),
        (["THE GAZETTE", "Redaktion"], False),
        ([], False),
    ],
)
def test_who_names_the_site_or_a_desk_names_nobody(authors: list[str], signed: bool) -> None:
    assert names_somebody(authors, {"thegazette"}) is signed


@pytest.mark.parametrize("account", ["admin", "Redaktion", "La rédaction", "Web Desk", "Staff"])
def test_a_desk_gives_way_to_a_name(account: str) -> None:
    assert authors_of('<p class="byline">By Ana Ruiz</p>', account) == ["Ana Ruiz"]
    assert authors_of("", account) == [account]


@settings(deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=20),
        lambda inner: (
            st.lists(inner, max_size=5)
            | st.dictionaries(st.sampled_from(["name", "@id", "@list", "url"]), inner, max_size=3)
        ),
        max_leaves=20,
    )
)
def test_hostile_authors_give_distinct_names(author: object) -> None:
    names = authors_of("", author)
    assert len(names) == len(set(names)) <= MAX_AUTHORS
    assert all(isinstance(name, str) and name for name in names)


@pytest.mark.parametrize(
    "text",
    [
        "Ana Ruiz, founder of a studio in the old town that has taught swimming for 18 years, says"
        " that more pupils come each summer.",
        "Harbour Security Consultant, Harbour Board Contributor, Porto",
    ],
)
def test_a_paragraph_that_begins_with_a_name_or_a_role_is_no_byline(text: str) -> None:
    assert authors_of(f"<p>{text}</p>") == []


def test_a_role_between_two_names_is_no_author() -> None:
    page = (
        '<p class="byline"><span>By</span> <b>Ana Ruiz,</b> <i>Senior Sports Correspondent</i>'
        " <span>and</span> <b>Bo Ek</b></p>"
    )
    assert authors_of(page) == ["Ana Ruiz", "Bo Ek"]
