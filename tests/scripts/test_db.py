import json

import pytest

from scripts.main import main
from storage import schema
from storage.database.archive import Archive
from tests.support.console import Console, undocumented


def test_current(console: Console, archive: Archive) -> None:
    assert schema.head() in console.shows("db", "current")
    document = console.run("db", "current", "--json").json()
    assert document["revision"] == document["needed"] == schema.head()
    assert undocumented(document) == set()


def test_upgrade_of_what_is_up_to_date_changes_nothing(console: Console) -> None:
    assert "already at" in console.shows("db", "upgrade")


def test_from_nothing(database_url: str, capsys: pytest.CaptureFixture[str]) -> None:
    def run(*arguments: str) -> tuple[object, str]:
        with pytest.raises(SystemExit) as exit_:
            main(["--database", database_url, "db", *arguments])
        return exit_.value.code, capsys.readouterr().out

    code, out = run("current", "--json")
    assert (code, json.loads(out)["revision"]) == (1, None)
    code, out = run("upgrade")
    assert (code, "now at" in out) == (0, True)
    assert run("current")[0] == 0
