import json

from lxml.html import HtmlElement, document_fromstring

from crawler.extraction.metadata.topics import MAX_TAGS, read_section, read_tags
from crawler.extraction.page.meta_tags import read_meta_tags
from crawler.extraction.page.structured import read_structured


def tree_of(head: str, **article: object) -> HtmlElement:
    node = json.dumps({"@type": "Article", "headline": "Bridge reopens", **article})
    return document_fromstring(
        f'<head><script type="application/ld+json">{node}</script>{head}</head><p>x</p>'
    )


def section_of(tree: HtmlElement) -> str | None:
    return read_section(
        read_structured(tree), read_meta_tags(tree), "Bridge reopens at last", {"thedaily"}
    )


def crumbs(*names: str) -> str:
    elements = [{"@type": "ListItem", "name": name} for name in names]
    node = json.dumps({"@type": "BreadcrumbList", "itemListElement": elements})
    return f'<script type="application/ld+json">{node}</script>'


def test_the_section_is_declared_or_the_crumb_below_the_front_page() -> None:
    meta = '<meta property="article:section" content="Local">'
    assert section_of(tree_of(meta, articleSection=["World", "Asia"])) == "World"
    assert section_of(tree_of(meta)) == "Local"
    assert section_of(tree_of(crumbs("Home", "Politics", "Bridge reopens at last"))) == "Politics"
    assert section_of(tree_of(crumbs("Politics"))) == "Politics"
    assert section_of(tree_of(crumbs("The Daily"))) is None
    assert section_of(tree_of("")) is None


def test_tags_come_from_one_place_once_each_in_order() -> None:
    meta = '<meta name="news_keywords" content="bridge, Traffic,bridge ; Mayor">'
    assert read_tags(read_structured(tree_of(meta)), read_meta_tags(tree_of(meta))) == (
        "bridge",
        "Traffic",
        "Mayor",
    )
    tree = tree_of(meta, keywords=["Roads", {"@type": "DefinedTerm", "name": "River"}, "roads"])
    assert read_tags(read_structured(tree), read_meta_tags(tree)) == ("Roads", "River")


def test_tags_are_bounded() -> None:
    tree = tree_of("", keywords=",".join(f"tag {i}" for i in range(500)) + "," + "x" * 1000)
    assert len(read_tags(read_structured(tree), read_meta_tags(tree))) == MAX_TAGS
