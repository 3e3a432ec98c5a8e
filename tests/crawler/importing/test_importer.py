"""What WARC files make of an archive: histories in the order of time, however they come."""

import gzip
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from crawler.importing.import_tally import Imported
from crawler.importing.importer import import_files
from crawler.reading.pool import ReaderPool
from storage.database.archive import Archive
from storage.history.imports import Place
from storage.history.lookup import find_article
from storage.history.version_records import VersionRecord, history
from storage.models import (
    Address,
    Fetch,
    Finding,
    Meaning,
    Outcome,
    Payload,
    Reading,
    Run,
    RunEnd,
    Source,
    Version,
)
from storage.query.warc.captures import CaptureSelection
from storage.query.warc.exporting import export_warc
from tests.support.generated_news import GeneratedArticle, generate_articles
from tests.support.readers import shared_pool
from tests.support.warcs import HTML, Shot, page, warc, write

SITE = "https://wharfpost.example"
START = datetime(2026, 3, 1, 8, tzinfo=UTC)
DAY = timedelta(days=1)
NEWS = list(generate_articles(8))


@pytest.fixture
def pool() -> ReaderPool:
    return shared_pool()


class Shelf:
    """An archive, and the files that are imported into it."""

    def __init__(self, archive: Archive, pool: ReaderPool, folder: Path) -> None:
        self.archive = archive
        self._pool = pool
        self._folder = folder
        self._files = 0

    def take(self, *shots: Shot, **options: bool) -> Imported:
        self._files += 1
        path = write(self._folder / f"{self._files}.warc.gz", shots, **options)
        return self.take_file(path)

    def take_file(self, path: Path) -> Imported:
        done = import_files(self.archive, [path], pool=self._pool)
        assert done.error is None
        assert done.how is RunEnd.FINISHED
        return done

    def history(self, article: GeneratedArticle) -> list[VersionRecord]:
        with self.archive.reading() as session:
            return history(session, find_article(session, SITE + article.path).id)

    def rows(self) -> dict[str, int]:
        with self.archive.reading() as session:
            return {
                table.__tablename__: session.scalar(select(func.count()).select_from(table)) or 0
                for table in (Fetch, Finding, Payload, Reading, Version, Address, Source)
            }

    def meanings(self, article: GeneratedArticle) -> list[Meaning | None]:
        """What each fetch of the article means now, in the order of time."""
        latest = select(func.max(Finding.number)).where(Finding.fetch_id == Fetch.id)
        with self.archive.reading() as session:
            return list(
                session.scalars(
                    select(Finding.meaning)
                    .join(Fetch, Fetch.id == Finding.fetch_id)
                    .join(Address, Address.id == Fetch.address_id)
                    .where(
                        Address.url == SITE + article.path,
                        Finding.number == latest.correlate(Fetch).scalar_subquery(),
                    )
                    .order_by(Fetch.id)
                )
            )


@pytest.fixture
def shelf(archive: Archive, pool: ReaderPool, tmp_path: Path) -> Shelf:
    return Shelf(archive, pool, tmp_path)


def shot(article: GeneratedArticle, day: float, **said: str) -> Shot:
    return Shot(SITE + article.path, START + day * DAY, page(article, **said))


def edited(article: GeneratedArticle) -> GeneratedArticle:
    first, *rest = article.paragraphs
    return replace(article, paragraphs=(f"{first} The mayor has resigned since.", *rest))


def test_a_file_makes_a_source_its_articles_and_nothing_the_second_time(shelf: Shelf) -> None:
    shots = [shot(it, 0) for it in NEWS]
    done = shelf.take(*shots)
    assert (done.tally.articles, done.tally.places[Place.NEW]) == (8, 8)
    assert done.tally.new_sources == {"wharfpost.example"}
    (version,) = shelf.history(NEWS[0])
    assert version.title == NEWS[0].title
    assert version.text.splitlines() == [NEWS[0].standfirst, *NEWS[0].paragraphs]
    assert version.first_seen_at == START
    with shelf.archive.reading() as session:
        source = session.scalars(select(Source)).one()
        assert (source.enabled, source.lease_run_id) == (False, None)
        run = session.scalars(select(Run)).one()
        assert run.settings["command"] == "warc import"
        assert run.counts["new_articles"] == 8
        fetch = session.scalars(select(Fetch).order_by(Fetch.id)).first()
        assert fetch is not None
        assert (fetch.run_id, fetch.status, fetch.url) == (run.id, 200, None)
    before = shelf.rows()
    again = shelf.take(*shots)
    assert again.tally.places == {Place.KNOWN: 8}
    assert shelf.rows() == before


def test_what_comes_between_before_and_after(shelf: Shelf) -> None:
    article, others = NEWS[0], NEWS[1:6]
    shelf.take(shot(article, 2), *(shot(it, 2) for it in others))
    shelf.take(shot(article, 6), *(shot(it, 6) for it in others))
    assert len(shelf.history(article)) == 1
    # between: A -> B -> A is three versions
    shelf.take(shot(edited(article), 4), *(shot(it, 4) for it in others))
    first, second, third = shelf.history(article)
    assert (first.text, second.text != first.text, third.text) == (third.text, True, first.text)
    days = [(it.first_seen_at - START) / DAY for it in (first, second, third)]
    assert days == [2, 4, 6]
    assert [(it.last_seen_at - START) / DAY for it in (first, second, third)] == [2, 4, 6]
    assert shelf.meanings(article) == [Meaning.NEW, Meaning.EDITED, Meaning.EDITED]
    assert len({it.identifier for it in (first, second, third)}) == 3
    # before
    headline = replace(article, title=f"{article.title}, and more")
    shelf.take(shot(headline, 0), *(shot(it, 0) for it in others))
    assert [it.title for it in shelf.history(article)] == [headline.title, *3 * [article.title]]
    assert shelf.meanings(article)[:2] == [Meaning.NEW, Meaning.EDITED]
    # after
    shelf.take(shot(edited(article), 8), *(shot(it, 8) for it in others))
    assert [(it.first_seen_at - START) / DAY for it in shelf.history(article)] == [0, 2, 4, 6, 8]
    assert [it.version for it in shelf.history(article)] == [1, 2, 3, 4, 5]
    assert shelf.history(article)[2].identifier == second.identifier


def test_what_the_site_changed_makes_no_version(shelf: Shelf) -> None:
    shelf.take(*(shot(it, 0) for it in NEWS))
    notice = (
        "<p>This site is moving to a new address next week, so please update your bookmarks.</p>"
    )
    done = shelf.take(*(shot(it, 1, notice=notice) for it in NEWS))
    assert done.tally.versions == 0
    assert [len(shelf.history(it)) for it in NEWS] == 8 * [1]


def test_an_order_of_time_is_not_needed(shelf: Shelf) -> None:
    article, others = NEWS[0], NEWS[1:6]
    days = [(4.0, article), (0.0, article), (2.0, edited(article))]
    shelf.take(*(shot(it, day) for day, mine in days for it in (mine, *others)))
    assert [(it.first_seen_at - START) / DAY for it in shelf.history(article)] == [0, 2, 4]


def test_answers_without_an_article(shelf: Shelf) -> None:
    url = SITE + NEWS[0].path
    shelf.take(*(shot(it, 0) for it in NEWS))
    gone = Shot(url, START + DAY, b"<h1>Gone</h1>", status="410 Gone")
    moved = Shot(
        SITE + "/old", START, None, status="301 Moved", headers=(("Location", NEWS[1].path),)
    )
    image = Shot(SITE + "/a.png", START, b"\x89PNG", headers=(("Content-Type", "image/png"),))
    posted = replace(shot(NEWS[2], 1), method="POST")
    unchanged = Shot(SITE + NEWS[3].path, START + DAY, None, status="304 Not Modified")
    done = shelf.take(gone, moved, image, posted, unchanged, *(shot(it, 1) for it in NEWS[4:]))
    assert done.tally.unwanted == {"no-page": 1, "no-get": 1}
    with shelf.archive.reading() as session:
        article = find_article(session, url)
        assert article.state.value == "gone"
        outcomes = dict(
            session.execute(
                select(Address.url, Finding.outcome)
                .join(Fetch, Fetch.address_id == Address.id)
                .join(Finding, Finding.fetch_id == Fetch.id)
            ).all()
        )
        assert outcomes[SITE + "/old"] is Outcome.MOVED
    assert shelf.history(NEWS[3])[0].last_seen_at == START + DAY
    assert shelf.meanings(NEWS[0]) == [Meaning.NEW, Meaning.REMOVED]


def test_a_revisit_has_the_body_of_what_it_refers_to(shelf: Shelf) -> None:
    first = shot(NEWS[0], 0)
    assert first.body is not None
    fields = (
        ("WARC-Profile", "http://netpreserve.org/warc/1.0/revisit/identical-payload-digest"),
        ("WARC-Refers-To-Target-URI", first.url),
        ("WARC-Refers-To-Date", "2026-03-01T08:00:00Z"),
    )
    again = replace(first, at=START + DAY, body=None, kind="revisit", fields=fields)
    absent = replace(
        again, url=SITE + "/absent", fields=(*fields[:1], ("WARC-Refers-To-Target-URI", "http://x.example/")),
    )  # fmt: skip
    done = shelf.take(first, again, absent)
    assert done.tally.places == {Place.NEW: 2, Place.NO_BODY: 1}
    (version,) = shelf.history(NEWS[0])
    assert version.last_seen_at == START + DAY
    assert shelf.meanings(NEWS[0]) == [Meaning.NEW, Meaning.UNCHANGED]


def test_damage_costs_what_has_it(shelf: Shelf, tmp_path: Path) -> None:
    whole = warc([shot(it, 0) for it in NEWS[:3]])
    path = tmp_path / "cut.warc.gz"
    path.write_bytes(whole[:-400])
    done = shelf.take_file(path)
    assert [it.why for it in done.tally.damage] == ["the file ends in the middle of a record"]
    assert done.tally.articles == 2
    path.write_bytes(whole)
    assert shelf.take_file(path).tally.places == {Place.KNOWN: 2, Place.NEW: 1}


def test_exported_and_imported_and_exported(
    shelf: Shelf, pool: ReaderPool, tmp_path: Path, sqlite_template: Path
) -> None:
    """The same bytes but for record ids."""
    sent = (HTML, ("Content-Encoding", "gzip"), ("Set-Cookie", "a=b"), ("X-Cache", "HIT"))
    shots = [replace(shot(it, day), headers=sent) for day in (0, 1) for it in NEWS[:3]]
    gone = Shot(SITE + NEWS[3].path, START, b"<h1>Gone</h1>", status="410 Gone")
    moved = Shot(SITE + "/old", START, None, status="301 Moved", headers=(("Location", "/"),))
    shelf.take(*shots, gone, moved)
    first, second = tmp_path / "first" / "a.warc.gz", tmp_path / "second" / "a.warc.gz"
    for path in (first, second):
        path.parent.mkdir()
    assert export_warc(shelf.archive, CaptureSelection(), first).revisits == 3
    (tmp_path / "again.db").write_bytes(sqlite_template.read_bytes())
    again = Archive(f"sqlite:///{tmp_path / 'again.db'}")
    assert import_files(again, [first], pool=pool).tally.places == {Place.NEW: 8}
    export_warc(again, CaptureSelection(), second)
    again.close()
    assert without_ids(second) == without_ids(first)


def without_ids(path: Path) -> bytes:
    return re.sub(rb"urn:uuid:[-0-9a-f]{36}", b"", gzip.decompress(path.read_bytes()))


def test_only_known_sources(archive: Archive, pool: ReaderPool, tmp_path: Path) -> None:
    path = write(tmp_path / "a.warc.gz", [shot(NEWS[0], 0)])
    done = import_files(archive, [path], make_sources=False, pool=pool)
    assert done.tally.elsewhere == {"wharfpost.example": 1}
    with archive.reading() as session:
        assert session.scalars(select(Source)).all() == []
        assert session.scalars(select(Fetch)).all() == []
