"""Tests that are not about the database have one of the two."""

from collections import Counter
from importlib.util import find_spec

import pytest

from tests.support.taking_turns import BOTH, DATABASES, has_its_turn

SCRIPTS = "tests.scripts.test_show"


def databases(module: str, function: str, fixture: str) -> list[str]:
    return [name for name in DATABASES if has_its_turn(module, function, {fixture: name, "n": 2})]


def test_all_that_have_both_are_there() -> None:
    packages = [name.rstrip(".") for name in BOTH if not name.endswith("test_")]
    assert [name for name in packages if find_spec(name) is None] == []


@pytest.mark.parametrize("module", ["tests.storage.test_views", "tests.end_to_end.test_kill"])
def test_what_asks_sql_itself_has_both(module: str) -> None:
    assert databases(module, "test_it", "archive") == [*DATABASES]


def test_others_have_one_and_about_as_many_the_one_as_the_other() -> None:
    turns = [databases(SCRIPTS, f"test_{number}", "archive") for number in range(1_000)]
    assert {len(it) for it in turns} == {1}
    assert min(Counter(it[0] for it in turns).values()) > 400


def test_what_a_module_shares_is_made_on_one() -> None:
    turns = {tuple(databases(SCRIPTS, f"test_{number}", "crawled")) for number in range(100)}
    assert len(turns) == 1


def test_without_a_database_each_runs() -> None:
    assert has_its_turn(SCRIPTS, "test_it", {"kind": "sqlite3", "number": 1})
    assert has_its_turn(SCRIPTS, "test_it", {})
