"""Which article an address leads to, and on what evidence."""

import pytest
from sqlalchemy import event, select

from storage.database.archive import Archive
from storage.frontier.enqueueing import Found
from storage.history.captured_pages import Change
from storage.models import Address, AddressKind, AddressLink, LinkKind, Outcome
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


@pytest.mark.parametrize(
    "path",
    [
        "/2026/bridge/amp",
        "/2026/bridge?outputType=amp",
        "https://m.example.org/2026/bridge",
        "https://amp.example.org/bridge.html",
        "/2026/bridge/",
    ],
)
def test_amp_mobile_hosts_and_trailing_slashes_lead_to_the_article_they_name(
    archive: Archive, path: str
) -> None:
    desk = Desk(archive)
    article = read(desk, "/2026/bridge")
    assert read(desk, path, SITE + "2026/bridge") == article
    assert [record.version for record in desk.history(path)] == [1]


def test_a_trailing_slash_that_is_redirected_away_leads_to_the_article(archive: Archive) -> None:
    desk = Desk(archive)
    article = read(desk, "/2026/bridge/")
    desk.check("/2026/bridge/", Outcome.MOVED, redirect=SITE + "2026/bridge")
    assert read(desk, "/2026/bridge") == article


@pytest.mark.parametrize("tracking", ["?utm_source=feed&utm_medium=rss", "?fbclid=x", "#comments"])
def test_tracking_parameters_lead_to_the_same_address(archive: Archive, tracking: str) -> None:
    desk = Desk(archive)
    article = read(desk, "/2026/bridge")
    assert desk.address("/2026/bridge" + tracking) == desk.address("/2026/bridge")
    assert desk.article("/2026/bridge" + tracking).id == article


def test_a_canonical_address_follows_a_page_that_moved_into_its_article(archive: Archive) -> None:
    desk = Desk(archive)
    article = read(desk, "/old")
    desk.check("/old", Outcome.MOVED, redirect=SITE + "new?page=amp")
    assert read(desk, "/new?page=amp", SITE + "new") == article
    assert read(desk, "/new", SITE + "new") == article


def listed(desk: Desk, guid: str, *paths: str) -> None:
    """A feed names these addresses with this guid."""
    found = tuple(Found(desk.site + path, AddressKind.PAGE, hints={"guid": guid}) for path in paths)
    desk.check("/feed", kind=AddressKind.FEED, body=guid.encode(), found=found)


def test_a_new_address_of_a_feed_entry_carries_its_article_on(archive: Archive) -> None:
    desk = Desk(archive)
    listed(desk, "tag:1", "old")
    article = read(desk, "/old")
    desk.address("/new")
    listed(desk, "tag:1", "new")
    assert read(desk, "/new", title="New title", text=TEXT + " and on") == article
    assert links(archive) == [(SITE + "new", SITE + "old", LinkKind.GUID)]


def test_addresses_of_one_feed_entry_that_are_read_together_are_one_article(
    archive: Archive,
) -> None:
    desk = Desk(archive)
    listed(desk, "tag:1", "a", "b")
    desk.record_together(
        [desk.prepare(path, body=desk.body("Title", TEXT, advert=path)) for path in ("/a", "/b")]
    )
    assert desk.article("/a").id == desk.article("/b").id


def test_a_guid_is_not_believed_of_something_else(archive: Archive) -> None:
    desk = Desk(archive)
    listed(desk, "1", "a", "b")
    article = read(desk, "/a", title="Bridge")
    assert read(desk, "/b", title="Football", text=OTHER) != article


def test_a_guid_of_another_source_is_not_believed(archive: Archive) -> None:
    desk, other = Desk(archive), Desk(archive, "https://example.net/", run_id=2)
    listed(desk, "1", "a")
    listed(other, "1", "a")
    assert read(other, "/a") != read(desk, "/a")
    assert links(archive) == []


def test_a_guid_that_many_addresses_have_is_not_believed(archive: Archive) -> None:
    desk = Desk(archive)
    listed(desk, "0", *"abcdef")
    articles = {read(desk, f"/{name}", text=f"{TEXT}, {name}") for name in "abcdef"}
    assert len(articles) == 6
    assert links(archive) == []


def test_canonical_addresses_and_redirects_count_for_more_than_a_guid(archive: Archive) -> None:
    desk = Desk(archive)
    listed(desk, "1", "a", "b")
    read(desk, "/a")
    other = read(desk, "/c", title="Title", text=TEXT + " and on")
    assert read(desk, "/b", SITE + "c") == other


def test_guids_cost_a_batch_one_query_and_none_where_no_address_has_one(archive: Archive) -> None:
    desk = Desk(archive)
    asked: list[str] = []

    def keep(_connection: object, _cursor: object, sql: str, *_: object) -> None:
        asked.extend([sql] if "HAVING" in sql else [])

    event.listen(archive.engine, "before_cursor_execute", keep)
    for names, queries in (("abc", 0), ("def", 1)):
        if queries:
            for name in names:
                listed(desk, f"guid of {name}", name)
        page = desk.body("Title", TEXT)
        desk.record_together([desk.prepare(f"/{name}", body=page) for name in names])
        assert len(asked) == queries
    event.remove(archive.engine, "before_cursor_execute", keep)


def test_an_address_that_says_the_same_in_many_words_is_the_article_s(archive: Archive) -> None:
    desk = Desk(archive)
    long = f"{TEXT}. {OTHER}"
    article = read(desk, "/a", text=long)
    assert read(desk, "/new-slug", text=long) == article
    assert links(archive) == [(SITE + "new-slug", SITE + "a", LinkKind.SAME_WORDS)]
    assert len(desk.history("/a")) == 1
    # Fewer words, or another headline, or another source, and it may be another article.
    assert read(desk, "/b") != read(desk, "/c")
    assert read(desk, "/d", title="Another headline", text=long) != article
    other = Desk(archive, "https://example.net/", run_id=2)
    assert read(other, "/a", text=long) != article


def test_pages_that_say_the_same_and_are_read_together_are_one_article(archive: Archive) -> None:
    desk = Desk(archive)
    pages = [desk.body("Title", f"{TEXT}. {OTHER}", advert=path) for path in ("/a", "/b")]
    desk.record_together(
        [desk.prepare(path, body=page) for path, page in zip(("/a", "/b"), pages, strict=True)]
    )
    assert desk.article("/a").id == desk.article("/b").id
    assert len(desk.history("/a")) == 1
