"""Readings of payloads: kept once, preferred one at a time, and never an edit."""

import unicodedata
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage.database.archive import Archive
from storage.history.captured_pages import Change, Deferred
from storage.history.new_reading import NewReading
from storage.history.readings import (
    ReadVersion,
    VersionRange,
    read_alike,
    read_versions,
    store_readings,
)
from storage.history.rereadings import record_rereadings
from storage.history.versioning import record_articles
from storage.ledger.pages import load_page
from storage.ledger.payloads import digest_of, store_payloads
from storage.models import Reading
from tests.support.archiving import START, Desk
from tests.support.searching import search

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


def reading(title: str = "Title", text: str = "Text") -> NewReading:
    return NewReading(digest_of(b"page"), "1", "", title, text, digest_of(b"page"))


def current(session: Session, source_id: int, *, limit: int = 10) -> list[ReadVersion]:
    """The current versions."""
    return read_versions(session, source_id, among=VersionRange(current=True), limit=limit)


@given(TEXT, TEXT)
def test_spaces_and_unicode_form_make_no_edit(title: str, text: str) -> None:
    as_it_is = reading(title, text).content["fingerprint"]
    decomposed = unicodedata.normalize("NFD", title), unicodedata.normalize("NFD", text)
    assert reading(*decomposed).content["fingerprint"] == as_it_is
    spaced = reading(f"  {title}\n", "\t" + text.replace(" ", " \u00a0\n "))
    assert spaced.content["fingerprint"] == as_it_is


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("Title", "text"),
        ("Titles", "Text"),
        ("Title Text", ""),
        ("", "Title Text"),
        ("Title\n", ""),
    ],
)
def test_any_other_word_makes_one(title: str, text: str) -> None:
    assert reading(title, text).content["fingerprint"] != reading().content["fingerprint"]


def test_a_reading_is_kept_as_it_first_was(archive: Archive) -> None:
    first = replace(
        reading(),
        authors=["A. Writer"],
        published_at=START,
        language="en",
        canonical_url="https://example.org/a",
        paragraphs=[["paragraph", "Text"]],
        details={"section": "News"},
        removed=[["template", "Share this"]],
    )
    with archive.writing() as session:
        store_payloads(session, {first.digest: b"page"})
        stored = store_readings(session, [first, first])
    with archive.writing() as session:
        assert store_readings(session, [replace(first, text="Another")]) == stored
        assert store_readings(session, []) == {}
        (kept,) = session.scalars(select(Reading)).all()
    assert stored == {(first.digest, "1", ""): (kept.id, first.content["fingerprint"])}
    assert (kept.content.title, kept.content.text, kept.content.authors) == (
        "Title",
        "Text",
        ["A. Writer"],
    )
    assert (kept.content.published_at, kept.content.modified_at, kept.content.language) == (
        START,
        None,
        "en",
    )
    assert kept.content.paragraphs == [["paragraph", "Text"]]
    assert kept.detail.removed == [["template", "Share this"]]
    assert kept.detail.details == {"section": "News", "canonical_url": "https://example.org/a"}


def test_reading_again_adds_no_version_and_searches_follow(archive: Archive) -> None:
    desk = Desk(archive)
    desk.read("/a", "Title", "One two three. Share this page")
    with archive.reading() as session:
        (known,) = current(session, desk.source.id)
        version_id = known.version_id
        assert (known.extractor, known.template) == ("1", "")
        digest = load_page(session, known.fetch_id).digest
    better = replace(reading(text="One two three."), digest=digest, extractor="2", template="p")
    for _ in range(2):
        with archive.writing() as session:
            assert len(record_rereadings(session, [(version_id, better)])) == 1
    (version,) = desk.history("/a")
    assert (version.text, version.extractor, version.template) == ("One two three.", "2", "p")
    assert version.last_seen_at == desk.now
    with archive.reading() as session:
        assert search(archive, "share") == []
        assert [hit.version for hit in search(archive, "three")] == [1]
        assert session.scalar(select(func.count()).select_from(Reading)) == 2
        (known,) = current(session, desk.source.id)
        assert (known.extractor, known.template) == ("2", "p")


def test_a_rereading_tells_whether_it_reads_otherwise(archive: Archive) -> None:
    desk = Desk(archive)
    recorded = desk.read("/a", "Title", "One  two")
    assert recorded is not None
    (version,) = desk.history("/a")
    same = replace(reading(text="One two"), digest=version.digest, extractor="2")
    other = replace(same, extractor="3", text="One")
    with archive.writing() as session:
        assert record_rereadings(
            session, [(recorded.version_id, same), (recorded.version_id, other)]
        ) == [False, True]


def test_an_old_version_that_is_read_again_leaves_searches_alone(archive: Archive) -> None:
    desk = Desk(archive)
    first = desk.read("/a", "Title", "The old words")
    desk.read("/a", "Title", "The new words")
    assert first is not None
    (old, _) = desk.history("/a")
    again = replace(reading(text="The odd words"), digest=old.digest, extractor="2")
    with archive.writing() as session:
        record_rereadings(session, [(first.version_id, again)])
    with archive.reading() as session:
        assert [len(search(archive, word)) for word in ("old", "odd", "new")] == [0, 0, 1]
    assert [version.text for version in desk.history("/a")] == ["The odd words", "The new words"]


def test_current_versions_come_the_newest_first(archive: Archive) -> None:
    desk = Desk(archive)
    other = Desk(archive, "https://example.net/", now=START + timedelta(days=1))
    desk.read("/a", "Title", "One")
    newest = [desk.read(path, "Title", text) for path, text in (("/a", "Two"), ("/b", "One"))]
    other.read("/a", "Title", "One")
    with archive.reading() as session:
        found = current(session, desk.source.id)
        first = current(session, desk.source.id, limit=1)
    assert [version.version_id for version in found] == [
        recorded.version_id for recorded in reversed(newest) if recorded is not None
    ]
    assert first == found[:1]


def test_a_page_that_another_extractor_reads_waits_to_be_judged(archive: Archive) -> None:
    desk = Desk(archive)
    first = desk.read("/a", "Title", "One two three")
    assert first is not None
    desk.extractor = "2"
    body = desk.body("Title", "One two three", advert="new")
    check, _ = desk.check("/a", body=body)
    page = replace(desk.captured(check), judged=False)
    with archive.writing() as session:
        (answer,) = record_articles(session, [page])
    assert isinstance(answer, Deferred)
    assert answer.version_id == first.version_id
    assert desk.record_page(page).change is Change.UNCHANGED


BARE, OLD, NEW = ("1", ""), ("1", "old-1"), ("1", "new-1")


@pytest.mark.parametrize(
    ("old", "new", "alike"),
    [
        ([OLD], [OLD], OLD),
        ([BARE, OLD], [BARE, ("1", "old-2")], BARE),
        ([BARE, OLD], [BARE, OLD, NEW], OLD),
        ([BARE, OLD], [BARE, NEW], None),
        ([BARE, OLD], [BARE, ("2", "new-1")], BARE),
        ([OLD], [NEW], None),
    ],
)
def test_what_two_versions_are_compared_by(
    old: list[tuple[str, str]], new: list[tuple[str, str]], alike: tuple[str, str] | None
) -> None:
    """Each version's readings, the best last."""
    known = [{key: (at, b"") for at, key in enumerate(keys)} for keys in (old, new)]
    assert read_alike(known[0], known[1], (old[-1], new[-1])) == alike
