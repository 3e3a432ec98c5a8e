import pytest

from crawler.extraction.page.attributes import is_hidden, name_words, names_of


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        ("relatedPosts--small", {"related", "posts", "small"}),
        ("article__body_text", {"article", "body", "text"}),
        ("has-sidebar with-ads no-comments md:hidden", set()),
        ("ad-slot", {"ad", "slot"}),
        ("css-x9ad3 _1bio7", {"css"}),
        ("", set()),
    ],
)
def test_names_are_words(label: str, expected: set[str]) -> None:
    assert name_words(label) == expected


def test_an_element_is_named_by_more_than_its_class() -> None:
    attributes = {"id": "site-footer", "role": "navigation", "data-testid": "RelatedLinks"}
    named = {"main", "site", "footer", "navigation", "related", "links"}
    assert names_of(attributes, frozenset({"main"})) == named
    # an identifier of many words names what stands there, not what it is
    assert names_of({"id": "how-the-stone-bridge-was-closed"}, frozenset()) == frozenset()
    assert names_of({"href": "/related"}, frozenset({"main"})) == {"main"}


@pytest.mark.parametrize(
    ("attributes", "hidden"),
    [
        ({"hidden": ""}, True),
        ({"aria-hidden": "true"}, True),
        ({"aria-hidden": "false"}, False),
        ({"style": "color: red; display : none"}, True),
        ({"style": "list-style: none"}, False),
        ({"class": "visually-hidden"}, True),
        ({"class": "hidden md:block"}, False),
        ({"class": "hidden md:block", "hidden": ""}, True),
        ({"class": "text", "id": "hidden"}, False),
        ({}, False),
    ],
)
def test_what_hides_an_element(attributes: dict[str, str], hidden: bool) -> None:
    assert is_hidden(attributes, attributes.get("class", "")) is hidden
