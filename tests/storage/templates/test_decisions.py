from storage.database.archive import Archive
from storage.models import Source
from storage.templates.decisions import decide, decisions_of
from tests.support.archiving import Desk


def test_a_decision_is_kept_changed_and_undone(archive: Archive) -> None:
    desk = Desk(archive)
    other = Desk(archive, "https://example.net/")
    for decision in ("always-remove", "never-remove", "never-remove"):
        with archive.writing() as session:
            decide(session, desk.source.id, "key", decision)
    with archive.reading() as session:
        assert decisions_of(session, desk.source.id) == {"key": "never-remove"}
        assert decisions_of(session, other.source.id) == {}
    with archive.writing() as session:
        decide(session, desk.source.id, "key", None)
        assert decisions_of(session, desk.source.id) == {}


def test_a_decision_has_the_source_learned_again(archive: Archive) -> None:
    desk = Desk(archive)
    with archive.writing() as session:
        decide(session, desk.source.id, "key", "always-remove")
    with archive.reading() as session:
        source = session.get_one(Source, desk.source.id)
        assert source.relearn
        assert source.next_due_at is not None
