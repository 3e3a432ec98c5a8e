"""`permalien boilerplate SOURCE --changes`, of archives whose history is put in by hand."""

import re
from datetime import datetime, timedelta

import pytest

from crawler.extraction.template.outline import BlockKind, Entry
from crawler.extraction.template.samples import PageSample
from crawler.extraction.template.template import Decision, RepeatingBlock, Template
from crawler.reading import site_events
from storage.database.archive import Archive
from storage.models import SiteChange
from storage.templates.layouts import LearnedLayout, record_site_change, save_layouts
from storage.templates.samples import NewSample, sample_pages
from tests.support.archiving import START, Desk
from tests.support.console import Console, undocumented

DAY = timedelta(days=1)
MENU, BANNER, OLD_NOTE = "Home News Sport", "Give to the paper", "Follow us on every network"


def block(key: str, example: str, since: datetime | None = None) -> RepeatingBlock:
    return RepeatingBlock(key, "div/p", example, 9, Decision.REMOVE, since)


def learned(key: str, *blocks: RepeatingBlock) -> LearnedLayout:
    template = Template(12, blocks)
    return LearnedLayout(key, (1,), template.to_json(), template.digest, 12)


@pytest.fixture
def desk(archive: Archive) -> Desk:
    """example.org: furniture came and went on its pages, then a new theme, then a reworded line
    on most pages, and one that a page fetched last has alone."""
    desk = Desk(archive)
    source_id = desk.source.id
    seen, _ = desk.check("/bridge")
    entry = Entry("k9", BlockKind.LINE, "div/p", "Subscribe\x1b[31m now")
    sample = PageSample((1,), (str(entry),), START).to_json()
    with archive.writing() as session:
        old = learned("old", block("m", MENU), block("o", OLD_NOTE))
        save_layouts(session, source_id, [old], START)
        old = learned("old", block("m", MENU), block("b", BANNER, START))
        save_layouts(session, source_id, [old], START + DAY)
        save_layouts(session, source_id, [old, learned("new", block("n", "Top"))], START + 2 * DAY)
        signatures = [("+", "k9"), ("-", "gone"), ("~", "Mr", "→", "Mr."), ("t@",)]
        record_site_change(session, source_id, ("old", "new"), signatures, 8, 6, START + 3 * DAY)
        record_site_change(
            session, source_id, ("main→new", "new"), [("+@", "main/p")], 4, 4, START + 4 * DAY
        )
        session.add(
            SiteChange(
                source_id=source_id,
                came_from="",
                became="",
                signatures=[["order"]],
                pages=5,
                recorded_at=START - DAY,
            )
        )
        sample_pages(session, [NewSample(seen.address_id, source_id, START, sample)])
    return desk


def test_they_are_told_in_words_the_latest_first(console: Console, desk: Desk) -> None:
    shown = console.shows("boilerplate", "example.org", "--changes").splitlines()
    assert [re.sub(r"^([ct])\d+  ", r"\1  ", line) for line in shown] == [
        "c  2026-03-05 08:00Z  alike on many pages: layout new, whose text moved on the page, "
        "on 4 of 4 looked at",
        "  came           on each page in words of its own, at main/p",
        "",
        "c  2026-03-04 08:00Z  alike on many pages: layout old became layout new, "
        "on 6 of 8 looked at",
        "  came           Subscribe\ufffd[31m now  (block k9)",
        "  reworded       Mr → Mr.",
        "  went           words that are not kept  (block gone)",
        "  title          on each page in words of its own",
        "",
        "t  2026-03-03 08:00Z  a new layout new, learned from 12 pages",
        "  came           Top  (on 9 pages, block n)",
        "",
        "t  2026-03-02 08:00Z  other furniture in layout old, learned from 12 pages",
        "  came           Give to the paper  (on 9 pages, block b)",
        "  left in again  Follow us on every network  (block o)",
        "",
        "c  2026-02-28 08:00Z  alike on many pages: pages of no layout, 5 pages looked at",
        "  order          the same paragraphs in another order",
        "",
    ]


def test_json(console: Console, desk: Desk) -> None:
    document = console.run("boilerplate", "example.org", "--changes", "--json").json()
    assert undocumented(document) == set()
    changes = document["changes"]
    assert [it["kind"] for it in changes] == ["pages", "pages", "layout", "furniture", "pages"]
    assert [it["shown"] for it in changes] == [4, 6, None, None, None]
    assert [it["moved_from"] for it in changes] == ["main", None, None, None, None]
    (part,) = changes[2]["parts"]
    assert part == {
        "what": "came", "key": "n", "place": None, "before": None, "after": "Top", "pages": 9,
    }  # fmt: skip


def test_of_many_the_latest_are_told(
    console: Console, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the first of these that has none before it is no change."""
    monkeypatch.setattr(site_events, "MOST_REVISIONS", 2)
    changes = console.run("boilerplate", "example.org", "--changes", "--json").json()["changes"]
    assert [it["kind"] for it in changes] == ["pages", "pages", "layout", "pages"]


def test_where_nothing_changed_that_is_said(console: Console, archive: Archive) -> None:
    Desk(archive)
    shown = console.shows("boilerplate", "example.org", "--changes")
    assert shown == "No site-wide change of example.org is on record.\n"


def test_it_decides_nothing(console: Console, desk: Desk) -> None:
    said = console.fails("boilerplate", "example.org", "--changes", "--pin", "b", code=2)
    assert "--changes goes with --json alone" in said
