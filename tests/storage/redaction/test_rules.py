"""What was redacted does not come back: by no crawl, no listing, no import, no reading again."""

from dataclasses import replace
from datetime import timedelta

from sqlalchemy import func, select

from storage.frontier.enqueueing import Found
from storage.history.imports import NewCapture, store_captures
from storage.history.version_records import history
from storage.ledger.headers import Headers
from storage.models import (
    Address,
    AddressKind,
    Outcome,
    RedactedPayload,
    RedactionKind,
    RedactionScope,
    Version,
)
from tests.support.redacting import (
    NAME,
    PATHS,
    TEXT,
    TRACES,
    Newsroom,
    carry_out,
    request,
    traces,
)

PLAIN = "/2026/a-man-is-convicted"


def plain(desk: Newsroom) -> None:
    """An article whose address says nothing of whom it is about, and its redaction."""
    desk.read(PLAIN, f"{NAME} in court", TEXT.format(f"the baker {NAME}"))
    article = desk.article(PLAIN)
    carry_out(desk, replace(request(desk), article_id=article.id))


def versions_of(desk: Newsroom, path: str) -> int:
    return len(desk.history(path))


def test_a_page_that_is_crawled_again_is_unchanged(desk: Newsroom) -> None:
    plain(desk)
    carry_out(desk, request(desk))
    body = desk.body(f"{NAME} in court", TEXT.format(f"the baker {NAME}"))
    _, checked = desk.check(PLAIN, body=body)
    assert (checked.outcome, checked.extract) == (Outcome.UNCHANGED, False)
    assert traces(desk.archive) == set()


def test_an_edit_is_a_version_without_the_words(desk: Newsroom) -> None:
    plain(desk)
    carry_out(desk, request(desk))
    body = desk.body(f"{NAME} in court", TEXT.format(f"the butcher {NAME}"))
    check, checked = desk.check(PLAIN, body=body)
    assert checked.extract
    assert checked.redacted
    desk.record_page(desk.captured(replace(check, body=desk.kept(check.fetch_id))))
    assert versions_of(desk, PLAIN) == 2
    assert traces(desk.archive) == set()
    with desk.archive.reading() as session:
        latest = session.scalar(select(Version).order_by(Version.id.desc()).limit(1))
        assert latest is not None
        assert latest.digest in set(session.scalars(select(RedactedPayload.digest)))


def test_an_address_that_went_is_not_found_again(desk: Newsroom) -> None:
    carry_out(desk, request(desk))
    found = Found(f"https://example.org{PATHS[0]}", AddressKind.PAGE, hints={"title": f"On {NAME}"})
    desk.check("/feed", kind=AddressKind.FEED, body=b"a feed", found=(found,))
    desk.check("/moved", Outcome.MOVED, redirect=f"https://example.org{PATHS[0]}")
    assert traces(desk.archive) == set()


def test_what_a_feed_says_of_the_article_is_kept_without_the_words(desk: Newsroom) -> None:
    plain(desk)
    carry_out(desk, request(desk))
    found = Found(
        f"https://example.org{PLAIN}",
        AddressKind.PAGE,
        published_at=desk.now,
        hints={"title": f"On {NAME}"},
    )
    desk.check("/feed", kind=AddressKind.FEED, body=b"a feed", found=(found,))
    with desk.archive.reading() as session:
        hints = session.scalar(select(Address.hints).where(Address.key == f"//example.org{PLAIN}"))
    assert hints == {"title": "On [redacted]"}
    assert traces(desk.archive) == set()


def test_a_copy_at_a_new_address_that_names_the_article_is_redacted(desk: Newsroom) -> None:
    plain(desk)
    carry_out(desk, request(desk))
    body = desk.body(
        f"{NAME} in court", TEXT.format(NAME), canonical_url=f"https://example.org{PLAIN}"
    )
    _, checked = desk.check("/amp/42", body=body)
    assert checked.redacted
    assert traces(desk.archive) == set()


def test_other_pages_may_name_whom_an_article_may_not(desk: Newsroom) -> None:
    plain(desk)
    desk.read("/prize", "A prize", f"{NAME} won a prize for bread that nobody else can bake.")
    assert NAME in desk.history("/prize")[0].text


def test_words_of_the_whole_archive_are_kept_from_every_page(desk: Newsroom) -> None:
    asked = replace(request(desk), scope=RedactionScope.ARCHIVE, source_id=None, article_id=None)
    carry_out(desk, asked)
    body = desk.body("A prize", f"{NAME} won a prize for bread that nobody else can bake.")
    _, checked = desk.check("/prize", body=body)
    assert checked.redacted
    assert traces(desk.archive) == set()


def capture(desk: Newsroom, path: str, body: bytes) -> NewCapture:
    url = f"https://example.org{path}"
    return NewCapture(
        url, url, desk.now - timedelta(days=1), 200, Outcome.FETCHED, True,
        response=Headers.of([("Content-Type", "text/html"), ("Link", f"<{url}>")]), body=body,
    )  # fmt: skip


def test_an_import_keeps_it_away(desk: Newsroom) -> None:
    plain(desk)
    carry_out(desk, request(desk))
    body = desk.body(f"{NAME} in court", TEXT.format(f"the miller {NAME}"))
    captures = [capture(desk, path, body) for path in (PLAIN, PATHS[0])]
    with desk.archive.writing() as session:
        stored = store_captures(session, desk.run_id, captures, now=desk.now)
    assert [it.place.value for it in stored] == ["new", "excluded"]
    assert traces(desk.archive) == set()


def test_a_whole_article_comes_back_by_no_address(desk: Newsroom) -> None:
    body = desk.body("A man is convicted", TEXT.format("QUILLON  ZEBROWITZ, 41,"))
    carry_out(desk, request(desk, RedactionKind.WHOLE))
    with desk.archive.reading() as session:
        addresses = session.scalar(select(func.count()).select_from(Address)) or 0
    desk.check("/elsewhere", body=body)
    found = Found(f"https://example.org{PATHS[0]}", AddressKind.PAGE)
    desk.check("/feed", kind=AddressKind.FEED, body=b"a feed", found=(found,))
    assert traces(desk.archive, (*TRACES, "third trial")) == set()
    with desk.archive.reading() as session:
        assert session.scalar(select(func.count()).select_from(Address)) == addresses + 2


def test_reading_again_does_not_bring_it_back(desk: Newsroom) -> None:
    article_id = desk.article(PATHS[0]).id
    version = desk.history(PATHS[0])[0]
    carry_out(desk, request(desk))
    desk.extractor = "2"
    desk.reread(version.version_id)
    assert traces(desk.archive) == set()
    with desk.archive.reading() as session:
        assert len(history(session, article_id)) == 2


def test_versions_that_differed_in_what_went_both_stand(desk: Newsroom) -> None:
    desk.read("/a", "A trial", TEXT.format(NAME))
    desk.read("/a", "A trial", TEXT.format(NAME.upper()))
    asked = replace(request(desk), article_id=desk.article("/a").id)
    carry_out(desk, asked)
    for version in desk.history("/a"):
        desk.extractor = "2"
        desk.reread(version.version_id)
    assert versions_of(desk, "/a") == 2
