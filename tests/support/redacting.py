"""An article about somebody, as a site writes it, and what of it is left after a redaction."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from sqlalchemy import LargeBinary, select

from storage.database.archive import Archive
from storage.ledger.compression import decompress
from storage.ledger.headers import Headers
from storage.ledger.pages import load_page
from storage.ledger.payloads import digest_of
from storage.models import Base, RedactionKind, RedactionScope
from storage.redaction.carrying_out import Redacted, redact
from storage.redaction.request import Request
from storage.withholding.phrases import Phrase, spellings
from tests.support.archiving import Desk

NAME = "Quillon Zebrowitz"
PATHS = ("/2026/quillon-zebrowitz-is-convicted", "/other")
TRACES = ("quillon", "zebrowitz")
TEXT = "A court convicted {} on Monday. It was the third trial of its kind in the town."


class Newsroom(Desk):
    """Pages as a site writes them, with headers that tell of their body."""

    def prepare(self, *args: Any, **settings: Any) -> Any:
        check = super().prepare(*args, **settings)
        told = digest_of(check.body or b"").hex()
        headers = [("Content-Type", "text/html"), ("ETag", told), ("Content-MD5", told)]
        return replace(check, headers=Headers.of(headers), etag=told)

    def kept(self, fetch_id: int) -> bytes:
        """The body of that fetch, as it is kept."""
        with self.archive.reading() as session:
            return load_page(session, fetch_id).body


def newsroom(archive: Archive) -> Newsroom:
    """An article about somebody, in two versions, and another that names nobody."""
    desk = Newsroom(archive)
    desk.details = {"tags": ["crime", NAME], "section": "Courts"}
    desk.read(PATHS[0], f"{NAME} is convicted", TEXT.format(NAME))
    desk.details = {}
    desk.read(PATHS[1], "Weather", "Rain on Monday, and on all other days of this week as well.")
    desk.details = {"tags": [NAME.upper()]}
    desk.read(PATHS[0], "A man is convicted", TEXT.format("QUILLON  ZEBROWITZ, 41,"))
    return desk


def request(desk: Desk, kind: RedactionKind = RedactionKind.WORDS, **given: Any) -> Request:
    article = desk.article(PATHS[0])
    phrases = [Phrase.of(it) for it in spellings(NAME)] if kind is RedactionKind.WORDS else []
    made = Request(
        kind, RedactionScope.ARTICLE, "a court", "file 12/26", article.source_id, article.id
    )
    return replace(made, phrases=phrases, **given)


def carry_out(desk: Desk, asked: Request) -> Redacted:
    with desk.archive.writing() as session:
        return redact(session, asked, desk.now)


def cells(archive: Archive) -> Iterator[tuple[str, str]]:
    """Each value of each row, as text."""
    with archive.reading() as session:
        for table in Base.metadata.sorted_tables:
            for row in session.execute(select(table)):
                for column, value in zip(table.c, row, strict=True):
                    if isinstance(value, bytes) and isinstance(column.type, LargeBinary):
                        zstd = value.startswith(b"\x28\xb5\x2f\xfd")
                        value = decompress(value) if zstd else value
                        yield f"{table.name}.{column.name}", value.hex() + repr(value)
                    else:
                        yield f"{table.name}.{column.name}", f"{value!r} {value}"


def traces(archive: Archive, among: tuple[str, ...] = TRACES) -> set[str]:
    return {where for where, value in cells(archive) if any(it in value.lower() for it in among)}
