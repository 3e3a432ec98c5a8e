"""The signs of a page that a site has once."""

import pytest
from lxml.html import document_fromstring

from crawler.extraction.kind.static import asks_for_an_answer, is_in_menu, named_static

URL = "https://daily.example/about-it"


@pytest.mark.parametrize(
    ("path", "title", "count"),
    [
        ("/about-us/", "About us", 2),
        ("/en/pages/Kontakt.html", "So erreichen Sie uns", 1),
        ("/x", "Über uns", 1),
        ("/%C3%BCber-uns", "Über uns", 2),
        ("/о-нас", "О нас", 2),
        ("/about/index.html", "About us", 2),
        ("/contact-tracing", "Contact tracing", 0),
        ("/", "", 0),
    ],
)
def test_names(path: str, title: str, count: int) -> None:
    assert named_static(f"https://daily.example{path}", title) == count


@pytest.mark.parametrize(
    ("page", "asks"),
    [
        ("<form><textarea></textarea></form>", True),
        ("<form><input type=email></form>", True),
        ("<form><input name=your-mail></form>", True),
        ("<form><input name=q></form>", False),
        ("<footer><form><input type=email></form></footer>", False),
        ("<div id=respond><form id=commentform><textarea></textarea></form></div>", False),
    ],
)
def test_forms(page: str, asks: bool) -> None:
    assert asks_for_an_answer(document_fromstring(f"<body>{page}</body>")) is asks


@pytest.mark.parametrize(
    ("page", "found"),
    [
        (f"<footer><a href='{URL}'>About it</a></footer>", True),
        ("<nav><ul><li><a href='/about-it'>About it</a></li></ul></nav>", True),
        ("<nav><a href='/other'>Other</a></nav>", False),
        ("<nav><a href='/about-it#part'>Part</a></nav>", False),
        ("<ol aria-label=Breadcrumb><li><nav><a href='/about-it'>x</a></nav></ol>", False),
        ("<main><nav><a href='/about-it'>x</a></nav></main>", False),
    ],
)
def test_menus(page: str, found: bool) -> None:
    tree = document_fromstring(f"<body>{page}</body>")
    assert is_in_menu(tree, URL, {"daily.example/about-it"}) is found
