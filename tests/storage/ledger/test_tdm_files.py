"""What a site's tdmrep.json said is evidence: a row from one time to another, never changed."""

from datetime import timedelta

import pytest
from sqlalchemy import delete, func, select, update
from sqlalchemy.exc import DBAPIError

from storage.database.archive import Archive
from storage.ledger.tdm_files import (
    TdmAnswer,
    keep_tdm_answers,
    tdm_file_asked_at,
    tdm_file_at,
)
from storage.models import TdmFile
from tests.support.archiving import START

SITE = "https://example.org"
DAY = timedelta(days=1)


def keep(archive: Archive, *answers: tuple[int, int | None, bytes | None]) -> None:
    """Answers on that day, with that status and body."""
    for day, status, body in answers:
        with archive.writing() as session:
            keep_tdm_answers(session, [(SITE, TdmAnswer(START + day * DAY, status, body))])


def known(archive: Archive, day: float, url: str = f"{SITE}/a") -> bytes | None:
    with archive.reading() as session:
        return tdm_file_at(session, url, START + day * DAY)


def test_a_page_has_the_file_that_was_known_when_it_was_fetched(archive: Archive) -> None:
    keep(archive, (0, 404, None), (1, 200, b"one"), (2, 200, b"one"), (3, 503, None))
    keep(archive, (4, None, None), (5, 200, b"two"), (6, 404, None), (5, 200, b"late"))
    found = [known(archive, day) for day in (-1, 0, 1, 2.5, 3, 4, 5, 5.5, 6, 99)]
    assert found == [None, None, b"one", b"one", b"one", b"one", b"two", b"two", None, None]
    assert known(archive, 5, "http://example.org/a") is None
    with archive.reading() as session:
        assert tdm_file_asked_at(session, SITE) == START + 6 * DAY
        assert tdm_file_asked_at(session, "https://example.com") is None
        # The same answer twice is one row.
        assert session.scalar(select(func.count()).select_from(TdmFile)) == 6


@pytest.mark.parametrize(
    "statement",
    [
        update(TdmFile).values(body=b"other"),
        update(TdmFile).values(asked_at=START - DAY),
        delete(TdmFile),
    ],
)
def test_no_row_is_changed(archive: Archive, statement: object) -> None:
    keep(archive, (0, 200, b"one"))
    with pytest.raises(DBAPIError, match=r"tdmrep\.json"), archive.writing() as session:
        session.execute(statement)  # type: ignore[call-overload]
    assert known(archive, 0) == b"one"
