"""Today's extractor over stored pages: readings are added, versions are not."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import func, select

from crawler.reading import reextraction
from crawler.reading.change_report import ChangeReport
from crawler.reading.reextraction import Wanted, extractor_number
from crawler.reading.reextraction_run import Reextracted, preview, reextract
from storage.database.archive import Archive
from storage.database.errors import Refused
from storage.history.captured_pages import Captured
from storage.history.new_reading import NewReading
from storage.history.readings import VersionRange
from storage.history.reextractions import Progress
from storage.ledger.payloads import digest_of
from storage.models import Base, Content, Reading, Reextraction, Run, RunEnd, Version, VersionState
from tests.support.archiving import Desk

SENTENCE = "The ferry left the island at dawn with forty crates of fish and one piano aboard."
PAGE = """<html lang="en"><head><title>{title}</title></head><body><article><h1>{title}</h1>
{paragraphs}</article></body></html>"""


def page(number: int) -> bytes:
    sentences = (f"{SENTENCE} It was crossing {number}, mile {mile}." for mile in range(6))
    paragraphs = "\n".join(f"<p>{sentence}</p>" for sentence in sentences)
    return PAGE.format(title=f"Crossing {number} of the ferry", paragraphs=paragraphs).encode()


def archive_page(
    desk: Desk, path: str, body: bytes, text: str = "Word", extractor: str = "0"
) -> None:
    """A version that an extractor of old read as one word."""
    check, _ = desk.check(path, body=body)
    old = NewReading(
        digest=digest_of(body),
        input=digest_of(body),
        extractor=extractor,
        template="",
        title="Old title",
        text=text,
    )
    desk.record_page(Captured(check.fetch_id, check.address_id, check.fetched_at, old))


def counts(archive: Archive) -> tuple[int, int]:
    """How many versions and readings there are."""
    with archive.reading() as session:
        return (
            session.scalar(select(func.count()).select_from(Version)) or 0,
            session.scalar(select(func.count()).select_from(Reading)) or 0,
        )


def contents(archive: Archive) -> dict[str, list[str]]:
    """Every row of the archive but those that tell of runs, and of what followed."""
    aside = {"run", "reextraction", "change", "archive_identity"}
    with archive.reading() as session:
        return {
            table.name: sorted(repr(tuple(row)) for row in session.execute(select(table)))
            for table in Base.metadata.sorted_tables
            if table.name not in aside
        }


def again(
    archive: Archive, desk: Desk, report: ChangeReport | None = None, **wanted: object
) -> Reextracted:
    report = report or ChangeReport()
    given = Wanted([desk.source.id], **wanted)  # type: ignore[arg-type]
    asked = {name: str(value) for name, value in wanted.items()}
    ended = reextract(archive, given, asked=asked, told=report.add)
    assert ended.error is None
    return ended


@pytest.fixture
def desk(archive: Archive) -> Desk:
    desk = Desk(archive)
    archive_page(desk, "/a", page(1))
    archive_page(desk, "/a", page(2), "Another")
    archive_page(desk, "/b", b"\x89PNG\r\n\x1a\n")
    return desk


@pytest.mark.parametrize("dry_run", [True, False])
def test_it_tells_what_changes(archive: Archive, desk: Desk, dry_run: bool) -> None:
    report = ChangeReport()
    if dry_run:
        before = contents(archive)
        done = preview(archive, Wanted([desk.source.id]), told=report.add)
        assert contents(archive) == before
    else:
        done = again(archive, desk, report).progress
    assert (done.total, done.done, done.read, done.changed, done.unreadable) == (3, 3, 3, 2, 1)
    assert {"title", "text"} <= set(done.fields)
    assert report.progress == done
    assert report.sources == {"example.org": 2}
    assert report.fields["example.org"]["title"] == 2
    (example, *_) = [it for it in report.examples if it.field == "title"]
    assert (example.url, example.before) == ("https://example.org/a", "Old title")
    assert counts(archive) == ((3, 3) if dry_run else (3, 5))


def test_the_second_time_changes_nothing(archive: Archive, desk: Desk) -> None:
    first = again(archive, desk)
    before = contents(archive)
    second = again(archive, desk)
    assert contents(archive) == before
    # What no article was found in is looked at again, by whichever extractor.
    assert (second.progress.read, second.progress.changed) == (1, 0)
    assert second.id != first.id
    assert again(archive, desk, among=VersionRange(until=desk.now)).progress.read == 0


def test_only_what_an_older_extractor_read(archive: Archive) -> None:
    desk = Desk(archive)
    for number, extractor in enumerate(("7+trafilatura-2", "8+trafilatura-2", "unnamed")):
        archive_page(desk, f"/{number}", page(number), extractor=extractor)
    assert again(archive, desk, older_than=8).progress.changed == 2
    assert again(archive, desk, older_than=9).progress.changed == 1
    assert extractor_number("12+trafilatura-2.3.1") == 12


def test_the_recorded_text_stays(archive: Archive, desk: Desk) -> None:
    again(archive, desk)
    with archive.reading() as session:
        texts = session.scalars(
            select(Content.text).join(Version, Version.recorded_content == Content.digest)
        ).all()
        best = session.scalars(
            select(Content.text)
            .join(Reading, Reading.content_digest == Content.digest)
            .join(VersionState, VersionState.best_reading == Reading.id)
        ).all()
    assert sorted(texts) == ["Another", "Word", "Word"]
    assert sorted(text[:9] for text in best) == ["The ferry", "The ferry", "Word"]


class Stopped(Exception):
    """By the test."""


def stop_after(records: int) -> Callable[[Progress, object], None]:
    """What stops a re-extraction when it has recorded so often."""

    def told(now: Progress, _changes: object) -> None:
        nonlocal records
        records -= now.done > 0
        if records < 0:
            raise Stopped

    return told


def test_one_that_was_stopped_goes_on_where_it_was(
    archive: Archive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reextraction, "_RECORDED", 2)
    monkeypatch.setattr(reextraction, "_TOGETHER", 2)
    desk = Desk(archive)
    for number in range(6):
        archive_page(desk, f"/{number}", page(number))
    archive_page(desk, "/none", b"\x89PNG\r\n\x1a\n")
    wanted = Wanted([desk.source.id])
    stopped = reextract(archive, wanted, asked={}, told=stop_after(1))
    assert (stopped.how, type(stopped.error)) == (RunEnd.FAILED, Stopped)
    with archive.reading() as session:
        row = session.get_one(Reextraction, stopped.id)
        assert (row.total, row.finished_at) == (7, None)
        assert 0 < row.done < 7
        known = row.done
    seen: list[int] = []
    ended = reextract(archive, wanted, asked={}, told=lambda now, _: seen.append(now.done))
    assert seen[0] == known
    assert (ended.id, ended.error) == (stopped.id, None)
    # Nothing is read or counted twice, what holds no article neither.
    assert ended.progress.fields["title"] == 6
    assert (ended.progress.done, ended.progress.read, ended.progress.unreadable) == (7, 7, 1)
    with archive.reading() as session:
        row = session.get_one(Reextraction, stopped.id)
        assert row.finished_at is not None
        assert row.run_id == ended.run_id


def test_one_that_is_under_way_is_not_begun_twice(archive: Archive, desk: Desk) -> None:
    refused: list[str] = []

    def told(_now: Progress, _changes: object) -> None:
        if not refused:
            with pytest.raises(Refused) as error:
                reextract(archive, Wanted([desk.source.id]), asked={}, told=lambda *_: None)
            refused.append(str(error.value))

    ended = reextract(archive, Wanted([desk.source.id]), asked={}, told=told)
    assert ended.error is None
    assert refused[0].startswith(f"re-extraction {ended.id} is under way: run {ended.run_id} ")
    with archive.reading() as session:
        assert session.scalars(select(Run.ended_how)).all() == [RunEnd.FINISHED]


def test_a_write_whose_answer_was_lost_is_counted_once(
    archive: Archive, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Progress] = []
    real = reextraction.Reextraction._ask

    async def twice(self: object, function: object) -> object:
        await real(self, function)  # type: ignore[arg-type]
        return await real(self, function)  # type: ignore[arg-type]

    monkeypatch.setattr(reextraction.Reextraction, "_ask", twice)
    ended = reextract(
        archive, Wanted([desk.source.id]), asked={}, told=lambda now, _: told.append(now)
    )
    assert replace(ended.progress, place=None, fields={}) == Progress(3, 3, 3, 2, 1)
    assert ended.progress.fields["title"] == 2


def test_a_page_that_is_not_there_is_left_as_it_was(
    archive: Archive, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reextraction, "load_pages", lambda session, ids: {})
    ended = again(archive, desk)
    assert (ended.progress.read, ended.progress.unreadable) == (3, 3)
    assert counts(archive) == (3, 3)
