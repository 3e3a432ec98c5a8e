import json

from sqlalchemy import insert, update

from storage.database.archive import Archive
from storage.models import Edit, Run
from tests.support.archiving import START, Desk
from tests.support.console import Console, undocumented
from tests.support.damages import unguarded


def _begin_runs(archive: Archive) -> None:
    """The run that the desk says that it is."""
    with unguarded(archive) as connection:
        values = {"id": 1, "software": "test", "host": "here", "pid": 1, "process_started": ""}
        times = {"started_at": START, "heartbeat_at": START}
        connection.execute(insert(Run).values(settings={}, counts={}, **values, **times))


def test_a_whole_archive(console: Console, desk: Desk, archive: Archive) -> None:
    _begin_runs(archive)
    assert "all that was checked matches" in console.shows("verify", "--no-extract")
    document = console.run("verify", "--no-extract", "--json").json()
    assert (document["complete"], document["found"], document["mismatches"]) == (True, 0, [])
    named = ("complete", "found", "mismatches")
    assert undocumented({it: document[it] for it in named}) == set()


def test_what_does_not_match_is_named_with_an_exit_code_of_its_own(
    console: Console, desk: Desk, archive: Archive
) -> None:
    _begin_runs(archive)
    with unguarded(archive) as connection:
        connection.execute(update(Edit).values(words_inserted=99))
    done = console.run("verify", "--no-extract")
    assert done.code == 3
    assert "\nedit " in done.out
    assert "https://example.org/bridge" in done.out
    assert "words_inserted 99" in done.out
    done = console.run("verify", "--no-extract", "--json")
    assert done.code == 3
    document = json.loads(done.out)
    assert document["found"] == len(document["mismatches"]) == 1
    assert undocumented(document["mismatches"]) == set()


def test_a_part_of_it(console: Console, desk: Desk, archive: Archive) -> None:
    _begin_runs(archive)
    document = console.run("verify", "--source", "example.org", "--no-extract", "--json").json()
    assert document["checked"]["histories"] == 2
    document = console.run("verify", "--sample", "1", "--no-extract", "--json").json()
    assert document["checked"]["stored pages"] == 1
    assert "histories" not in document["checked"]
    document = console.run("verify", "--since", "2030-01-01", "--no-extract", "--json").json()
    assert document["checked"]["fetches"] == 0
    assert "no source none.org" in console.fails("verify", "--source", "none.org")
