"""The fetches that a WARC file can hold, streamed in a fixed order.

A WARC record needs an answer, and the bytes of its body where it had one. What has neither (a
request without an answer; a feed or sitemap, of which only the digest is kept) is left out.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session, aliased

from storage.ledger.fetch_ids import first_id_at
from storage.ledger.findings import of_fetch
from storage.ledger.headers import Headers, joined
from storage.models import (
    Address,
    Content,
    Fetch,
    Finding,
    HeaderSet,
    Payload,
    Reading,
    ReadingDetail,
    Reuse,
    Source,
    Version,
    VersionState,
)
from storage.query.rights import is_reserved

_BATCH: Final = 200  # fetches that are in memory at a time, without their bodies
_ADDRESSES: Final = 100  # that are asked for at a time


@dataclass(frozen=True, slots=True)
class CaptureSelection:
    """Fetches from `since` and before `until`: all of them, those of these sources, or those of the
    articles of these ids, whichever is not None."""

    source_ids: tuple[int, ...] | None = None
    article_ids: tuple[int, ...] | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Original:
    """An earlier capture of the selection, at the same address."""

    fetch_id: int
    url: str
    fetched_at: datetime


@dataclass(frozen=True, slots=True)
class Capture:
    """One request and its answer. `digest` is that of a body that is kept, None where it had none.

    `same_as` is the first capture of the selection at that address with the same body; of an
    answer 304 the one that it says is unchanged, whose body's digest is then `digest`. `title` is
    of the version that this capture first showed.
    """

    fetch_id: int
    address_id: int
    url: str
    fetched_at: datetime
    status: int
    peer: str | None
    cut: bool
    request: Headers
    response: Headers
    digest: bytes | None
    same_as: Original | None = None
    title: str | None = None

    @property
    def as_original(self) -> Original:
        return Original(self.fetch_id, self.url, self.fetched_at)


@dataclass(slots=True)
class LeftOut:
    """How many fetches were left out: without an answer, without the body that they had, and those
    of which the settings of their sources let nothing be exported."""

    unanswered: int = 0
    without_body: int = 0
    withheld: int = 0


def captures(
    session: Session, selection: CaptureSelection, left_out: LeftOut
) -> Iterator[tuple[Capture, float]]:
    """The selection's captures, each with the share of the selection that is done, from 0 to 1.

    All of them come in the order of time; those of sources or articles address by address.
    """
    if selection.source_ids is None and selection.article_ids is None:
        first, last = session.execute(
            _bounded(select(func.min(Fetch.id), func.max(Fetch.id)), selection)
        ).one()
        if first is None:
            return
        statement = _bounded(_rows(), selection).order_by(Fetch.id)
        for capture in _captures(session, statement, selection, left_out):
            yield capture, (capture.fetch_id - first) / max(1, last - first)
        return
    for address_ids, share in _addresses(session, selection):
        statement = _bounded(_rows(), selection).where(Fetch.address_id.in_(address_ids))
        ordered = statement.order_by(Fetch.address_id, Fetch.id)
        for capture in _captures(session, ordered, selection, left_out):
            yield capture, share


def _addresses(
    session: Session, selection: CaptureSelection
) -> Iterator[tuple[Sequence[int], float]]:
    """The ids of the addresses that are asked for, some at a time, with the share that is done."""
    if selection.article_ids is not None:
        ids = sorted(set(selection.article_ids))
        for start in range(0, len(ids), _ADDRESSES):
            of_articles = Address.article_id.in_(ids[start : start + _ADDRESSES])
            query = select(Address.id).where(of_articles).order_by(Address.id)
            yield session.scalars(query).all(), start / len(ids)
        return
    sources = sorted(set(selection.source_ids or ()))
    for number, source_id in enumerate(sources):
        last = 0
        highest = session.scalar(select(func.max(Address.id)).where(Address.source_id == source_id))
        query = select(Address.id).where(Address.source_id == source_id).order_by(Address.id)
        while some := session.scalars(query.where(Address.id > last).limit(_ADDRESSES)).all():
            yield some, (number + last / (highest or 1)) / len(sources)
            last = some[-1]


def _bounded(statement: Select[*tuple[Any, ...]], selection: CaptureSelection) -> Any:
    if selection.since is not None:
        statement = statement.where(Fetch.id >= first_id_at(selection.since))
    if selection.until is not None:
        statement = statement.where(Fetch.id < first_id_at(selection.until))
    return statement


_request, _response = aliased(HeaderSet), aliased(HeaderSet)


def _rows() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Fetch,
            Address.key,
            _request.headers,
            _response.headers,
            Payload.size,
            Source.may_export,
            Version.fetch_id,
            ReadingDetail.details["rights"],
            Content.title,
        )
        .join(Address, Address.id == Fetch.address_id)
        .join(Source, Source.id == Address.source_id)
        .outerjoin(_request, _request.id == Fetch.request_headers_id)
        .outerjoin(_response, _response.id == Fetch.response_headers_id)
        .outerjoin(Payload, Payload.digest == Fetch.digest)
        .outerjoin(Finding, of_fetch())
        .outerjoin(Version, Version.id == Finding.version_id)
        .outerjoin(VersionState, VersionState.version_id == Version.id)
        .outerjoin(Reading, Reading.id == VersionState.best_reading)
        .outerjoin(ReadingDetail, ReadingDetail.digest == Reading.detail_digest)
        .outerjoin(Content, Content.digest == Reading.content_digest)
    )


def _captures(
    session: Session, statement: Any, selection: CaptureSelection, left_out: LeftOut
) -> Iterator[Capture]:
    with session.execute(statement, execution_options={"yield_per": _BATCH}) as result:
        for rows in result.partitions():
            some = [it for row in rows if (it := _capture(row, left_out)) is not None]
            yield from _with_originals(session, some, selection)


def _capture(row: Any, left_out: LeftOut) -> Capture | None:
    fetch, key, request, response, size, setting, version_fetch_id, rights, title = row
    if fetch.status is None:
        left_out.unanswered += 1
        return None
    if fetch.digest is not None and size is None:
        left_out.without_body += 1
        return None
    if not _may_go(setting, size, version_fetch_id, rights):
        left_out.withheld += 1
        return None
    return Capture(
        fetch_id=fetch.id,
        address_id=fetch.address_id,
        url=fetch.url or f"https:{key}",
        fetched_at=fetch.fetched_at,
        status=fetch.status,
        peer=fetch.peer,
        cut=fetch.cut,
        request=joined(request or [], fetch.request_values),
        response=joined(response or [], fetch.response_values),
        digest=fetch.digest,
        title=title if version_fetch_id == fetch.id else None,
    )


def _may_go(setting: Reuse, size: int | None, version_fetch_id: int | None, rights: Any) -> bool:
    """Whether the source's setting lets the page go. Of a page that was never read as an article
    nobody knows what it states: it stays."""
    if setting is Reuse.ALL:
        return True
    if setting is not Reuse.AS_STATED:
        return False
    return size is None or (version_fetch_id is not None and not is_reserved(rights))


def _with_originals(
    session: Session, some: Sequence[Capture], selection: CaptureSelection
) -> Iterator[Capture]:
    """The captures, each with what it is the same as."""
    earlier = aliased(Fetch)
    before = [
        earlier.address_id == Fetch.address_id,
        earlier.id < Fetch.id,
        earlier.status.is_not(None),
        earlier.digest.is_not(None),
    ]
    if selection.since is not None:
        before.append(earlier.id >= first_id_at(selection.since))

    def first_same(fetch_ids: Collection[int]) -> dict[int, int]:
        same = Fetch.id.in_(fetch_ids), earlier.digest == Fetch.digest
        query = select(Fetch.id, func.min(earlier.id)).where(*before, *same).group_by(Fetch.id)
        return dict(session.execute(query).all())

    ids = [it.fetch_id for it in some]
    unmodified = [it.fetch_id for it in some if it.status == 304 and it.digest is None]
    shown = (
        select(Fetch.id, func.max(earlier.id))
        .where(*before, Fetch.id.in_(unmodified), earlier.status == 200)
        .group_by(Fetch.id)
    )
    latest = dict(session.execute(shown).all()) if unmodified else {}
    first = first_same(set(latest.values()))
    found = first_same(ids) | {fetch_id: first.get(it, it) for fetch_id, it in latest.items()}
    rows = session.execute(
        select(Fetch.id, Fetch.url, Address.key, Fetch.fetched_at, Fetch.digest)
        .join(Address, Address.id == Fetch.address_id)
        .join(Payload, Payload.digest == Fetch.digest)
        .where(Fetch.id.in_(set(found.values())))
    )
    originals = {
        row.id: (Original(row.id, row.url or f"https:{row.key}", row.fetched_at), row.digest)
        for row in rows
    }
    for it in some:
        original = originals.get(found.get(it.fetch_id, 0))
        yield it if original is None else replace(it, same_as=original[0], digest=original[1])
