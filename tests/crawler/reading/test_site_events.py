"""Site-wide changes as events: of which kind, in which order, and what an operator says of them."""

from datetime import datetime, timedelta

import pytest

from crawler.extraction.template.template import Decision, RepeatingBlock, Template
from crawler.judging.telling import What
from crawler.reading.site_events import EventKind, SiteEvent, came_in, site_events
from storage.database.archive import Archive
from storage.models import Overruling, Says
from storage.templates.layouts import LearnedLayout, record_site_change, save_layouts
from tests.support.archiving import START, Desk

DAY = timedelta(days=1)


def learned(key: str, *blocks: RepeatingBlock) -> LearnedLayout:
    template = Template(12, blocks)
    return LearnedLayout(key, (1,), template.to_json(), template.digest, 12)


def block(key: str, since: datetime | None = None, pages: int = 9) -> RepeatingBlock:
    return RepeatingBlock(key, "div/p", f"Words of {key}", pages, Decision.REMOVE, since)


@pytest.fixture
def source_id(archive: Archive) -> int:
    """A layout; a block of it that came, one that is known since, one that is none any more; the
    same line reworded on its pages; another layout."""
    desk = Desk(archive)
    source_id = desk.source.id
    with archive.writing() as session:
        old = learned("old", block("menu"), block("gone"))
        save_layouts(session, source_id, [old], START)
        now = learned("old", block("menu"), block("came", START, 7), block("known", None, 8))
        save_layouts(session, source_id, [now], START + DAY)
        record_site_change(
            session, source_id, ("old", "old"), [("+", "came"), ("+@", "div/p")], 8, 6,
            START + 2 * DAY,
        )  # fmt: skip
        record_site_change(
            session, source_id, ("main→old", "old"), [("-", "nobody")], 5, 4, START + 3 * DAY
        )
        save_layouts(session, source_id, [now, learned("new", block("top"))], START + 4 * DAY)
    return source_id


def events(archive: Archive, source_id: int) -> list[SiteEvent]:
    with archive.reading() as session:
        return site_events(session, source_id)


def test_the_latest_comes_first_and_what_the_site_was_at_first_is_none(
    archive: Archive, source_id: int
) -> None:
    told = events(archive, source_id)
    assert [(it.kind, it.recorded_at) for it in told] == [
        (EventKind.LAYOUT, START + 4 * DAY),
        (EventKind.PAGES, START + 3 * DAY),
        (EventKind.PAGES, START + 2 * DAY),
        (EventKind.FURNITURE, START + DAY),
    ]
    assert [(it.came_from, it.became, it.moved_from) for it in told] == [
        (None, "new", None),
        ("old", "old", "main"),
        ("old", "old", None),
        ("old", "old", None),
    ]
    assert [(it.pages, it.shown) for it in told] == [(12, None), (5, 4), (8, 6), (12, None)]


def test_what_came_is_told_from_what_is_known_since_and_what_is_left_in(
    archive: Archive, source_id: int
) -> None:
    *_, furniture = events(archive, source_id)
    assert [(it.what, it.key) for it in furniture.parts] == [
        (What.LEARNED, "known"),  # on more pages, so first
        (What.CAME, "came"),
        (What.LEFT_IN, "gone"),
    ]
    assert came_in(furniture) == {"known", "came"}


def test_a_block_is_told_in_the_words_of_the_template_that_has_it(
    archive: Archive, source_id: int
) -> None:
    _, gone, came, _ = events(archive, source_id)
    assert (came.parts[0].key, came.parts[0].after) == ("came", "Words of came")
    assert [it.before for it in gone.parts] == [None]


def test_only_the_change_that_an_operator_named_is_overruled(
    archive: Archive, source_id: int
) -> None:
    word = Overruling(
        source_id=source_id,
        says=Says.EDITS,
        came_from="old",
        became="old",
        signatures=[["+", "came"]],
        keys=["came"],
        version_ids=[],
        reason="a correction",
        said_by="alice",
        said_at=START + 5 * DAY,
    )
    with archive.writing() as session:
        session.add(word)
        session.flush()
        number = word.id
    assert [it.overruled_by for it in events(archive, source_id)] == [None, None, number, number]
    with archive.writing() as session:
        session.get_one(Overruling, number).undone_at = START + 6 * DAY
    assert {it.overruled_by for it in events(archive, source_id)} == {None}
