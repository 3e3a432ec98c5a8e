"""A source that is removed: what stays, and what goes."""

from functools import partial
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from storage.database.archive import Archive
from storage.database.errors import Refused
from storage.frontier.removal import (
    Holding,
    holding,
    owned_tables,
    removals,
    remove,
    remove_with_record,
)
from storage.frontier.sources import add_source, lease_sources
from storage.history.identity_decisions import merge
from storage.ledger.payloads import load_payload
from storage.ledger.runs import start_run
from storage.models import (
    AddressKind,
    Article,
    Base,
    Fetch,
    Outcome,
    OwnReading,
    Payload,
    RedactedPayload,
    RedactedVersion,
    Redaction,
    RedactionKind,
    RedactionRule,
    RedactionScope,
    RuleKind,
    Source,
    Version,
)
from storage.query.articles import article_record
from tests.support.archiving import START, Desk
from tests.support.searching import search

OF_ALL = {"run", "change", "archive_identity", "source_removal"}
OF_ALL |= {"redaction", "redaction_rule", "reextraction"}
OF_ALL |= {"unsealed", "leaf", "day_root", "timestamp_token"}
OF_ALL |= {"reextraction", "redaction", "redaction_rule"}
SHARED = {
    "header_set",
    "payload",
    "reading",
    "reading_detail",
    "content",
    "robots_txt",
    "tdm_file",
    "redacted_payload",
    *OF_ALL,
}


def fill(archive: Archive, site: str) -> Desk:
    """Something of the site in every table; one of its pages is the same on every site."""
    desk = Desk(archive, site, run_id=len(site) + ord(site[-2]))
    desk.check("/feed/", kind=AddressKind.FEED, body=b"a feed")
    desk.read("/same", "The same everywhere", "The very same words on every site")
    desk.read("/a", f"Title of {site}", "The first wording")
    desk.read("/a", f"Title of {site}", "The second wording")
    desk.read("/b", f"Another of {site}", "The first wording of another")
    desk.check("/b", Outcome.MOVED, redirect=f"{site}a")
    check, _ = desk.check("/b", Outcome.NOT_FOUND)
    with archive.writing() as session:
        merge(session, f"{site}a", f"{site}same", now=START)
        ids = {
            "source": desk.source.id,
            "address": check.address_id,
            "now": START,
            "outline": b"zstd",
            "host": f"host-of-{desk.source.id}.example",
            "origin": site.rstrip("/"),
        }
        for statement in (
            "INSERT INTO source_host VALUES (:host, :source, 'd')",
            "INSERT INTO template_decision VALUES (:source, 'key', 'always-remove', :now)",
            "INSERT INTO page_sample (address_id, source_id, fetched_at, sample) "
            "VALUES (:address, :source, :now, :outline)",
            "INSERT INTO layout (source_id, key, skeleton, found_at) "
            "VALUES (:source, 'k', '[]', :now)",
            "INSERT INTO template "
            "(layout_id, revision, digest, template, pages, learned_at, sha256) "
            "SELECT id, 1, 'd', '{}', 1, :now, :outline FROM layout WHERE source_id = :source",
            "INSERT INTO site_change "
            "(source_id, came_from, became, signatures, pages, recorded_at) "
            "VALUES (:source, 'a', 'b', '[]', 1, :now)",
            "INSERT INTO overruling (source_id, says, came_from, became, signatures, keys, "
            "version_ids, reason, said_by, said_at) "
            "VALUES (:source, 'site', 'a', 'b', '[]', '[]', '[]', 'why', 'who', :now)",
            "INSERT INTO key_page (source_id, digest, used_at, alone, pages, usual, recent) "
            "SELECT :source, payload.digest, :now, 0.2, 1, 0.1, 0.1 FROM payload "
            'JOIN "fetch" ON "fetch".digest = payload.digest '
            'WHERE "fetch".address_id = (SELECT max(id) FROM address WHERE source_id = :source '
            "AND url LIKE '%/a') LIMIT 1",
            "INSERT INTO robots_txt (origin, asked_at, body) VALUES (:origin, :now, :outline)",
            "INSERT INTO tdm_file (origin, asked_at, last_asked_at, status, conclusive) "
            "VALUES (:origin, :now, :now, 404, TRUE)",
            "INSERT INTO redaction (kind, scope, source_id, asked_by, reason, redacted_at, counts) "
            "VALUES ('words', 'source', :source, 'who', 'why', :now, '{}')",
            "INSERT INTO redacted_version SELECT max(version.id), max(redaction.id) "
            "FROM redaction, version JOIN article ON article.id = version.article_id "
            "WHERE article.source_id = :source",
            "INSERT INTO redacted_payload SELECT version.digest, redaction.id "
            "FROM redacted_version JOIN version ON version.id = redacted_version.version_id "
            "JOIN redaction ON redaction.id = redacted_version.redaction_id "
            "WHERE redaction.source_id = :source",
            "INSERT INTO own_reading SELECT 'own', version.id, version.reading_id FROM version "
            "JOIN article ON article.id = version.article_id "
            "WHERE article.source_id = :source",
        ):
            session.execute(text(statement), ids)
        _redact(session, desk.source.id)
    return desk


def _redact(session: Session, source_id: int) -> None:
    """A redaction of a version of the source, which an extractor that is not ours has read too."""
    version = session.scalars(
        select(Version)
        .join(Article)
        .where(Article.source_id == source_id)
        .order_by(Version.id.desc())
    ).first()
    assert version is not None
    made = Redaction(
        kind=RedactionKind.WORDS,
        scope=RedactionScope.VERSION,
        source_id=source_id,
        asked_by="who",
        reason="why",
        redacted_at=START,
        counts={},
    )
    session.add(made)
    session.flush()
    rule = {"kind": RuleKind.WORDS, "key": b"k" * 16, "length": 3, "keyed": b"d" * 16}
    session.add(RedactionRule(redaction_id=made.id, **rule))
    session.add(RedactedVersion(version_id=version.id, redaction_id=made.id))
    session.add(RedactedPayload(digest=version.digest, redaction_id=made.id))
    session.add(
        OwnReading(extractor="own:read", version_id=version.id, reading_id=version.reading_id)
    )
    session.flush()


def everything(archive: Archive) -> dict[str, list[Any]]:
    with archive.reading() as session:
        return {
            table.name: sorted(map(repr, session.execute(select(table))))
            for table in Base.metadata.sorted_tables
            if table.name not in OF_ALL
        }


def test_every_table_is_of_a_source_or_of_all() -> None:
    assert {table.name for table in owned_tables()} == set(Base.metadata.tables) - SHARED


def test_the_record_goes_with_its_source_and_nothing_else_does(new_archive: Archive) -> None:
    kept = fill(new_archive, "https://example.org/")
    before = everything(new_archive)
    assert all(before.values()), [name for name, rows in before.items() if not rows]
    gone = fill(new_archive, "https://example.net/")
    with new_archive.writing() as session:
        source = session.get_one(Source, gone.source.id)
        assert holding(session, source) == Holding(articles=3, versions=4, addresses=4, checks=7)
        remove_with_record(session, source, START)
    assert everything(new_archive) == before
    with new_archive.reading() as session:
        (told,) = removals(session)
    assert (told.name, told.url) == ("example.net", "https://example.net/")
    assert told.removed_at == START
    assert (told.articles, told.versions, told.addresses, told.checks) == (3, 4, 4, 7)
    with new_archive.reading() as session:
        hits = search(new_archive, "wording")
        assert {hit.source for hit in hits} == {"example.org"}
        assert article_record(session, "https://example.org/a").versions
    with (
        pytest.raises(DBAPIError, match=r"version (is never deleted|never changes)"),
        new_archive.engine.begin() as connection,
    ):
        connection.execute(text("DELETE FROM version"))
    assert kept.history("/a")


def test_a_page_of_two_sources_outlives_the_key_of_one(archive: Archive) -> None:
    furniture = " ".join(f"<i class={n * n}>" for n in range(400))
    for site in ("https://example.net/", "https://example.org/"):
        desk = Desk(archive, site, run_id=ord(site[-2]))
        if site == "https://example.net/":
            key, _ = desk.check("/key", body=f"{furniture} the key".encode())
            gone = desk.source.id
        shared, _ = desk.check("/same", body=f"{furniture} the same on both".encode())
    with archive.writing() as session:
        digests = [session.get_one(Fetch, it.fetch_id).digest for it in (key, shared)]
        assert session.get_one(Payload, digests[1]).key_digest == digests[0]
        remove_with_record(session, session.get_one(Source, gone), START)
    with archive.reading() as session:
        assert session.get(Payload, digests[0]) is None
        assert load_payload(session, digests[1] or b"").endswith(b"the same on both")


def test_the_record_of_a_source_that_is_removed_stays(archive: Archive) -> None:
    desk = Desk(archive)
    desk.read("/a", "Title", "The wording")
    with archive.writing() as session:
        assert remove(session, session.get_one(Source, desk.source.id), START)
    assert [hit.title for hit in search(archive, "wording")] == ["Title"]
    with archive.writing() as session:
        assert lease_sources(session, 1, now=desk.now, limit=9, only=None) == []
        source, new = add_source(session, desk.site, now=desk.now)
        assert (new, source.enabled, source.removed_at) == (False, True, None)


def test_a_source_without_an_article_is_removed_entirely(archive: Archive) -> None:
    desk = Desk(archive)
    desk.check("/", Outcome.FAILED, kind=AddressKind.FRONT)
    with archive.writing() as session:
        assert not remove(session, session.get_one(Source, desk.source.id), START)
    assert not any(everything(archive).values())


def test_a_source_that_is_being_crawled_is_not_removed(archive: Archive) -> None:
    desk = Desk(archive)
    desk.check("/", Outcome.FAILED, kind=AddressKind.FRONT)
    with archive.writing() as session:
        run_id = start_run(session, software="1", settings={}, now=START)
        session.get_one(Source, desk.source.id).lease_run_id = run_id
    for attempt in (partial(remove, now=START), partial(remove_with_record, now=START)):
        with (
            pytest.raises(
                Refused,
                match=rf"by run {run_id} \(.*`permalien sources pause example.org`",
            ),
            archive.writing() as session,
        ):
            attempt(session, session.get_one(Source, desk.source.id))
