"""Readings of extractors that are not ours."""

from dataclasses import replace

from sqlalchemy import select, text

from storage.database.archive import Archive
from storage.history.new_reading import NewReading
from storage.history.own_readings import read_by, record_own_readings
from storage.models import OwnReading, Version, VersionState
from storage.withholding.phrases import MARK
from tests.support.archiving import Desk
from tests.support.redacting import NAME, PATHS, carry_out, newsroom, request, traces


def test_they_are_kept_once_and_never_read_through(archive: Archive) -> None:
    desk = Desk(archive)
    desk.read("/a", "Title", "Our text")
    body = desk.body("Title", "Our text")
    mine = replace(
        desk.reading(body), extractor="mine:read", text="My text", details={"own": {"mood": "calm"}}
    )
    with archive.writing() as session:
        version = session.scalars(select(Version)).one()
        best = session.scalars(select(VersionState.best_reading)).one()
        assert read_by(session, "mine:read", [version.id]) == set()
        for _ in range(2):
            record_own_readings(session, [(version.id, mine)])
        assert read_by(session, "mine:read", [version.id]) == {version.id}
        assert read_by(session, "mine:read 2", [version.id]) == set()
        assert len(session.scalars(select(OwnReading.reading_id)).all()) == 1
        assert session.scalars(select(VersionState.best_reading)).one() == best
    with archive.reading() as session:
        (row,) = session.execute(text("SELECT * FROM own_readings")).mappings()
        assert (row["text"], row["version_id"]) == ("My text", version.identifier)
        assert "calm" in str(row["own"])
        assert session.execute(text("SELECT text FROM article_versions")).all() == [("Our text",)]


def test_a_redaction_takes_words_out_of_them_and_keeps_them_out(archive: Archive) -> None:
    desk = newsroom(archive)
    page = desk.history(PATHS[0])[0]

    def record(extractor: str) -> None:
        with archive.writing() as session:
            version = session.scalars(
                select(Version).where(Version.identifier == page.identifier)
            ).one()
            made = NewReading(
                digest=version.digest,
                input=version.digest,
                extractor=extractor,
                template="",
                title=NAME,
                text=f"It is {NAME}.",
                details={"own": {"who": NAME}},
            )
            record_own_readings(session, [(version.id, made)])

    record("mine:read")
    carry_out(desk, request(desk))
    record("mine:read 2")
    assert traces(archive) == set()
    with archive.reading() as session:
        titles = session.execute(text("SELECT title FROM own_readings ORDER BY extractor")).all()
    assert titles == [(MARK,), (MARK,)]
