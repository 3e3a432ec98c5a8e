import json

from hypothesis import given, settings
from hypothesis import strategies as st
from lxml.html import HtmlElement, document_fromstring

from crawler.extraction.page.structured import label, labels, read_structured, types_of


def tree_of(*documents: object, head: str = "", body: str = "<p>x</p>") -> HtmlElement:
    scripts = "".join(
        f'<script type="application/ld+json">{json.dumps(document)}</script>'
        for document in documents
    )
    return document_fromstring(f"<html><head>{head}{scripts}</head><body>{body}</body></html>")


def article(headline: str, **properties: object) -> dict[str, object]:
    return {"@type": "NewsArticle", "headline": headline, **properties}


def test_articles_are_found_in_graphs_lists_and_pages() -> None:
    for document in (
        article("A"),
        [article("A")],
        {"@graph": [{"@type": "WebSite", "name": "S"}, article("A")]},
        {"@type": "WebPage", "mainEntity": article("A")},
        {
            "@type": "WebPage",
            "mainEntityOfPage": {"@type": ["http://schema.org/Article"], "headline": "A"},
        },
    ):
        assert read_structured(tree_of(document)).articles[0]["headline"] == "A"


def test_the_articles_a_page_links_to_are_not_its_own() -> None:
    elements = [{"@type": "ListItem", "item": article(f"Other {i}")} for i in range(3)]
    data = read_structured(
        tree_of({"@type": "ItemList", "itemListElement": elements}, article("Own"))
    )
    assert [node["headline"] for node in data.articles] == ["Own"]


def test_of_several_articles_the_pages_own_goes_by_its_title_or_address() -> None:
    others = [article("Storm in the south", author="A"), article("Quiet in the west", author="B")]
    by_title = read_structured(
        tree_of(*others, article("Bridge reopens"), head="<title>Bridge reopens | Daily</title>")
    )
    by_address = read_structured(
        tree_of(
            *others,
            article("Untitled", url="http://www.example.org/bridge/#top"),
            head='<link rel="canonical" href="https://example.org/bridge">',
        )
    )
    assert [n["headline"] for n in by_title.articles] == ["Bridge reopens"]
    assert [n["headline"] for n in by_address.articles] == ["Untitled"]


def test_a_page_that_describes_only_others_has_no_article() -> None:
    others = [article(headline) for headline in ("One story", "Another story", "A third story")]
    assert read_structured(tree_of(*others, head="<title>Front page</title>")).articles == ()


def test_references_are_followed() -> None:
    person = {"@type": "Person", "@id": "#ana", "name": "Ana Ruiz"}
    data = read_structured(tree_of({"@graph": [article("A", author={"@id": "#ana"}), person]}))
    assert list(data.texts(data.articles[0], "author")) == ["Ana Ruiz"]


def test_references_in_a_circle_end() -> None:
    circle = {"@graph": [{"@id": "#a", "@type": "Article", "author": {"@id": "#a"}}, {"@id": "#a"}]}
    data = read_structured(tree_of(circle))
    assert list(data.texts(data.articles[0], "author")) == []


def test_values_come_in_every_shape() -> None:
    given_values = [
        "A",
        {"@value": "B"},
        {"@list": ["C", {"name": "D"}]},
        [["E"]],
        6,
        None,
        True,
        "",
    ]
    data = read_structured(tree_of(article("A", author=given_values)))
    assert sorted(data.texts(data.articles[0], "author")) == ["6", "A", "B", "C", "D", "E"]


def test_names_of_things() -> None:
    assert labels({"name": ["", " Ana  &amp; Bo ", "Cy"]}) == ["Ana & Bo", "Cy"]
    assert label({"name": ["", " Ana  &amp; Bo ", "Cy"]}) == "Ana & Bo"
    assert label({"givenName": "Ana", "familyName": "Ruiz"}) == "Ana Ruiz"
    assert label({"@type": "Person"}) is None
    assert types_of({"@type": ["https://schema.org/NewsArticle/", "schema:Article", None]}) == (
        "NewsArticle",
        "Article",
    )


def test_sites_crumbs_types_and_body() -> None:
    crumbs = [
        {"@type": "ListItem", "item": {"name": "Home"}},
        {"@type": "ListItem", "name": "Politics"},
    ]
    data = read_structured(
        tree_of(
            article("A", publisher={"name": "The Daily"}, articleBody="Text."),
            {"@type": "BreadcrumbList", "itemListElement": crumbs},
            {"@type": "WebSite", "name": "daily.example"},
        )
    )
    assert data.site_names == ("The Daily", "daily.example")
    assert data.breadcrumbs == ("Home", "Politics")
    assert data.types == ("NewsArticle", "BreadcrumbList", "WebSite")
    assert data.article_body == "Text."


def test_microdata_counts_where_json_ld_is_missing() -> None:
    body = (
        '<div itemscope itemtype="http://schema.org/Article"><h1 itemprop="headline">A</h1></div>'
    )
    assert read_structured(tree_of(body=body)).articles[0]["headline"] == "A"


_NAMES = st.sampled_from(
    ["@type", "@id", "@graph", "@list", "@value", "mainEntity", "mainEntityOfPage", "headline",
     "author", "name", "publisher", "itemListElement", "item", "articleBody", "url"]
)  # fmt: skip
_VALUES = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers()
    | st.sampled_from(["Article", "WebSite", "BreadcrumbList", "#a", "http://[", ""]) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_NAMES, inner, max_size=5),
    max_leaves=25,
)  # fmt: skip


@settings(deadline=None)
@given(_VALUES)
def test_hostile_json_ld_raises_nothing_and_reads_alike_twice(value: object) -> None:
    tree = tree_of(value, value)
    data = read_structured(tree)
    assert data == read_structured(tree)
    for node in data.articles:
        for name in node:
            assert all(isinstance(text, str) for text in data.texts(node, name))


def test_hostile_sizes_are_bounded() -> None:
    wide = {"@graph": [article(f"A{i}", author=["x"] * 10_000) for i in range(50)]}
    data = read_structured(tree_of(wide, head="<title>A1</title>"))
    assert sum(1 for node in data.articles for _ in data.texts(node, "author")) <= 50 * 100
