"""No statement that a crawl sends scans a table that grows."""

import re
from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import text

from storage.database.archive import Archive
from storage.frontier.due import controls, due_addresses
from storage.frontier.enqueueing import Found
from storage.frontier.revisits import EditStats
from storage.frontier.sources import release_sources
from storage.history.dismissals import (
    Dismissal,
    Readmission,
    record_dismissals,
    record_readmissions,
)
from storage.history.looks import looks_before
from storage.history.readings import VersionRange, read_versions
from storage.history.retractions import last_sight, retraction_of, standing
from storage.history.site_pages import known_pages, shown_beside
from storage.ledger.pages import pending_pages
from storage.ledger.sights import first_sights_of, sights_since
from storage.models import AddressKind, Outcome
from storage.search.search import Search
from storage.templates.layouts import layouts_of, site_changes
from storage.templates.samples import samples_of
from tests.support.archiving import Desk
from tests.support.databases import query_plans

SOURCES = 100
GROWING = (
    "address",
    "address_link",
    "article",
    "change",
    "content",
    "fetch",
    "finding",
    "frontier",
    "header_set",
    "payload",
    "reading",
    "reading_detail",
    "version",
    "version_state",
)
NUMBERS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {rows})"
MOMENT = "'2026-02-01 08:00:00+00:00'"
FILL = (
    "INSERT INTO source (id, name, url, allow_private, delay, cadence, enabled, added_at, relearn)"
    f" {NUMBERS} SELECT 1000 + i, 'site' || i, 'https://site' || i, false, 1, 900, true, {MOMENT},"
    f" false FROM n WHERE i <= {SOURCES}",
    "INSERT INTO article (id, source_id, url, state, current_version_id, first_seen_at)"
    f" {NUMBERS} SELECT 10000 + i, 1001 + i % {SOURCES}, 'a' || i, 'live', 10000 + i, {MOMENT}"
    " FROM n",
    "INSERT INTO address (id, key, url, source_id, kind, article_id, guid, excluded)"
    f" {NUMBERS} SELECT 10000 + i, '//site/' || i, 'https://site/' || i, 1001 + i % {SOURCES},"
    " 'page', 10000 + i, 'guid' || i, false FROM n",
    "INSERT INTO frontier (address_id, source_id, due_at, attempts, hops, version_id)"
    f" {NUMBERS} SELECT 10000 + i, 1001 + i % {SOURCES}, {MOMENT}, 0, 0, 10000 + i FROM n",
    'INSERT INTO "fetch" (id, address_id, run_id, fetched_at, status)'
    f" {NUMBERS} SELECT 10000 + i, 10000 + i, 1, {MOMENT}, 200 FROM n",
    "INSERT INTO finding (fetch_id, number, outcome, recorded_at, version_id)"
    f" {NUMBERS} SELECT 10000 + i, 1, 'fetched', {MOMENT}, 10000 + i FROM n",
    f"INSERT INTO header_set (digest, headers) {NUMBERS} SELECT {{digest}}, '[]' FROM n",
    "INSERT INTO payload (digest, size, encoding, data)"
    f" {NUMBERS} SELECT {{digest}}, 0, 'zstd', {{digest}} FROM n",
    "INSERT INTO content (digest, fingerprint, title, text, blocks, authors, partial)"
    f" {NUMBERS} SELECT {{digest}}, {{digest}}, 't' || i, 'x' || i, '[]', '[]', false FROM n",
    "INSERT INTO reading_detail (digest, details, removed)"
    f" {NUMBERS} SELECT {{digest}}, '{{{{}}}}', '[]' FROM n",
    "INSERT INTO reading (id, input, digest, extractor, template, content_digest, detail_digest)"
    f" {NUMBERS} SELECT 10000 + i, {{digest}}, {{digest}}, '1', '', {{digest}}, {{digest}} FROM n",
    "INSERT INTO version (id, identifier, article_id, number, digest, reading_id, recorded_content,"
    f" fetch_id, first_seen_at) {NUMBERS} SELECT 10000 + i, 'v' || i, 10000 + i, 1, {{digest}},"
    f" 10000 + i, {{digest}}, 10000 + i, {MOMENT} FROM n",
    "INSERT INTO version_state (version_id, best_reading, last_seen_at, article_id, number)"
    f" {NUMBERS} SELECT 10000 + i, 10000 + i, {MOMENT}, 10000 + i, 1 FROM n",
    "INSERT INTO address_link (from_id, to_id, kind, fetch_id)"
    f" {NUMBERS} SELECT 10000 + i, 10001 + i, 'redirect', 10000 + i FROM n WHERE i < {{rows}}",
)


AGAIN = (
    'INSERT INTO "fetch" (id, address_id, run_id, fetched_at, status)'
    ' SELECT id + {more}, address_id, run_id, fetched_at, status FROM "fetch" WHERE id < 1000000',
    "INSERT INTO finding (fetch_id, number, outcome, recorded_at, version_id)"
    " SELECT fetch_id + {more}, 1, 'unchanged', recorded_at, version_id FROM finding"
    " WHERE fetch_id < 1000000",
)


def fill(archive: Archive, rows: int, fetches: int) -> None:
    """So many articles, and each fetched so many times."""
    postgresql = archive.engine.dialect.name == "postgresql"
    digest = "decode(md5(i::text), 'hex')" if postgresql else "CAST('digest' || i AS BLOB)"
    with archive.writing() as session:
        for statement in FILL:
            session.execute(text(statement.format(digest=digest, rows=rows)))
        for number in range(1, fetches):
            for statement in AGAIN:
                session.execute(text(statement.format(more=number * 1_000_000)))
        if postgresql:
            for table in ("source", "article", "address", "header_set", "reading", "version"):
                session.execute(
                    text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), 1000000)")
                )


def crawl(desk: Desk) -> None:
    """One of everything that a crawl does of a source."""
    found = tuple(
        Found(f"{desk.site}{name}", AddressKind.PAGE, hints={"guid": name}) for name in "ab"
    )
    desk.check("/feed", body=b"1", kind=AddressKind.FEED, found=found)
    desk.read("/a", "Title", "The words of the page " * 9)
    desk.read("/a", "Title", "The words of the page " * 9)
    desk.read("/a", "Another title", "The words of the page " * 9)
    desk.read("/b", "Title", "Other words " * 20, canonical_url=f"{desk.site}c")
    desk.check("/old", Outcome.MOVED, redirect=f"{desk.site}a")
    recorded = desk.read("/a", "A third title", "The words of the page " * 9)
    check, _ = desk.check("/a", Outcome.GONE)
    assert recorded is not None
    desk.extractor = "2"
    desk.reread(recorded.version_id)
    source_id = desk.source.id
    with desk.archive.writing() as session:
        pending_pages(session, [source_id])
        due_addresses(
            session,
            source_id,
            now=desk.now,
            limit=50,
            without=(),
            kinds=None,
            site=EditStats(0, 0),
        )
        controls(session, source_id, 4, without=(), now=desk.now, seed=1)
        among = VersionRange(current=True)
        read_versions(session, source_id, among=among, limit=100)
        looks_before(session, check.address_id, check.fetch_id)
        samples_of(session, source_id)
        layouts_of(session, source_id)
        shown_beside(session, known_pages(session, source_id))
        article_id = recorded.article_id
        record_dismissals(session, [Dismissal(article_id, "listing", "a test")], desk.now)
        shown_beside(session, known_pages(session, source_id))
        record_readmissions(session, [Readmission(article_id, "a test")], desk.now)
        site_changes(session, source_id)
        standing(session, [recorded.version_id])
        last_sight(session, recorded.article_id, recorded.version_id)
        retraction_of(session, recorded.version_id)
        sights_since(session, source_id, desk.now - timedelta(days=1))
        first_sights_of(session, [recorded.version_id])
        release_sources(session, 1, {source_id: None})


@pytest.mark.timeout(1_200)
@pytest.mark.parametrize(
    ("rows", "fetches"), [(5_000, 1), pytest.param(100_000, 10, marks=pytest.mark.soak)]
)
def test_no_statement_of_a_crawl_scans_a_table_that_grows(
    new_archive: Archive, rows: int, fetches: int
) -> None:
    fill(new_archive, rows, fetches)
    desk = Desk(new_archive)
    with new_archive.writing() as session:
        session.execute(text("ANALYZE"))
    plans = query_plans(new_archive, lambda: crawl(desk))
    assert len(plans) > 50
    assert scans_in(plans) == set()


def test_no_statement_of_a_search_scans_a_table_that_grows(new_archive: Archive) -> None:
    fill(new_archive, 5_000, 1)
    desk = Desk(new_archive)
    with Search(new_archive, patience=300) as search:
        assert search.find("x7").total == 1
        with new_archive.writing() as session:
            session.execute(text("ANALYZE"))
        desk.read("/a", "Title", "One more x7")
        plans = query_plans(new_archive, lambda: search.find("x7"))
        assert search.find("x7").total == 2
    assert len(plans) > 8
    assert scans_in(plans) == set()


def scans_in(plans: Sequence[str]) -> set[str]:
    """Whole tables that grow which these plans read."""
    tables = "|".join(GROWING)
    scan = re.compile(
        rf"Seq Scan on (?:{tables})(?:_default|_\d{{4}}_\d\d)?\b.*"
        rf"|SCAN (?:{tables})(?:_\d+)?\b.*"
    )
    return {match[0] for plan in plans for match in scan.finditer(plan)}
