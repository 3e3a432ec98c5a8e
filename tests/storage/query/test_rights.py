"""What may leave the archive, by a source's setting and the page's own word."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from storage.database.archive import Archive
from storage.database.errors import Refused
from storage.models import Reuse, Source
from storage.query.export.exporting import Format, export_file
from storage.query.rights import is_reserved, permitted
from storage.query.selection import Selection
from storage.query.stored_page import page_record
from tests.support.archiving import Desk

RESERVED: dict[str, Any] = {
    "rights": {"reserved": True, "policy": None, "directives": [], "license": None}
}


@pytest.mark.parametrize(
    ("said", "reserved"),
    [
        (None, False),
        ({}, False),
        ({"reserved": False, "directives": ["noindex"]}, False),
        ({"reserved": True}, True),
        ({"reserved": None, "directives": ["noarchive"]}, True),
        ({"directives": ["noai"]}, True),
    ],
)
def test_what_is_reserved(said: dict[str, Any] | None, reserved: bool) -> None:
    assert is_reserved(said) is reserved
    assert permitted(Reuse.AS_STATED, said) is (Reuse.METADATA if reserved else Reuse.ALL)
    assert permitted(Reuse.ALL, said) is Reuse.ALL
    assert permitted(Reuse.NONE, said) is Reuse.NONE


@pytest.fixture
def desk(archive: Archive) -> Desk:
    """/a, which reserves nothing, and /b, which is reserved."""
    desk = Desk(archive)
    desk.read("/a", "Free", "One two three")
    desk.details = RESERVED
    desk.read("/b", "Reserved", "Four five six")
    return desk


def allow(desk: Desk, **settings: Reuse) -> None:
    with desk.archive.writing() as session:
        source = session.get_one(Source, desk.source.id)
        for name, value in settings.items():
            setattr(source, name, value)


@pytest.mark.parametrize(
    ("setting", "texts"),
    [
        (Reuse.ALL, ["One two three", "Four five six"]),
        (Reuse.AS_STATED, ["One two three", ""]),
        (Reuse.METADATA, ["", ""]),
        (Reuse.NONE, []),
    ],
)
def test_exports_obey(desk: Desk, tmp_path: Path, setting: Reuse, texts: list[str]) -> None:
    allow(desk, may_export=setting)
    manifest = export_file(desk.archive, Selection(), tmp_path / "a.jsonl", Format.JSONL)
    lines = (tmp_path / "a.jsonl").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["text"] for line in lines] == texts
    held = 2 - sum(map(bool, texts))
    assert (f"{held} versions are left out" in manifest.as_text()) == bool(held)
    assert manifest.document["file"]["withheld"] == held


@pytest.mark.parametrize(
    ("setting", "shown"), [("all", "ab"), ("as-stated", "a"), ("metadata", ""), ("none", "")]
)
def test_pages_obey(desk: Desk, setting: str, shown: str) -> None:
    allow(desk, may_show=Reuse(setting))
    for path in "ab":
        with desk.archive.reading() as session:
            if path in shown:
                assert page_record(session, f"{desk.site}{path}").body
            else:
                with pytest.raises(Refused, match="may not be shown"):
                    page_record(session, f"{desk.site}{path}")


def test_the_view(desk: Desk) -> None:
    query = "SELECT version_id, reserved, directives, license FROM rights ORDER BY url"
    with desk.archive.reading() as session:
        free, reserved = session.execute(text(query)).all()
    assert (free.reserved, free.directives) == (None, None)
    assert reserved.reserved
    assert reserved.directives in ("[]", [])
