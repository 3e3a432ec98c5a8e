"""What a site adds to its titles is learned of several pages, and taken off each."""

import pytest

from crawler.extraction import extract, learn_template
from crawler.extraction.template.title_parts import learn_title_parts, without_title_parts
from tests.support.generated_news import generate_articles

TITLES = [article.title for article in generate_articles(8)]
SLOGAN = "All the news that people need"
SECTIONS = ("Politics", "Culture")


def test_a_slogan_and_the_sections_before_it_are_the_site_s() -> None:
    titled = [f"{title} - {SECTIONS[n % 2]} - {SLOGAN}" for n, title in enumerate(TITLES)]
    parts = learn_title_parts(titled)
    assert parts == ("allthenewsthatpeopleneed", "culture", "politics")
    assert [without_title_parts(title, frozenset(parts)) for title in titled] == TITLES


@pytest.mark.parametrize(
    "titles",
    [
        TITLES,
        [f"{title} - {SLOGAN}" for title in TITLES[:3]],
        # a column's name stands on its articles alone
        [f"{title} – Comment" if n < 4 else title for n, title in enumerate(TITLES)],
        # one article at several addresses
        [f"{TITLES[0]} - {SLOGAN}"] * 8,
        [f"{title} - {title[::-1]}" for title in TITLES],
        [],
    ],
)
def test_what_is_no_site_s(titles: list[str]) -> None:
    assert learn_title_parts(titles) == ()


def test_a_title_is_never_nothing() -> None:
    assert without_title_parts("– Comment", {"comment"}) == "– Comment"
    assert without_title_parts("Comment", {"comment"}) == "Comment"


def test_titles_of_pages_without_a_heading_go_without_what_the_site_adds() -> None:
    pages = [
        (
            f"<html><title>{article.title} - {SLOGAN}</title><body><main>"
            f"<p>{'</p><p>'.join(article.paragraphs)}</p></main></body></html>".encode(),
            f"https://harbour.example{article.path}",
        )
        for article in generate_articles(8)
    ]
    template = learn_template(pages)
    assert extract(pages[0][0], url=pages[0][1], templates=template).title == TITLES[0]
