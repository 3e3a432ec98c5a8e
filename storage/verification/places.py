"""Where in the archive what is blamed belongs: its source, its article's URL, its version."""

from dataclasses import replace
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.models import (
    Address,
    Article,
    Fetch,
    Reading,
    Source,
    Version,
    VersionState,
)
from storage.verification.check import AnySelect
from storage.verification.report import Mismatch, Place, Report

_OF_VERSION: Final = {"version", "version_state", "edit"}
_OF_ADDRESS: Final = {"address", "frontier", "page_sample", "address_link"}
_OF_FETCH: Final = {"fetch", "finding"}
_OF_PAGE: Final = {"payload": Reading.digest, "content": Reading.content_digest}


def set_places(session: Session, report: Report) -> None:
    """Tell of each mismatch where it belongs."""
    report.mismatches = [replace(it, place=_place(session, it)) for it in report.mismatches]


def _place(session: Session, it: Mismatch) -> Place:
    for table, key in ((it.table, it.key), *it.named_by):
        query = _query(table, key)
        row = None if query is None else session.execute(query.limit(1)).first()
        if row is not None:
            return Place(*row)
    return Place()


def _query(table: str, key: str) -> AnySelect | None:
    """What gives source, URL and version of a row."""
    first = key.partition(",")[0]
    versions = (
        select(Source.name, Article.url, Version.identifier)
        .select_from(Version)
        .join(VersionState, VersionState.version_id == Version.id)
        .join(Article, Article.id == VersionState.article_id)
        .join(Source, Source.id == Article.source_id)
    )
    addresses = select(Source.name, Address.url).join(Address, Address.source_id == Source.id)
    if table in _OF_PAGE or table == "reading_detail":
        digest = _bytes(first)
        column = _OF_PAGE.get(table, Reading.detail_digest)
        if digest is None:
            return None
        return versions.join(Reading, Reading.id == Version.reading_id).where(column == digest)
    if not first.lstrip("-").isdigit():
        return None
    number = int(first)
    if table in _OF_VERSION:
        return versions.where(Version.id == number)
    if table == "reading":
        return versions.where(
            (Version.reading_id == number) | (VersionState.best_reading == number)
        )
    if table in _OF_FETCH:
        return addresses.join(Fetch, Fetch.address_id == Address.id).where(Fetch.id == number)
    if table in _OF_ADDRESS:
        return addresses.where(Address.id == number)
    if table == "article":
        found = select(Source.name, Article.url).join(Article, Article.source_id == Source.id)
        return found.where(Article.id == number)
    if table in ("source", "source_day"):
        return select(Source.name).where(Source.id == number)
    return None


def _bytes(key: str) -> bytes | None:
    try:
        return bytes.fromhex(key)
    except ValueError:
        return None
