"""The table and the figures of a year."""

import json
from collections import Counter

from tests.simulation.judgement import Judgement
from tests.simulation.reextraction import Reextraction
from tests.simulation.rehearsal import Rehearsal
from tests.simulation.report import Report
from tests.simulation.schedules import Watched

REPORT = Report(
    Judgement(
        true=4_000,
        seen=3_000,
        found=2_999,
        recorded=3_000,
        requests=Counter({"page": 12_345, "feed": 100, "front": 50}),
        false=["one"],
        missed=["another"],
    ),
    Rehearsal([], crawls=77, seconds=120.0),
    Watched(requests=12_000, found={(1, 0)}),
    Watched(requests=50_000, found={(1, 0), (1, 1)}),
    Reextraction(versions=3_000, read=3_000, again={"reading": 2, "content": 1}),
)


def test_the_table_has_a_row_for_each_schedule() -> None:
    rows = REPORT.table().splitlines()
    assert rows[2] == "| Permalien, crawled | 12,345 | 2,999 of 4,000 | 0.7498 | 0.9997 |"
    assert rows[4] == "| NewsDiffs, calculated | 50,000 | 2 of 4,000 | 0.0005 |  |"
    assert "| versions that a look met, in the archive | 2,999 of 3,000 |" in rows
    assert "| crawls, in 2 minutes | 77 |" in rows
    assert "| rows that a second re-extraction changed | 3 |" in rows


def test_the_figures_are_json() -> None:
    figures = json.loads(json.dumps(REPORT.figures()))
    assert figures["pages"] == 12_345
    assert figures["listings"] == 150
    assert figures["false"] == ["one"]
    assert figures["newsdiffs"] == {"requests": 50_000, "found": 2}
