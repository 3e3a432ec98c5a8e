from dataclasses import replace

from storage.database.archive import Archive
from storage.templates.layouts import (
    LearnedLayout,
    layouts_of,
    record_site_change,
    save_layouts,
    site_changes,
)
from tests.support.archiving import START, Desk

OLD = LearnedLayout("0ld00000", (1, 2, 3), '{"blocks":[]}', "d1", 5)
NEW = LearnedLayout("new00000", (7, 8), "", "", 0)


def save(archive: Archive, desk: Desk, *layouts: LearnedLayout) -> list[LearnedLayout]:
    with archive.writing() as session:
        save_layouts(session, desk.source.id, layouts, START)
        return layouts_of(session, desk.source.id)


def test_layouts_are_kept_in_the_order_they_were_found(archive: Archive) -> None:
    desk = Desk(archive)
    assert save(archive, desk, OLD, NEW) == [OLD, NEW]
    assert save(archive, desk, OLD, NEW) == [OLD, NEW]


def test_the_latest_revision_is_read(archive: Archive) -> None:
    desk = Desk(archive)
    save(archive, desk, OLD)
    better = replace(OLD, template='{"blocks":[1]}', digest="d2", pages=9)
    assert save(archive, desk, better) == [better]
    again = replace(OLD, template='{"blocks":[2]}')
    assert save(archive, desk, again) == [again]


def test_site_wide_changes_are_on_record(archive: Archive) -> None:
    desk = Desk(archive)
    with archive.writing() as session:
        for transition, signature in ((("a", "b"), ("+@", "p")), (("a", "b"), ("+", "k"))):
            record_site_change(session, desk.source.id, transition, [signature], 4, 3, START)
        found = site_changes(session, desk.source.id)
    assert found == {("a", "b"): {("+@", "p"), ("+", "k")}}
