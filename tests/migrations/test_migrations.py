"""Up, down and up again, on both databases, with rows in."""

import ast
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import zstandard
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, select, text

import migrations
from storage import schema
from storage.database.archive import Archive
from storage.history.version_records import history
from storage.ledger.findings import latest_findings
from storage.ledger.partitions import ensure_partitions
from storage.ledger.payloads import digest_of, load_payload
from storage.ledger.runs import start_run
from storage.models import Address, Base, Outcome
from storage.templates.decisions import decisions_of
from tests.support.archiving import START, Desk
from tests.support.searching import search

VERSIONS = Path(migrations.__file__).parent / "versions"


def scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(schema.configuration())


def test_no_two_revisions_have_one_number() -> None:
    numbers = sorted(it.name.split("_")[1] for it in VERSIONS.glob("2*.py"))
    assert numbers == sorted(set(numbers))


def columns(archive: Archive) -> dict[str, set[str]]:
    """The columns of each of the archive's tables that are there, under today's names; what begins
    anew aside: the log of changes with the archive's identity, and what waits for a day's tree."""
    inspector = inspect(archive.engine)
    known = set(Base.metadata.tables) & set(inspector.get_table_names())
    known -= {"change", "archive_identity", "unsealed"}
    return {
        name: {column["name"] for column in inspector.get_columns(name)}
        & set(Base.metadata.tables[name].c.keys())
        for name in known
    }


def rows(archive: Archive, wanted: dict[str, set[str]]) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of these tables, in these columns."""
    with archive.reading() as session:
        return {
            name: sorted(
                (
                    tuple(row)
                    for row in session.execute(
                        select(*(Base.metadata.tables[name].c[it] for it in sorted(columns)))
                    )
                ),
                key=repr,
            )
            for name, columns in wanted.items()
        }


def rows_of(
    before: dict[str, list[tuple[Any, ...]]],
    everything: dict[str, set[str]],
    kept: dict[str, set[str]],
) -> dict[str, list[tuple[Any, ...]]]:
    """Of these rows, the columns that were kept."""
    places = {
        name: [sorted(everything[name]).index(column) for column in sorted(columns)]
        for name, columns in kept.items()
    }
    return {
        name: sorted((tuple(row[at] for at in places[name]) for row in before[name]), key=repr)
        for name in kept
    }


def fill(archive: Archive) -> Desk:
    """Something in every table that a crawl fills."""
    with archive.writing() as session:
        ensure_partitions(session, START)
    desk = Desk(archive)
    desk.read("/a", "Title", "The first wording")
    desk.read("/a", "Title", "The second wording")
    desk.read("/a?page=amp", "Title", "The second wording", canonical_url="https://example.org/a")
    return desk


def test_pages_lose_their_key_and_are_as_they_were(archive: Archive) -> None:
    desk = Desk(archive)
    furniture = " ".join(f"<i class={n * n}>" for n in range(400)).encode()
    bodies = [furniture + b"%d" % number for number in range(3)]
    for number, body in enumerate(bodies):
        desk.check(f"/{number}", body=body)
    schema.downgrade(archive, "0034")
    with archive.reading() as session:
        rows = session.execute(text("SELECT digest, data FROM payload")).all()
    assert {row.digest: zstandard.decompress(row.data) for row in rows} == {
        digest_of(body): body for body in bodies
    }
    schema.upgrade(archive)
    desk.check("/3", body=furniture + b"3")
    with archive.reading() as session:
        assert load_payload(session, digest_of(furniture + b"3")) == furniture + b"3"


def test_there_is_one_head() -> None:
    assert len(scripts().get_heads()) == 1


def test_file_names_carry_date_revision_and_what_it_does() -> None:
    known = {script.revision for script in scripts().walk_revisions()}
    files = [path for path in VERSIONS.glob("*.py") if path.name != "__init__.py"]
    assert len(files) == len(known)
    for path in files:
        match = re.fullmatch(r"\d{4}-\d{2}-\d{2}_(\d{4})_[a-z_]{5,60}", path.stem)
        assert match is not None, path.name
        assert match[1] in known


def test_a_new_revision_is_named_likewise(tmp_path: Path) -> None:
    configuration = schema.configuration()
    configuration.set_main_option("version_locations", str(tmp_path).replace("%", "%%"))
    configuration.set_main_option("path_separator", "os")
    script = command.revision(
        configuration,
        message="add a thing",
        rev_id="9999",
        splice=True,
        head="base",
        version_path=str(tmp_path),
    )
    (path,) = tmp_path.glob("*.py")
    assert script is not None
    assert re.fullmatch(r"\d{4}-\d{2}-\d{2}_9999_add_a_thing\.py", path.name)
    names = {n.name for n in ast.parse(path.read_text()).body if isinstance(n, ast.FunctionDef)}
    assert names == {"upgrade", "downgrade"}


def test_models_and_migrations_agree(archive: Archive) -> None:
    with archive.writing() as session:
        ensure_partitions(session, START)
        command.check(schema.configuration(session.connection()))


def test_every_revision_goes_down_and_up_again(database_url: str) -> None:
    archive = Archive(database_url)
    for script in reversed(list(scripts().walk_revisions())):
        schema.upgrade(archive, script.revision)
        below = str(script.down_revision or "base")
        schema.downgrade(archive, below)
        schema.upgrade(archive, script.revision)
    schema.require_current(archive)
    schema.downgrade(archive, "base")
    left = set(inspect(archive.engine).get_table_names())
    assert left == {"alembic_version"}
    assert inspect(archive.engine).get_view_names() == []
    schema.upgrade(archive)
    schema.require_current(archive)
    archive.close()


def test_one_step_down_and_up_again_keeps_every_row(new_archive: Archive) -> None:
    archive = new_archive
    desk = fill(archive)
    article_id = desk.article("/a").id
    everything = columns(archive)
    before = rows(archive, everything)
    schema.downgrade(archive, "-1")
    kept = columns(archive)
    assert len(kept) > 15
    below = rows(archive, kept)
    schema.upgrade(archive)
    after = rows(archive, kept)
    assert after == below == rows_of(before, everything, kept)
    assert rows(archive, everything) == before
    with archive.reading() as session:
        assert [version.text for version in history(session, article_id)] == [
            "The first wording",
            "The second wording",
        ]
        assert [hit.article_id for hit in search(archive, "second")] == [article_id]
        assert search(archive, "first") == []
    desk.read("/a", "Title", "The third wording")
    with archive.reading() as session:
        assert len(search(archive, "third")) == 1


def test_what_an_alarm_held_is_evidence_still_when_alarms_are_no_more(new_archive: Archive) -> None:
    desk = fill(new_archive)
    check, _ = desk.check("/a", Outcome.NOT_FOUND)
    with new_archive.writing() as session:
        start_run(session, software="1", settings={}, now=START)
    schema.downgrade(new_archive, "0019")
    with new_archive.writing() as session:
        for statement in (
            "INSERT INTO alarm (id, source_id, run_id, raised_at, reason, evidence)"
            " VALUES (1, :source, (SELECT min(id) FROM run), :now, 'why', '{}')",
            "INSERT INTO held_check (fetch_id, address_id, alarm_id, reason)"
            " VALUES (:fetch, :address, 1, 'why')",
            "UPDATE frontier SET held = true WHERE address_id = :address",
            "INSERT INTO source_day VALUES (:source, '2026-01-01', 'held', 1)",
            "INSERT INTO profile_decision VALUES (:source, 'key', 'always-remove', :now)",
        ):
            given = {
                "source": desk.source.id,
                "fetch": check.fetch_id,
                "address": check.address_id,
                "now": START,
            }
            wanted = {name: it for name, it in given.items() if f":{name}" in statement}
            session.execute(text(statement), wanted)
    kept = columns(new_archive)
    below = rows(new_archive, kept)
    schema.upgrade(new_archive)
    after = rows(new_archive, kept)
    assert [row for row in below["source_day"] if "held" not in row] == after["source_day"]
    del below["source_day"], after["source_day"]
    assert after == below
    with new_archive.reading() as session:
        assert decisions_of(session, desk.source.id) == {"key": "always-remove"}
        (meant,) = latest_findings(session, [check.fetch_id]).values()
        assert meant.outcome is Outcome.NOT_FOUND


@pytest.mark.parametrize(
    ("said", "believed"),
    [
        ("2026-03-01T09:30:00.5+02:00", datetime(2026, 3, 1, 7, 30, 0, 500_000, UTC)),
        ("1970-01-01T00:00:00+00:00", None),
        ("9999-12-31T23:00:00-02:00", None),
    ],
)
def test_what_feeds_said_before_dates_articles_since(
    new_archive: Archive, said: str, believed: datetime | None
) -> None:
    desk = fill(new_archive)
    address_id = desk.address("/a")
    with new_archive.writing() as session:
        address = session.get_one(Address, address_id)
        address.hints = {"published_at": said, "title": "Title"}
    schema.downgrade(new_archive, "0003")
    schema.upgrade(new_archive)
    assert {version.published_at for version in desk.history("/a")} == {believed}


@pytest.mark.parametrize("view", schema.VIEWS)
def test_the_views_are_there(archive: Archive, view: str) -> None:
    assert view in inspect(archive.engine).get_view_names()
    with archive.reading() as session:
        assert session.execute(text(f"SELECT * FROM {view}")).all() == []
