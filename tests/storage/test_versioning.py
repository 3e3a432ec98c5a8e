"""What is an edit, and what is kept of it."""

from storage.archive import Archive
from storage.models import Version
from storage.versioning import Change
from tests.support.archiving import Desk


def numbers(archive: Archive) -> list[int]:
    with archive.reading() as session:
        return list(session.query(Version.number).order_by(Version.id).all())  # type: ignore[arg-type]


def test_a_changed_word_is_a_version_and_a_changed_advert_is_not(archive: Archive) -> None:
    desk = Desk(archive)
    first = desk.read("/a", "Title", "One two three")
    advert = desk.read("/a", "Title", "One two three", advert="Buy!")
    edit = desk.read("/a", "Title", "One two four")
    back = desk.read("/a", "Title", "One two three")
    assert [r and r.change for r in (first, advert, edit, back)] == [
        Change.NEW_ARTICLE,
        Change.UNCHANGED,
        Change.NEW_VERSION,
        Change.NEW_VERSION,
    ]


def test_another_extractor_is_no_edit(archive: Archive) -> None:
    desk = Desk(archive)
    desk.read("/a", "Title", "One two three")
    desk.extractor = "2"
    recorded = desk.read("/a", "Title", "One two three", advert="new")
    assert recorded is not None
    assert recorded.change is Change.UNCHANGED
