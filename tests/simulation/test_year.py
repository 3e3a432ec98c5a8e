"""A small year, crawled for real on either database, is found to be as it was.

It is drawn by chance, but always the same one. That in so short a year, all of whose articles are
young, no less is found than by NewsDiffs' schedule is no matter of course (docs/revisits.md); in a
whole one it is.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.databases import PostgreSQLServer, fresh_database
from tests.support.environment import environment

YEAR = ("--articles", "24", "--sources", "3", "--days", "16", "--step", "120", "--seed", "22")
PATIENCE = 900  # seconds; a minute where nothing else runs
ROOT = Path(__file__).parents[2]
UNDECIDED = 1  # of so few articles a look alone tells too little, and the next may come too late

pytestmark = pytest.mark.timeout(PATIENCE + 60)


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def year(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, Any]]:
    """What the crawl of the year came to. Twisted's reactor takes a process of its own."""
    if request.param == "sqlite":
        yield crawl(f"sqlite:///{tmp_path_factory.mktemp('year') / 'year.db'}")
        return
    server: PostgreSQLServer = request.getfixturevalue("postgresql")
    with fresh_database(server) as url:
        yield crawl(url)


def crawl(database: str) -> dict[str, Any]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.simulation", *YEAR, "--database", database, "--json"],
        cwd=ROOT,
        env=environment(database),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    figures: dict[str, Any] = json.loads(done.stdout)
    return figures


def test_every_article_is_found_and_is_one(year: dict[str, Any]) -> None:
    assert year["stories_found"] == year["stories"] == 24
    assert year["split"] == year["mixed"] == []


def test_there_is_no_version_where_there_was_no_edit(year: dict[str, Any]) -> None:
    assert year["false"] == []
    assert year["precision"] == 1


def test_every_edit_that_outlasts_the_time_to_the_next_look_is_found(year: dict[str, Any]) -> None:
    assert len(year["missed"]) <= UNDECIDED
    assert year["found"] >= year["seen"] - UNDECIDED > 50


def test_the_times_of_edits_are_bounded_rightly(year: dict[str, Any]) -> None:
    assert year["unbounded"] == []


def test_titles_and_texts_are_read_as_they_were(year: dict[str, Any]) -> None:
    assert year["misread"] == []


def test_a_whole_reextraction_moves_nothing_that_was_recorded(year: dict[str, Any]) -> None:
    again = year["reextraction"]
    assert (
        again["read"] == again["versions"] == year["recorded"] + year["parts"] + year["retracted"]
    )
    assert again["moved"] == []


def test_no_text_gains_furniture_by_a_reextraction(year: dict[str, Any]) -> None:
    again = year["reextraction"]
    assert again["furnished"] == []
    assert again["furniture"] == again["furniture_after"] == 0


def test_a_second_reextraction_changes_nothing(year: dict[str, Any]) -> None:
    assert set(year["reextraction"]["again"].values()) == {0}


def test_removals_and_returns_are_typed_rightly(year: dict[str, Any]) -> None:
    assert year["false_states"] == []
    assert len(year["mistyped"]) <= UNDECIDED
    assert year["removals_right"] >= year["removals_seen"] - UNDECIDED >= 3
    assert year["returns_right"] == year["returns_seen"] >= 1


def test_the_crawl_looks_as_often_as_its_policy_says(year: dict[str, Any]) -> None:
    assert year["pages"] == pytest.approx(year["calculated"]["requests"], rel=0.05)
    assert year["found"] == pytest.approx(year["calculated"]["found"], abs=3)


def test_no_less_is_found_than_by_newsdiffs_with_fewer_requests(year: dict[str, Any]) -> None:
    assert year["pages"] < 0.6 * year["newsdiffs"]["requests"]
    assert year["found"] >= year["newsdiffs"]["found"] - UNDECIDED
