"""The view of blocks: each part of a version at its place, on both databases alike."""

from dataclasses import replace

from sqlalchemy import text

from storage.database.archive import Archive
from storage.history.captured_pages import Captured
from storage.history.versioning import record_articles
from tests.support.archiving import Desk

PARAGRAPHS = [
    ["standfirst", "Die Brücke – 90 m"],
    ["paragraph", "日本語の段落。"],
    ["paragraph", "𝄞 and more"],
    ["sign-off", "(dpa)"],
]
APART = [
    ["headline", "The bridge", 0, None],
    ["caption", "At noon", 1, "https://example.org/b.jpg"],
    ["fact-box", "Built in 1921", 1, None],
    ["caption", "At night", 4, "https://example.org/n.jpg"],
]


def test_parts_stand_in_the_page_s_order(archive: Archive) -> None:
    desk = Desk(archive)
    desk.read("/plain", "Another", "Read before parts were kept")
    check, _ = desk.check("/a", body=desk.body("The bridge", "…"))
    page = desk.captured(check)
    reading = replace(
        page.reading,
        text="\n".join(each for _, each in PARAGRAPHS),
        paragraphs=PARAGRAPHS,
        details={"apart": APART, "live_entries": [[2, "2026-01-03T10:00:00+01:00"]]},
    )
    with archive.writing() as session:
        record_articles(session, [replace(page, reading=reading)])
    assert isinstance(page, Captured)
    with archive.reading() as session:
        rows = session.execute(
            text(
                "SELECT paragraphs_before, apart, number, kind, text, entry_at, picture_url"
                " FROM blocks WHERE url = 'https://example.org/a'"
                " ORDER BY paragraphs_before, apart DESC, number"
            )
        )
        found = [(before, bool(apart), *rest) for before, apart, *rest in rows]
    at, noon, night = "2026-01-03T10:00:00+01:00", *(it[3] for it in APART[1::2])
    assert found == [
        (0, True, 1, "headline", "The bridge", None, None),
        (0, False, 1, *PARAGRAPHS[0], None, None),
        (1, True, 2, "caption", "At noon", None, noon),
        (1, True, 3, "fact-box", "Built in 1921", None, None),
        (1, False, 2, *PARAGRAPHS[1], None, None),
        (2, False, 3, *PARAGRAPHS[2], at, None),
        (3, False, 4, *PARAGRAPHS[3], None, None),
        (4, True, 4, "caption", "At night", None, night),
    ]
