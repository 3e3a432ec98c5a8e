"""`permalien add`, of a site that may not be asked; tests/end_to_end has those that answer."""

import json
from pathlib import Path
from typing import Any

from tests.support.command import permalien
from tests.support.console import Console


def test_a_cadence_is_kept_and_shown(tmp_path: Path) -> None:
    where: dict[str, Any] = {"database": f"sqlite:///{tmp_path / 'a.db'}", "cwd": tmp_path}
    added = permalien("add", "http://127.0.0.1:1/", "--cadence", "7200", "--anyway", **where)
    assert (added.code, "could not be reached" in added.out) == (1, True), added.err
    (source,) = json.loads(permalien("sources", "--json", **where).out)
    assert source["cadence"] == 7200
    assert " 7200 s " in permalien("sources", **where).out


def test_a_delay_is_a_number_of_seconds(console: Console) -> None:
    told = console.fails("add", "example.org", "--delay", "soon", code=2)
    assert "'soon' is not a valid number of seconds" in told


def test_a_cadence_is_not_too_short(console: Console) -> None:
    assert "--cadence" in console.fails("add", "https://example.org", "--cadence", "5", code=2)
