import json

from tests.scripts.conftest import TITLE
from tests.support.archiving import Desk
from tests.support.console import Console, undocumented


def lines(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def test_a_line_a_change_and_on_from_the_last(console: Console, desk: Desk) -> None:
    told = lines(console.shows("changes"))
    assert told[0]["change"] == "source"
    assert {"version", "presence"} <= {it["change"] for it in told}
    assert undocumented(told) == set()
    first = lines(console.shows("changes", "--limit", "2", "--json"))
    assert [it["article_id"] for it in first] == [it["article_id"] for it in told[:2]]
    rest = lines(console.shows("changes", "--since", str(first[-1]["position"])))
    assert [it["article_id"] for it in rest] == [it["article_id"] for it in told[2:]]
    last = str(told[-1]["position"])
    assert console.shows("changes", "--since", last) == ""
    desk.read("/bridge", TITLE, "Another text.")
    assert lines(console.shows("changes", "--since", last)) != []


def test_a_position_of_another_archive(console: Console, desk: Desk) -> None:
    assert "begin" in console.fails("changes", "--since", "00000000.1.12345678")
