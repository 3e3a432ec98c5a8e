"""What comes from the web is text in a report, and never its markup."""

import json
from datetime import UTC, datetime

import lxml.html

from crawler.reading.change_page import About, as_json, as_page
from crawler.reading.change_report import ChangeReport
from storage.history.reading_changes import ReadingChange
from storage.history.reextractions import Progress

AT = datetime(2026, 3, 1, 8, tzinfo=UTC)
BAD = "<script>alert(1)</script><img src=x onerror=alert(1)>\"'></td>"
ABOUT = About(AT, "permalien 1", "11", {"sources": [BAD], "since": None, "sample": 3})


def report() -> ChangeReport:
    made = ChangeReport()
    fields: dict[str, tuple[object, object]] = {
        "title": (f"Old {BAD}", f"New {BAD}"),
        "text": (
            f"First.\n{BAD} stays here.\nThird.\nFourth.\nFifth line.\nShare this",
            f"First.\n{BAD} stays here.\nThird.\nFourth.\nFifth line.",
        ),
        "authors": ([BAD], [BAD, "Ann"]),
        "published_at": (None, AT),
    }
    change = ReadingChange(BAD, f"https://example.org/?{BAD}", 2, fields)
    progress = Progress(10, 10, 4, 1, 1, dict.fromkeys(fields, 1))
    made.add(progress, [change])
    return made


def test_everything_is_escaped() -> None:
    page = as_page(report(), ABOUT).decode()
    tree = lxml.html.document_fromstring(page)
    assert "<script" not in page
    assert "<img" not in page
    assert not tree.xpath("//script | //img | //a | //*[@src] | //*[@href]")
    assert not [name for it in tree.iter() for name in it.attrib if name.startswith("on")]
    (policy,) = tree.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")
    assert policy.startswith("default-src 'none'")
    assert tree.xpath("string(//h2[.='By source']/following::th[@scope='row'])") == BAD


def test_the_page_tells_numbers_and_examples_side_by_side() -> None:
    tree = lxml.html.document_fromstring(as_page(report(), ABOUT).decode())
    told = " ".join(tree.text_content().split())
    assert "10 versions" in told
    assert "1 would change" in told
    assert "sample: 3" in told
    assert "since" not in told
    sides = tree.xpath("//table[@class='side']")
    (text,) = [it for it in sides if "Share this" in str(it.text_content())]
    assert [it.text for it in text.iter("del")] == ["Share this"]
    assert "…" in text.text_content()  # what does not change, and is not beside what does
    assert len(sides) == 4


def test_the_json_has_all_of_it() -> None:
    document = json.loads(as_json(report(), ABOUT))
    assert (document["versions"], document["read"], document["changed"]) == (10, 4, 1)
    assert document["sources"] == [
        {"source": BAD, "changed": 1, "fields": dict.fromkeys(document["fields"], 1)}
    ]
    (times,) = [it for it in document["examples"] if it["field"] == "published_at"]
    assert (times["before"], times["after"]) == (None, "2026-03-01T08:00:00+00:00")
    assert document["asked"]["sample"] == 3


def test_nothing_that_changes_is_a_report_too() -> None:
    assert "would change" in as_page(ChangeReport(), ABOUT).decode()
    assert json.loads(as_json(ChangeReport(), ABOUT))["examples"] == []
