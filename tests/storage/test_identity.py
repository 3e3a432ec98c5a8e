"""Which article an address leads to, and on what evidence."""

from sqlalchemy import select

from storage.archive import Archive
from storage.models import Address, AddressKind, AddressLink, LinkKind, Outcome
from storage.versioning import Change
from tests.support.archiving import Desk

SITE = "https://example.org/"
TEXT = "The council has voted for the new bridge over the river after a long night"
OTHER = "Three goals before the break made an easy evening for all who came to watch"


def read(
    desk: Desk, path: str, canonical: str | None = None, *, title: str = "Title", text: str = TEXT
) -> int:
    """Read a page; returns the article's id."""
    recorded = desk.read(path, title, text, advert=path, canonical_url=canonical)
    assert recorded is not None
    return recorded.article_id


def links(archive: Archive) -> list[tuple[str, str, LinkKind]]:
    with archive.reading() as session:
        urls = {address.id: address.url for address in session.scalars(select(Address))}
        return sorted(
            (urls[link.from_id], urls[link.to_id], link.kind)
            for link in session.scalars(select(AddressLink))
        )


def test_a_copy_joins_the_article_at_its_canonical_address(archive: Archive) -> None:
    desk = Desk(archive)
    article = read(desk, "/a")
    copy = desk.read("/a?page=amp", "Title", TEXT, advert="amp", canonical_url=SITE + "a")
    assert copy is not None
    assert (copy.article_id, copy.change) == (article, Change.UNCHANGED)
    assert links(archive) == [(SITE + "a?page=amp", SITE + "a", LinkKind.CANONICAL)]


def test_the_canonical_address_joins_the_article_of_a_copy(archive: Archive) -> None:
    desk = Desk(archive)
    article = read(desk, "/a?page=amp", SITE + "a")
    assert desk.article("/a").url == SITE + "a"
    assert read(desk, "/a", SITE + "a") == article


def test_an_address_that_names_itself_is_no_link(archive: Archive) -> None:
    desk = Desk(archive)
    read(desk, "/a", "http://www.example.org/a?utm_source=feed")
    read(desk, "/b", "https://example.org/b#top")
    assert (SITE + "b", SITE + "b", LinkKind.CANONICAL) not in links(archive)


def test_canonical_addresses_that_are_not_believed(archive: Archive) -> None:
    desk = Desk(archive)
    Desk(archive, "https://example.net/")
    desk.address("/news", AddressKind.SECTION)
    for number, canonical in enumerate(
        [
            "https://elsewhere.example/a",
            "https://example.net/a",
            SITE,
            SITE + "?utm_source=feed",
            SITE + "news",
            "javascript:void(0)",
            "",
            "http://[",
            "https://example.org:8443/a",
            "\0" * 10,
            SITE + "x" * 5_000,
        ]
    ):
        read(desk, f"/{number}", canonical, title=f"Title {number}", text=f"{number} {TEXT}")
        assert desk.article(f"/{number}").url == f"{SITE}{number}"
    assert links(archive) == []


def test_one_canonical_address_on_every_page_does_not_make_one_article(archive: Archive) -> None:
    desk = Desk(archive)
    first = read(desk, "/1", SITE + "same", title="Bridge", text=TEXT)
    second = read(desk, "/2", SITE + "same", title="Football", text=OTHER)
    third = read(desk, "/3", SITE + "same", title="Bridge", text=TEXT + " that went on")
    assert second != first
    assert third == first
    assert desk.article("/2").url == SITE + "2"


def test_a_new_slug_carries_the_article_on(archive: Archive) -> None:
    desk = Desk(archive)
    article = read(desk, "/old")
    desk.check("/old", Outcome.MOVED, redirect=SITE + "new")
    assert read(desk, "/new", title="New title", text=TEXT + " and on") == article
    assert [record.version for record in desk.history("/old")] == [1, 2]


def test_a_slug_that_moved_twice_carries_it_on_too(archive: Archive) -> None:
    desk = Desk(archive)
    article = read(desk, "/1")
    desk.check("/1", Outcome.MOVED, redirect=SITE + "2")
    desk.check("/2", Outcome.MOVED, redirect=SITE + "3")
    assert read(desk, "/3") == article


def test_redirects_in_a_circle_lead_to_no_article(archive: Archive) -> None:
    desk = Desk(archive)
    for number in range(3):
        desk.check(f"/{number}", Outcome.MOVED, redirect=f"{SITE}{(number + 1) % 3}")
    first = read(desk, "/0")
    assert read(desk, "/elsewhere", title="Football", text=OTHER) != first


def test_a_redirect_to_something_else_does_not_join_it(archive: Archive) -> None:
    desk = Desk(archive)
    article = read(desk, "/old", title="Bridge")
    desk.check("/old", Outcome.MOVED, redirect=SITE + "new")
    assert read(desk, "/new", title="Football", text=OTHER) != article


def test_the_oldest_redirect_counts_where_several_lead_here(archive: Archive) -> None:
    desk = Desk(archive)
    articles = [read(desk, f"/{name}", title=f"Title {name}") for name in "cab"]
    for name in "cab":
        desk.check(f"/{name}", Outcome.MOVED, redirect=SITE + "new")
    assert read(desk, "/new") == articles[0]


def test_an_address_keeps_its_article_whatever_it_says_later(archive: Archive) -> None:
    desk = Desk(archive)
    first, second = read(desk, "/a"), read(desk, "/b", title="Football", text=OTHER)
    assert read(desk, "/b", SITE + "a", title="Title", text=TEXT) == second
    assert desk.article("/a").id == first
