"""Sources, and the leases that let one run at a time crawl each."""

import threading
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from storage.database.archive import Archive
from storage.database.clock import system_now
from storage.database.errors import NotFound
from storage.frontier import sources
from storage.frontier.addresses import InvalidURL
from storage.frontier.enqueueing import Found, enqueue
from storage.frontier.sources import (
    add_source,
    domain_pauses,
    find_source,
    lease_sources,
    next_crawl_at,
    owners,
    pause_domain,
    pause_source,
    release_sources,
    source_name,
    still_to_have,
)
from storage.ledger.runs import end_run, start_run
from storage.models import AddressKind, Frontier, RunEnd, Source
from tests.support.archiving import START

HOUR = timedelta(hours=1)


def prepare(archive: Archive, *sites: str) -> int:
    """Sources whose front pages are due, and a run; returns the run's id."""
    with archive.writing() as session:
        for site in sites:
            add_source(session, site, now=START)
            enqueue(session, [Found(site, AddressKind.FRONT)], now=START)
        return start_run(session, software="1", settings={}, now=START)


def another_run(archive: Archive) -> int:
    with archive.writing() as session:
        return start_run(session, software="1", settings={}, now=START)


def lease(
    archive: Archive,
    run_id: int,
    *,
    now: datetime = START,
    limit: int = 10,
    only: list[int] | None = None,
) -> list[str]:
    with archive.writing() as session:
        leased = lease_sources(session, run_id, now=now, limit=limit, only=only)
        return [source.name for source in leased]


def named(archive: Archive, name: str) -> Source:
    with archive.reading() as session:
        return find_source(session, name)


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://www.example.org/news/", "example.org"),
        ("http://example.org:8080/", "example.org:8080"),
        ("https://sport.example.org/", "sport.example.org"),
        ("http://127.0.0.1:8000/", "127.0.0.1:8000"),
        ("http://[::1]/", "[::1]"),
    ],
)
def test_a_source_is_named_like_its_host(url: str, name: str) -> None:
    assert source_name(url) == name


def test_a_source_that_is_added_again_keeps_its_history(archive: Archive) -> None:
    with archive.writing() as session:
        first, new = add_source(session, "https://www.example.org/", now=START, delay=3)
        assert (new, first.delay, first.allow_private) == (True, 3, False)
    with archive.writing() as session:
        again, new = add_source(
            session, "http://example.org/news", now=START + HOUR, allow_private=True
        )
        assert (new, again.id, again.url) == (False, first.id, "https://www.example.org/")
    kept = named(archive, "example.org")
    assert (kept.added_at, kept.delay, kept.allow_private) == (START, 3, True)
    assert (kept.enabled, kept.cadence) == (True, 900)


def test_no_source_without_an_address(archive: Archive) -> None:
    with pytest.raises(InvalidURL), archive.writing() as session:
        add_source(session, "ftp://example.org/", now=START)


def test_two_processes_may_add_one_source(archive: Archive) -> None:
    together = threading.Barrier(2)
    added: list[tuple[int, bool]] = []

    def add() -> None:
        together.wait(10)
        with archive.writing() as session:
            source, new = add_source(session, "https://example.org/", now=START)
            added.append((source.id, new))

    threads = [threading.Thread(target=add) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(new for _, new in added) == [False, True]
    assert len({identity for identity, _ in added}) == 1


@pytest.mark.parametrize(
    "name",
    [
        "exämple.org",
        "EXÄMPLE.org",
        "www.exämple.org",
        "https://exämple.org/news?x=1",
        " xn--exmple-cua.org ",
    ],
)
def test_a_source_is_found_however_it_is_named(archive: Archive, name: str) -> None:
    prepare(archive, "https://xn--exmple-cua.org/")
    assert named(archive, name).name == "xn--exmple-cua.org"


@pytest.mark.parametrize(
    "name", ["example.net", "", "//[", "a b", "ftp://x.org", "\0", "x" * 9_000]
)
def test_no_such_source(archive: Archive, name: str) -> None:
    with pytest.raises(NotFound) as caught:
        named(archive, name)
    assert "\n" not in str(caught.value)


def test_owners_are_the_most_specific_sources(archive: Archive) -> None:
    prepare(archive, "https://example.org/", "https://sport.example.org/")
    with archive.reading() as session:
        found = owners(session, ["a.sport.example.org", "www.example.org", "example.com", "org"])
    assert {host: source.name for host, source in found.items()} == {
        "a.sport.example.org": "sport.example.org",
        "www.example.org": "example.org",
    }


def test_a_lease_keeps_other_runs_out_until_it_is_given_back(archive: Archive) -> None:
    mine = prepare(archive, "https://example.org/")
    other = another_run(archive)
    assert lease(archive, mine) == ["example.org"]
    assert lease(archive, other) == []
    with archive.writing() as session:
        source = find_source(session, "example.org")
        release_sources(session, other, {source.id: None})
    assert lease(archive, other) == []
    with archive.writing() as session:
        release_sources(session, mine, {source.id: None})
    assert lease(archive, other) == ["example.org"]


def test_a_source_that_is_given_back_waits_for_its_next_address(archive: Archive) -> None:
    run = prepare(archive, "https://example.org/")
    lease(archive, run)
    with archive.writing() as session:
        source = find_source(session, "example.org")
        session.execute(update(Frontier).values(due_at=START + HOUR))
        release_sources(session, run, {source.id: None})
    assert named(archive, "example.org").next_due_at == START + HOUR
    assert lease(archive, run, now=START + HOUR / 2) == []
    assert lease(archive, run, now=START + HOUR) == ["example.org"]


def test_a_source_without_addresses_is_never_due(archive: Archive) -> None:
    with archive.writing() as session:
        source, _ = add_source(session, "https://example.org/", now=START)
    run = another_run(archive)
    assert lease(archive, run) == []
    with archive.writing() as session:
        session.execute(update(Source).values(lease_run_id=run, next_due_at=START))
        release_sources(session, run, {source.id: None})
    assert named(archive, "example.org").next_due_at is None


def test_the_longest_due_are_leased_first_and_only_those_asked_for(archive: Archive) -> None:
    run = prepare(archive, *(f"https://{name}.example/" for name in "abc"))
    with archive.writing() as session:
        session.execute(
            update(Source).where(Source.name == "c.example").values(next_due_at=START - HOUR)
        )
    ids = [named(archive, f"{name}.example").id for name in "ab"]
    assert lease(archive, run, limit=1) == ["c.example"]
    assert lease(archive, run, only=[]) == []
    assert lease(archive, run, only=ids[1:]) == ["b.example"]
    assert lease(archive, run) == ["a.example"]


def test_a_disabled_source_is_not_leased(archive: Archive) -> None:
    run = prepare(archive, "https://example.org/")
    with archive.writing() as session:
        session.execute(update(Source).values(enabled=False))
    assert lease(archive, run) == []


def test_a_pause_is_kept_and_the_longest_counts(archive: Archive) -> None:
    run = prepare(archive, "https://example.org/")
    source_id = named(archive, "example.org").id
    for until in (START + HOUR, START + HOUR / 2):
        with archive.writing() as session:
            pause_source(session, source_id, until)
    assert lease(archive, run, now=START + HOUR - timedelta(microseconds=1)) == []
    with archive.reading() as session:
        assert next_crawl_at(session, Source.id == source_id) == START + HOUR
    assert lease(archive, run, now=START + HOUR) == ["example.org"]


def test_a_domain_s_pause_is_all_its_sources_and_of_those_that_are_added_later(
    archive: Archive,
) -> None:
    sites = ["https://example.org/", "https://sport.example.org/", "https://example.com/"]
    run = prepare(archive, *sites)
    with archive.writing() as session:
        pause_domain(session, find_source(session, "sport.example.org").id, START + HOUR)
        pause_domain(session, find_source(session, "example.org").id, START + HOUR / 2)
    prepare(archive, "https://culture.example.org/")
    assert lease(archive, run, now=START + HOUR - timedelta(microseconds=1)) == ["example.com"]
    with archive.reading() as session:
        told = domain_pauses(session, ["example.org", "example.com", "a.example"], START)
    assert told == {"example.org": START + HOUR}
    assert len(lease(archive, run, now=START + HOUR)) == 3


def test_what_a_run_may_still_have(archive: Archive) -> None:
    mine = prepare(archive, "https://a.example/", "https://b.example/")
    other = another_run(archive)
    (held,) = lease(archive, other, limit=1)
    with archive.reading() as session:
        assert still_to_have(session, mine, now=START, only=None)
        assert still_to_have(session, other, now=START, only=None)
        assert not still_to_have(session, mine, now=START - HOUR, only=None)
        assert still_to_have(session, mine, now=START, only=[find_source(session, held).id])
        assert not still_to_have(session, mine, now=START, only=[])


def test_one_run_has_all_of_a_domain(archive: Archive) -> None:
    """Its delay would else be kept by each of them, and by both together not."""
    sites = ["https://example.org/", "https://sport.example.org/", "https://example.com/"]
    first, second = prepare(archive, *sites), another_run(archive)
    assert lease(archive, first, limit=1) == ["example.org"]
    assert lease(archive, second) == ["example.com"]
    with archive.writing() as session:
        assert still_to_have(session, second, now=START, only=None)
    assert lease(archive, first) == ["sport.example.org"]
    with archive.writing() as session:
        for name in ("example.org", "sport.example.org"):
            release_sources(session, first, {find_source(session, name).id: None})
    assert lease(archive, second) == ["example.org", "sport.example.org"]


def test_who_waits_for_a_domain_alone_is_told_that_another_has_it(archive: Archive) -> None:
    sites = ["https://example.org/", "https://sport.example.org/"]
    first, second = prepare(archive, *sites), another_run(archive)
    assert lease(archive, first, limit=1) == ["example.org"]
    wanted = [named(archive, "sport.example.org").id]
    assert lease(archive, second, only=wanted) == []
    with archive.writing() as session:
        assert still_to_have(session, second, now=START, only=wanted)


def test_a_domain_is_quiet_since_the_last_of_its_sources_was_given_back(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    sites = ["https://example.org/", "https://sport.example.org/", "https://example.com/"]
    first, second = prepare(archive, *sites), another_run(archive)
    assert named(archive, "example.org").quiet_since is None
    lease(archive, first)
    before = system_now()
    with archive.writing() as session:
        end_run(session, first, RunEnd.FINISHED, {}, START)
    # The machine of whoever leases it next is an hour ahead.
    monkeypatch.setattr(sources, "system_now", lambda: system_now() + HOUR)
    lease(archive, second)
    since = named(archive, "sport.example.org").quiet_since
    assert since is not None
    assert before - timedelta(seconds=1) < since - HOUR < system_now() + timedelta(seconds=1)


def test_two_sessions_that_choose_at_once_do_not_share_a_domain(
    postgresql_archive: Archive,
) -> None:
    archive = postgresql_archive
    first = prepare(archive, "https://example.org/", "https://sport.example.org/")
    second = another_run(archive)
    with archive.writing() as one, archive.writing() as two:
        leased = lease_sources(one, first, now=START, limit=1, only=None)
        assert [source.name for source in leased] == ["example.org"]
        assert lease_sources(two, second, now=START, limit=1, only=None) == []
    assert lease(archive, second) == []


def test_two_sessions_do_not_lease_one_source(postgresql_archive: Archive) -> None:
    archive = postgresql_archive
    first = prepare(archive, *(f"https://{name}.example/" for name in "abcd"))
    second = another_run(archive)
    with archive.writing() as one, archive.writing() as other:
        assert len(lease_sources(one, first, now=START, limit=3, only=None)) == 3
        assert lease_sources(other, second, now=START, limit=3, only=None) == []
        # It is not at its end: there may be more to have in a moment.
        assert still_to_have(other, second, now=START, only=None)
    assert len(lease(archive, second, limit=3)) == 1
    with archive.reading() as session:
        leased = session.execute(
            select(Source.lease_run_id, func.count()).group_by(Source.lease_run_id)
        ).all()
    assert dict(leased) == {first: 3, second: 1}
