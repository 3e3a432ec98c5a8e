import pytest

from crawler.answers.foreign import FEWEST_LINKS, foreign_site
from tests.support.hostile_answers import ARTICLE

URL = "https://sport.paper.example/2026/11/24/match.html"
OWN = '<a href="/">Home</a>'
THEIRS = "".join(
    f'<a href="https://www.other.example/{n}">More of it {n}</a>' for n in range(FEWEST_LINKS)
)
CANONICAL = '<link rel="canonical" href="https://other.example/a">'
OG_URL = '<meta property="og:url" content="https://www.other.example/a">'


def site(head: str, links: str, url: str = URL) -> str | None:
    page = f"<html><head>{head}</head><body>{links}{ARTICLE}</body></html>"
    return foreign_site(page.encode(), url, {"Content-Type": "text/html"})


@pytest.mark.parametrize("head", [CANONICAL, OG_URL, CANONICAL + OG_URL])
def test_a_page_that_is_another_site_s_in_all_that_it_says(head: str) -> None:
    assert site(
        head, THEIRS + '<a href="#top">Top</a><a href="https://social.example/x">x</a>'
    ) == ("other.example")


@pytest.mark.parametrize(
    "own", [OWN, '<a href="match-2.html">2</a>', '<a href="https://paper.example/">Home</a>']
)
def test_an_article_that_was_taken_over_stands_among_its_own_site_s_links(own: str) -> None:
    assert site(CANONICAL + OG_URL, THEIRS + own) is None


def test_a_word_on_where_an_article_is_from_is_no_proof() -> None:
    assert site(CANONICAL, '<a href="https://other.example/a">First published there</a>') is None
    assert site(CANONICAL, "") is None


def test_links_alone_are_no_proof() -> None:
    assert site("", THEIRS) is None
    assert site('<link rel="canonical" href="/match.html">', THEIRS) is None


def test_a_page_that_says_two_things_is_believed_in_neither() -> None:
    own = '<meta property="og:url" content="https://www.paper.example/a">'
    third = '<meta property="og:url" content="https://third.example/a">'
    assert site(CANONICAL + own, THEIRS) is None
    assert site(CANONICAL + third, THEIRS) is None


def test_a_base_elsewhere_makes_relative_links_lead_there() -> None:
    base = '<base href="https://other.example/">'
    links = "".join(f'<a href="/{n}">{n}</a>' for n in range(FEWEST_LINKS))
    assert site(base + CANONICAL, links) == "other.example"


def test_sites_of_one_hosting_service_are_apart() -> None:
    head = '<link rel="canonical" href="https://other.github.io/a">'
    links = THEIRS.replace("www.other.example", "other.github.io")
    assert site(head, links, "https://paper.github.io/a") == "other.github.io"


@pytest.mark.parametrize(
    "body", [b"", b"%PDF-1.7", b"\0\1", b"<a href='http://['>", b"<base href>"]
)
def test_what_can_not_be_read_is_nobody_s(body: bytes) -> None:
    assert foreign_site(body, URL, {}) is None
