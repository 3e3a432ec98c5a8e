"""Rows of articles and versions: what of the past can be asked for, and in what order."""

import itertools
from typing import Any

import pytest

from storage.database.archive import Archive
from storage.database.clock import utc_now
from storage.models import Outcome
from storage.query.fields import VERSION_FIELDS
from storage.query.selection import Selection
from storage.query.version_rows import count_version_rows, version_rows
from tests.support.archiving import Desk
from tests.support.databases import query_plan
from tests.support.learning import BANNER, Learning


def rows(archive: Archive, **wanted: Any) -> list[dict[str, Any]]:
    with archive.reading() as session:
        found = version_rows(session, Selection(**wanted))
        names = [field.name for field in VERSION_FIELDS]
        return [dict(zip(names, row, strict=True)) for row in found]


def test_what_was_known_by_a_time_stays_the_same(archive: Archive) -> None:
    desk = Desk(archive)
    recorded = desk.read("/a", "Title", "One two three")
    desk.read("/b", "Another", "Four five")
    then = utc_now()
    known = rows(archive, known_by=then)
    every = rows(archive, known_by=then, all_versions=True)
    assert [row["title"] for row in known] == ["Title", "Another"]
    desk.read("/a", "New title", "One two three four")
    desk.check("/b", Outcome.GONE)
    desk.read("/c", "A third", "Six")
    desk.extractor = "2"
    assert recorded is not None
    desk.reread(recorded.version_id)
    assert [row["title"] for row in rows(archive)] == ["New title", "Another", "A third"]
    assert rows(archive, known_by=then) == known
    assert rows(archive, known_by=then, all_versions=True) == every
    assert rows(archive, known_by=desk.source.added_at) == []


def test_what_was_known_has_what_was_retracted_later(archive: Archive) -> None:
    desk = Learning(archive)
    desk.read("/a", "Title", "One two three.")
    desk.read("/a", "Title", "One two three." + BANNER)
    desk.check("/a", Outcome.UNCHANGED)
    then = utc_now()
    wanted: list[dict[str, Any]] = [{}, {"all_versions": True}, {"as_of": desk.now}]
    known = [rows(archive, known_by=then, **it) for it in wanted]
    assert [[row["version"] for row in found] for found in known] == [[2], [1, 2], [2]]
    desk.template = "banner"
    desk.reread_all("/a")
    assert [rows(archive, known_by=then, **it) for it in wanted] == known
    (stands,) = rows(archive, all_versions=True)
    (stood,) = rows(archive, as_of=desk.now)
    (known_now,) = rows(archive, known_by=utc_now())
    assert stands["version"] == stood["version"] == known_now["version"] == 1
    assert stands["last_seen_at"] == stood["last_seen_at"] == desk.now
    every = rows(archive, all_versions=True, retracted=True)
    assert [row["retracted_at"] is None for row in every] == [True, False]
    with archive.reading() as session:
        counted = [
            count_version_rows(session, Selection(all_versions=True, retracted=asked))
            for asked in (False, True)
        ]
    assert counted == [1, 2]


def test_an_article_that_returned_was_away_in_between(archive: Archive) -> None:
    desk = Desk(archive)
    desk.read("/a", "Title", "One two three")
    seen = desk.now
    desk.check("/a", Outcome.NOT_FOUND)
    away = desk.now
    desk.read("/a", "Title", "One two three")
    back = desk.now
    for then, states in ((seen, ["live"]), (away, []), (back, ["live"])):
        assert [row["state"] for row in rows(archive, as_of=then)] == states
    (gone,) = rows(archive, as_of=away, states=("not-found",))
    assert gone["last_seen_at"] == seen
    assert [row["state"] for row in rows(archive, as_of=away, all_versions=True)] == ["not-found"]


def test_what_shows_but_a_part_of_its_text_is_walled(archive: Archive) -> None:
    desk = Desk(archive, details={"partial": True})
    desk.read("/a", "Title", "One two three")
    assert [row["state"] for row in rows(archive)] == ["walled"]
    assert [row["state"] for row in rows(archive, as_of=desk.now)] == ["walled"]
    assert rows(archive, states=("live",)) == []


def test_what_says_that_it_is_for_subscribers_and_shows_all_is_live(archive: Archive) -> None:
    desk = Desk(archive, details={"paywalled": True})
    desk.read("/a", "Title", "One two three")
    for row in (*rows(archive), *rows(archive, as_of=desk.now)):
        assert (row["state"], row["paywalled"]) == ("live", True)


def test_the_order_is_that_of_articles_and_versions(archive: Archive) -> None:
    desk = Desk(archive)
    for number, name in itertools.product(range(2), "abc"):
        desk.read(f"/{name}", f"Title {name} {number}", "One two three")
    every = rows(archive, all_versions=True)
    keys = [(row["article_id"], row["version"]) for row in every]
    assert keys == sorted(keys)
    assert len(keys) == 6
    picked = (keys[0][0], keys[-1][0])
    chosen = rows(archive, article_ids=(picked[1], picked[0], picked[0]))
    assert [row["article_id"] for row in chosen] == list(picked)
    assert rows(archive, article_ids=()) == []


@pytest.mark.parametrize("wanted", [{}, {"all_versions": True}, {"sources": ("example.org",)}])
def test_nothing_is_sorted(sqlite_archive: Archive, wanted: dict[str, Any]) -> None:
    """SQLite would hold what it sorts before it gives the first row."""
    Desk(sqlite_archive)
    plan = query_plan(sqlite_archive, lambda: rows(sqlite_archive, **wanted))
    assert "ORDER BY" not in plan


def test_the_count_is_that_of_the_rows(archive: Archive) -> None:
    desk = Desk(archive)
    desk.read("/a", "Title", "One two three")
    desk.read("/a", "Other title", "One two three")
    for wanted in ({}, {"all_versions": True}, {"languages": ("de",)}, {"article_ids": (1, 2)}):
        with archive.reading() as session:
            counted = count_version_rows(session, Selection(**wanted))
        assert counted == len(rows(archive, **wanted))


def test_what_a_page_and_its_site_say_of_reuse(archive: Archive) -> None:
    desk = Desk(archive)
    desk.read("/silent", "Title", "Words.")
    desk.details = {"rights": {"reserved": False, "policy": "https://a/p", "by_site": True}}
    desk.read("/free", "Another", "Other words.")
    desk.details = {"rights": {"reserved": None, "directives": ["noai"], "license": "https://a/l"}}
    desk.read("/noai", "A third", "Words again.")
    with archive.reading() as session:
        said = [row[-6:-2] for row in version_rows(session, Selection())]
    assert said == [
        (None, None, [], None),
        (False, "https://a/p", [], None),
        (None, None, ["noai"], "https://a/l"),
    ]


def test_what_stands_beside_the_text_is_json(archive: Archive) -> None:
    desk = Desk(archive)
    desk.read("/plain", "Title", "Words.")
    apart = [["caption", "À midi", 1, "https://example.org/b.jpg"]]
    desk.details = {"apart": apart, "live_entries": [[0, "2026-01-03T10:00:00+01:00"]]}
    desk.read("/a", "Another", "Other words.")
    with archive.reading() as session:
        said = [row[-2:] for row in version_rows(session, Selection())]
    assert said == [
        ("[]", "[]"),
        (
            '[["caption","À midi",1,"https://example.org/b.jpg"]]',
            '[[0,"2026-01-03T10:00:00+01:00"]]',
        ),
    ]
