"""A proof is checked by a script of its own, without Permalien: each part of it counts."""

import io
import json
import runpy
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from crawler.extraction.extract import extract
from crawler.extraction.page_input import PageInput
from crawler.extraction.template.book import Layout, TemplateBook
from crawler.extraction.template.template import Decision, RepeatingBlock, Template
from crawler.reading.worker import Templates
from scripts.prove import EXTRACTION
from storage.copying import copy_archive
from storage.database.archive import Archive
from storage.database.dialects import database_now
from storage.database.errors import NotFound, Refused
from storage.ledger.tdm_files import TdmAnswer, keep_tdm_answers
from storage.models import Reuse, Source, Version
from storage.proof.authority import stamp, trusted_certificates
from storage.proof.leaves import canonical, forget
from storage.proof.sealing import seal
from storage.proof.timestamps import keep, last_day
from storage.query.proving import NotClosed, Proof, needs_closing, prove
from storage.templates.layouts import LearnedLayout, save_layouts
from tests.support.archiving import START
from tests.support.databases import PostgreSQLServer, fresh_database
from tests.support.proving import Authority, Newsdesk, authority, close_day, recorded_on

SCRIPT = Path(__file__).parents[3] / "docs" / "check_proof.py"
TODAY = datetime.now(UTC).date()
DAYS = [TODAY - timedelta(days=number) for number in (9, 8, 5, 3)]
TEXT = "\n".join(
    f"The council met on {day} and heard what the engineers had to say of the old bridge."
    for day in ("Monday", "Tuesday", "Wednesday", "Thursday")
)


def checked(path: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """What the script says, run by a Python that sees nothing of Permalien."""
    command = [sys.executable, "-I", "-S", str(SCRIPT), str(path), *options]
    return subprocess.run(
        command, capture_output=True, text=True, cwd=path.parent, env={"PATH": "/usr/bin:/bin"}
    )


def proof_of(archive: Archive, name: str) -> Proof:
    with archive.reading() as session:
        return prove(session, name, EXTRACTION)


def stamped(archive: Archive, ours: Authority) -> None:
    """Have the last day stamped."""
    with archive.writing() as session:
        day = last_day(session)
        assert day is not None
        now = database_now(session)
        made = stamp(ours.url, day.chained, trusted_certificates(ours.roots), now=now)
        keep(session, day.day, ours.url, made)


def learned(desk: Newsdesk) -> None:
    """Let pages be read with a template from now on, which an operator's decision is part of."""
    body = desk.body("A title", TEXT)
    skeleton = extract(PageInput(body)).skeleton
    later = desk.now + timedelta(days=99)
    template = Template(
        5,
        (
            RepeatingBlock("a" * 16, "p", "Read also", 5, Decision.REMOVE, START),
            RepeatingBlock("b" * 16, "p", "What came later", 5, Decision.REMOVE, later),
            RepeatingBlock("c" * 16, "p", "What stays", 5, Decision.NEVER_REMOVE),
        ),
        ("| The paper",),
    )
    book = TemplateBook((Layout("0000abcd", skeleton, template),))
    desk.templates = Templates(book.to_json())
    layout = LearnedLayout("0000abcd", skeleton, template.to_json(), template.digest, 5)
    with desk.archive.writing() as session:
        save_layouts(session, desk.source.id, [layout], desk.now)


@pytest.fixture
def desk(archive: Archive) -> Newsdesk:
    """/a in three versions, recorded on as many days; the last says again what the first did."""
    return three_days(archive)


def three_days(archive: Archive) -> Newsdesk:
    desk = Newsdesk(archive)
    learned(desk)
    rules = b'[{"location": "/", "tdm-reservation": 1, "tdm-policy": "https://example.org/policy"}]'
    with archive.writing() as session:
        keep_tdm_answers(session, [("https://example.org", TdmAnswer(desk.now, 200, rules))])
    desk.read("/a", "The bridge", TEXT)
    close_day(archive, DAYS[0])
    desk.read("/a", "The bridge will stay", TEXT)
    desk.read("/b", "The ferry", TEXT.replace("bridge", "ferry"))
    close_day(archive, DAYS[1])
    desk.read("/a", "The bridge", TEXT)
    close_day(archive, DAYS[2])
    return desk


def test_a_proof_is_checked_without_the_archive(desk: Newsdesk, tmp_path: Path) -> None:
    first, second, third = desk.history("/a")
    path = tmp_path / "a.zip"
    assert proof_of(desk.archive, "https://example.org/a").version_id == third.identifier
    for version, day in zip((first, second, third), DAYS, strict=False):
        proof = proof_of(desk.archive, version.identifier)
        assert (proof.recorded_on, proof.stamps) == (day, ())
        assert proof.data == proof_of(desk.archive, version.identifier).data
        path.write_bytes(proof.data)
        done = checked(path, "--text", "--page", str(tmp_path / "page"))
        assert (done.returncode, done.stderr) == (0, "")
        for told in (version.identifier, version.title, TEXT, f"version on {day}", "no stamp"):
            assert told in done.stdout
        assert f"with template {version.template}" in done.stdout
        assert version.template.startswith("0000abcd-")
        assert (tmp_path / "page").read_bytes() == desk.body(version.title, TEXT)


def test_the_manual_reads_the_page_again(
    sqlite_archive: Archive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    three_days(sqlite_archive)
    (tmp_path / "bridge.zip").write_bytes(proof_of(sqlite_archive, "example.org/a").data)
    monkeypatch.chdir(tmp_path)
    manual = (SCRIPT.parent / "proof.md").read_text(encoding="utf-8")
    exec(manual.partition("```python\n")[2].partition("```")[0], {})  # it asserts what it says


def test_a_copy_proves_the_same(
    sqlite_archive: Archive, postgresql: PostgreSQLServer, tmp_path: Path
) -> None:
    desk = three_days(sqlite_archive)
    with fresh_database(postgresql) as url:
        copy = Archive(url)
        copy_archive(sqlite_archive, copy, progress=lambda *_: None)
        for version in desk.history("/a"):
            name = version.identifier
            assert proof_of(copy, name) == proof_of(sqlite_archive, name)
        copy.close()


def test_stamps_are_part_of_it(desk: Newsdesk, tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    first, _, third = desk.history("/a")
    with authority(tmp_path / "ours") as ours, authority(tmp_path / "others") as others:
        stamped(desk.archive, ours)
        desk.read("/b", "The ferry is away", TEXT)
        close_day(desk.archive, DAYS[3])
        stamped(desk.archive, ours)
        proof = proof_of(desk.archive, first.identifier)
        assert [day for day, _ in proof.stamps] == [DAYS[2]]
        path.write_bytes(proof.data)
        assert "signature NOT checked" in checked(path).stdout
        done = checked(path, "--roots", str(ours.roots))
        assert (done.returncode, done.stderr) == (0, "")
        assert f"the log up to {DAYS[2]} was there on {TODAY}" in done.stdout
        assert "signature checked" in done.stdout
        done = checked(path, "--roots", str(others.roots))
        assert (done.returncode, done.stdout) == (1, "")
        assert "not signed by an authority that --roots vouch for" in done.stderr
        done = checked(path, "--roots", "none.pem")
        assert (done.returncode, "WRONG" in done.stderr) == (2, False)
        assert "none.pem: there is no such file" in done.stderr
        path.write_bytes(proof_of(desk.archive, desk.history("/b")[1].identifier).data)
        assert f"the log up to {DAYS[3]}" in checked(path, "--roots", str(ours.roots)).stdout
    assert third.version == 3


Change = Callable[[dict[str, Any], dict[str, bytes]], object]
"""What is done to the document of a proof, and to the parts of its file."""


def parts_of(data: bytes) -> tuple[dict[str, Any], dict[str, bytes]]:
    """The document of a proof, and the parts of its file."""
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        parts = {it: packed.read(it) for it in packed.namelist()}
    return json.loads(parts["proof.json"]), parts


def changed(data: bytes, change: Change) -> bytes:
    """The proof with something else in it."""
    document, parts = parts_of(data)
    change(document, parts)
    return zipped({**parts, "proof.json": json.dumps(document).encode()})


def zipped(parts: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in parts.items():
            packed.writestr(name, data)
    return buffer.getvalue()


def other(value: Any) -> Any:
    """Another value of its kind."""
    match value:
        case str():
            return ("0" if value[:1] != "0" else "1") + value[1:]
        case list():
            return [*value, "00" * 32]
    return 7 if value is None else value + 1


def alter(document: dict[str, Any], _parts: object, where: tuple[Any, ...]) -> None:
    *path, key = where
    inside: Any = document
    for step in path:
        inside = inside[step]
    inside[key] = other(inside[key])


def alter_row(document: dict[str, Any], _parts: object, number: int, key: str) -> None:
    row = json.loads(document["leaves"][number]["row"])
    row[key] = other(row[key])
    document["leaves"][number]["row"] = canonical(row).decode()


def lose(document: dict[str, Any], _parts: object, where: tuple[str, int]) -> None:
    del document[where[0]][where[1]]


def repeat(document: dict[str, Any], _parts: object, number: int) -> None:
    document["leaves"].append(document["leaves"][number])


def exchange(document: dict[str, Any], _parts: object, number: int, leaf: dict[str, Any]) -> None:
    document["leaves"][number] = leaf


def flip(_document: object, parts: dict[str, bytes], name: str) -> None:
    data = bytearray(parts[name])
    data[-40] ^= 1
    parts[name] = bytes(data)


def drop(_document: object, parts: dict[str, bytes], name: str) -> None:
    del parts[name]


def put(_document: object, parts: dict[str, bytes], name: str, data: bytes) -> None:
    parts[name] = data


def unchanged(_document: object, _parts: object) -> None:
    pass


def test_a_change_to_any_part_is_found(sqlite_archive: Archive, tmp_path: Path) -> None:
    desk = three_days(sqlite_archive)
    first, second, _ = desk.history("/a")
    with authority(tmp_path / "ours") as ours:
        stamped(desk.archive, ours)
        roots = str(ours.roots)
    proof, path = proof_of(desk.archive, first.identifier), tmp_path / "a.zip"
    document, _ = parts_of(proof.data)
    of_other, pages = parts_of(proof_of(desk.archive, second.identifier).data)
    changes: dict[str, Change] = {}
    for name in ("page", "content.json", "template.json", "stamp-1.der"):
        changes[f"{name} flipped"] = partial(flip, name=name)
        if name != "template.json":
            changes[f"{name} gone"] = partial(drop, name=name)
    for name in ("page", "content.json"):
        changes[f"{name} of another"] = partial(put, name=name, data=pages[name])
    for number, leaf in enumerate(document["leaves"]):
        for key in ("salt", "day", "position", "path"):
            changes[f"leaf {number} {key}"] = partial(alter, where=("leaves", number, key))
        for key in json.loads(leaf["row"]):
            changes[f"leaf {number} {key} of its row"] = partial(alter_row, number=number, key=key)
        changes[f"leaf {number} gone"] = partial(lose, where=("leaves", number))
        changes[f"leaf {number} twice"] = partial(repeat, number=number)
        changes[f"leaf {number} of another"] = partial(
            exchange, number=number, leaf=of_other["leaves"][number]
        )
    for number in range(len(document["days"])):
        for key in ("day", "leaves", "root", "before", "chained"):
            changes[f"day {number} {key}"] = partial(alter, where=("days", number, key))
        changes[f"day {number} gone"] = partial(lose, where=("days", number))
    for key in ("day", "file"):
        changes[f"stamp's {key}"] = partial(alter, where=("stamps", 0, key))
    assert document["tdm_rule"]["reserved"] is True
    for key in ("reserved", "policy"):
        changes[f"tdm_rule {key}"] = partial(alter, where=("tdm_rule", key))
    for key in ("format", "kind"):
        changes[key] = partial(alter, where=(key,))

    script = runpy.run_path(str(SCRIPT))
    path.write_bytes(changed(proof.data, unchanged))
    script["check"](str(path), roots)
    for name, change in changes.items():
        path.write_bytes(changed(proof.data, change))
        with pytest.raises(script["Wrong"], match=r"^[^\n]+$"):
            script["check"](str(path), roots if "stamp" in name else None)
    done = checked(path)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1)
    assert done.stderr.startswith("WRONG: ")


def test_what_is_no_proof(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    for data in (b"", b"no zip", zipped({"proof.json": b"[" * 10**6}), zipped({})):
        path.write_bytes(data)
        done = checked(path)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith("WRONG: ")
    assert "can't be read" in checked(tmp_path / "none.zip").stderr


def test_a_day_that_is_not_over(desk: Newsdesk) -> None:
    desk.read("/c", "The tunnel", TEXT.replace("bridge", "tunnel"))
    tomorrow = TODAY + timedelta(days=1)
    with desk.archive.reading() as session:
        assert needs_closing(session, "https://example.org/c")
        assert not needs_closing(session, "https://example.org/a")
    seal(desk.archive)
    with pytest.raises(NotClosed, match=f"can be proved from {tomorrow} 00:00 UTC on"):
        proof_of(desk.archive, "https://example.org/c")
    recorded_on(desk.archive, DAYS[3])
    with pytest.raises(NotClosed, match="run `permalien timestamp`"):
        proof_of(desk.archive, "https://example.org/c")
    with pytest.raises(NotFound):
        proof_of(desk.archive, "https://example.org/none")


def test_what_was_taken_away_or_may_not_leave(desk: Newsdesk) -> None:
    first, second, _ = desk.history("/a")
    with desk.archive.writing() as session:
        content = session.get_one(Version, first.version_id).recorded_content
        # As a redaction does, which records another content.
        forget(session, versions=[first.version_id], contents=[content])
        forget(session, fetches=[second.fetch_id])
    for version in (first, second):
        with pytest.raises(Refused, match="can't be proved any more"):
            proof_of(desk.archive, version.identifier)
    with desk.archive.writing() as session:
        session.scalars(select(Source)).one().may_export = Reuse.METADATA
    with pytest.raises(Refused, match="may not leave the archive"):
        proof_of(desk.archive, "https://example.org/a")
