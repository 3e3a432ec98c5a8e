"""What a source's session learned counts once, however often it is tried to put it on record."""

from storage.database.archive import Archive
from storage.frontier.ended_sessions import EndedSession, record_ended_sessions
from storage.frontier.revisits import EditStats
from storage.models import Source
from tests.support.archiving import Desk


def test_a_session_that_is_recorded_again_counts_once(archive: Archive) -> None:
    desk = Desk(archive)
    ended = EndedSession(desk.source.id, edits=2, exposure=3.5, good_at=desk.now)
    for _ in range(2):
        with archive.writing() as session:
            assert record_ended_sessions(session, [ended]) == [EditStats(2, 3.5)]
    with archive.reading() as session:
        source = session.get_one(Source, desk.source.id)
    assert (source.edits, source.exposure, source.good_at) == (2.0, 3.5, desk.now)
