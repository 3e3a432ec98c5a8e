import json
from pathlib import Path

import pytest

from scripts.main import main
from storage import schema
from storage.database.archive import Archive
from storage.database.settings import PAYLOADS_VARIABLE
from tests.support.archiving import Desk
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


def test_the_archive_is_copied_and_the_copy_is_read(
    console: Console, desk: Desk, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = f"sqlite:///{tmp_path / 'copy.db'}"
    document = console.run("db", "copy", "--to", where, "--json").json()
    assert undocumented(document) == set()
    assert {it["table"]: it["rows"] for it in document["tables"]}["version"] == 3
    copy = Console(Archive(where), capsys)
    assert copy.shows("show", "https://example.org/bridge") == console.shows(
        "show", "https://example.org/bridge"
    )
    assert "holds an archive already" in console.fails("db", "copy", "--to", where)
    other = f"sqlite:///{tmp_path / 'other.db'}"
    told = copy.shows("db", "copy", "--to", other)
    assert "the same in both" in told
    assert f"export PERMALIEN_DATABASE_URL={other}" in told


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("nonsense", "no database URL"),
        ("mysql://localhost/x", "not supported"),
        ("postgresql://127.0.0.1:9/none", "127.0.0.1:9"),
        ("sqlite:////nowhere/at/all.db", "its folder exists"),
    ],
)
def test_a_copy_to_nowhere(console: Console, desk: Desk, url: str, says: str) -> None:
    assert says in console.fails("db", "copy", "--to", url)


def test_a_payload_store_is_handed_over(
    console: Console, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(PAYLOADS_VARIABLE, tmp_path.as_uri())
    assert "it was no archive's" in console.shows("db", "take-store")
    (tmp_path / "archive").write_text("another\n", encoding="ascii")
    document = console.run("db", "take-store", "--json").json()
    assert undocumented(document) == set()
    assert document["was"] == "another"
