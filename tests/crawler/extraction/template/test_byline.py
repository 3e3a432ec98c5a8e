"""Where bylines stand is learned of pages that name authors, and read where one names nobody."""

import json

import pytest

from crawler.extraction import extract, learn_template
from crawler.extraction.metadata.labels import Label
from crawler.extraction.template.byline import authors_at, bylines_of, learn_byline
from crawler.extraction.template.template import Template
from tests.support.generated_news import generate_articles

NAMES = ("Ana Ruiz", "Bo Ek", "Clara Monti", "Dora Lind")


def page_of(number: int, declared: object = None) -> tuple[bytes, str]:
    article = [*generate_articles(4)][number]
    node = json.dumps({"@type": "NewsArticle", "author": declared})
    head = f'<script type="application/ld+json">{node}</script>' if declared else ""
    return (
        f"<html><head>{head}</head><body><main><h1>{article.title}</h1>"
        f'<div class="x7"><span class="k2">{NAMES[number]}</span>'
        f'<span class="k3">Harbour Quarter</span></div>'
        f"<p>{'</p><p>'.join(article.paragraphs)}</p></main></body></html>".encode(),
        f"https://harbour.example{article.path}",
    )


DECLARING = [page_of(n, {"name": NAMES[n]}) for n in range(3)]


@pytest.mark.parametrize("declared", [None, {"name": "Redaktion"}])
def test_a_page_that_names_nobody_has_the_name_that_stands_at_the_place(declared: object) -> None:
    template = learn_template([*DECLARING, page_of(3, declared)])
    assert template.byline == ("main/div.x7/span.k2",)
    body, url = page_of(3, declared)
    assert "Dora Lind" not in extract(body, url=url).authors
    article = extract(body, url=url, templates=template)
    assert (article.authors, article.signed) == (("Dora Lind",), True)


def test_a_site_that_declares_all_its_authors_has_no_place_to_read() -> None:
    assert learn_template(DECLARING).byline == ()


def test_what_a_page_declares_stands() -> None:
    template = learn_template([*DECLARING, page_of(3)])
    body, url = page_of(3, {"name": "Eve Holm"})
    assert extract(body, url=url, templates=template).authors == ("Eve Holm",)


def test_a_template_keeps_its_places() -> None:
    template = learn_template([*DECLARING, page_of(3)])
    assert Template.from_json(template.to_json()) == template
    other = Template(template.pages, template.blocks, template.title_parts)
    assert template.digest != other.digest
    assert Template(2, (), byline=("div",)).learned


@pytest.mark.parametrize(
    ("pages", "places"),
    [
        ([["+a"], ["+a", "-b"]], ("a",)),
        ([["+a"]], ()),
        ([["+a"], ["+a"], ["-a"]], ()),
        ([["+a"]] * 4 + [["-a"]], ("a",)),
        ([["+a"], ["+b"]], ()),
        ([], ()),
    ],
)
def test_a_place_is_the_byline_s_where_nearly_all_pages_agree(
    pages: list[list[str]], places: tuple[str, ...]
) -> None:
    assert learn_byline([*pages, ["?"]]) == places
    assert learn_byline(pages) == ()


LABELS = (Label("a", ("Ana Ruiz",)), Label("b", ()), Label("a", ("Bo Ek", "ana ruiz")))


def test_a_page_tells_of_its_places_if_one_has_its_author() -> None:
    assert bylines_of(LABELS, ["ANA RUIZ"], declared=True) == ("+a", "-b")
    assert bylines_of(LABELS, ["ANA RUIZ"], declared=False) == ("?", "+a", "-b")
    assert bylines_of(LABELS, ["Clara Monti"], declared=True) == ()
    assert bylines_of(LABELS, [], declared=False) == ("?",)


def test_names_come_in_page_order_and_none_twice() -> None:
    assert [name.casefold() for name in authors_at({"a"}, LABELS)] == ["ana ruiz", "bo ek"]
    assert authors_at(set(), LABELS) == ()
