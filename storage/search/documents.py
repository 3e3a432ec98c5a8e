"""The documents of an article: made of what the archive holds of it now, read in few statements."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session
from tantivy import Document

from storage.frontier.listings import published_as_listed
from storage.history.edits import EditKind, is_declared
from storage.ledger.findings import is_latest
from storage.models import (
    Address,
    Article,
    ArticleState,
    Content,
    Edit,
    Fetch,
    Finding,
    Meaning,
    Reading,
    ReadingDetail,
    Version,
    VersionState,
)
from storage.search.analysis import LANGUAGES, prepare
from storage.search.fields import (
    CURRENT,
    DECLARED,
    HELD,
    SILENT,
    TEXT,
    TITLE,
    VERSION,
    stemmed,
)
from storage.search.timelines import FOREVER, Event, Held, Span, as_known, held, spans

MOST_CHARACTERS: Final = 1_000_000  # of a text that are indexed

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_YEAR_ONE: Final = datetime(1, 1, 1, tzinfo=UTC)
_PARAMETERS: Final = 5_000  # a statement
_LOW_BITS: Final = 28

_Row = Row[*tuple[Any, ...]]


def microseconds(moment: datetime) -> int:
    """Since 1970."""
    return (moment - _EPOCH) // timedelta(microseconds=1)


def order_of(moment: datetime, version_id: int) -> int:
    """A number that sorts by the second, and within one by the version: no two are alike, unless
    270 million versions lie between."""
    seconds = (moment - _YEAR_ONE) // timedelta(seconds=1)
    return seconds << _LOW_BITS | version_id % (1 << _LOW_BITS)


def documents_of(session: Session, article_ids: Sequence[int]) -> Iterator[Document]:
    """The documents of these articles' versions; of one that was retracted, what it was before."""
    versions: defaultdict[int, list[_Row]] = defaultdict(list)
    for ids in _parts(article_ids):
        for row in session.execute(_VERSIONS.where(VersionState.article_id.in_(ids))):
            versions[row.article_id].append(row)
    fetch_ids = [row.fetch_id for rows in versions.values() for row in rows]
    recorded = _recorded(session, fetch_ids)
    away = _absences(session, list(versions))
    for article_id, rows in versions.items():
        yield from _documents(rows, recorded, away.get(article_id, []))


_VERSIONS: Final = (
    select(
        VersionState.article_id,
        VersionState.version_id,
        VersionState.number,
        VersionState.retracted_at,
        Version.fetch_id,
        Version.first_seen_at,
        Article.source_id,
        Article.state,
        Article.current_version_id,
        Article.first_seen_at.label("article_first_seen_at"),
        Content.title,
        Content.text,
        Content.authors,
        Content.language,
        Content.partial,
        func.coalesce(Content.published_at, published_as_listed()).label("published_at"),
        ReadingDetail.details,
        Edit.completes,
        *(getattr(Edit, kind.value.replace("-", "_")) for kind in EditKind),
    )
    .join(Version, Version.id == VersionState.version_id)
    .join(Article, Article.id == VersionState.article_id)
    .join(Reading, Reading.id == VersionState.best_reading)
    .join(Content, Content.digest == Reading.content_digest)
    .join(ReadingDetail, ReadingDetail.digest == Reading.detail_digest)
    .outerjoin(Edit, Edit.version_id == VersionState.version_id)
    .where(Article.dismissed_as.is_(None))
    .order_by(VersionState.article_id, VersionState.number)
)


def _recorded(session: Session, fetch_ids: Sequence[int]) -> dict[int, list[tuple[int, bool]]]:
    """Of each version that these fetches saw first: since when it is on record, and from when on it
    was retracted, or stood again. Microseconds, and whether it stands."""
    recorded: defaultdict[int, list[tuple[int, bool]]] = defaultdict(list)
    for ids in _parts(fetch_ids):
        rows = session.execute(
            select(Finding.version_id, Finding.recorded_at, Finding.meaning)
            .where(Finding.fetch_id.in_(ids))
            .order_by(Finding.fetch_id, Finding.number)
        )
        for version_id, recorded_at, meaning in rows:
            if version_id is None:
                continue
            told, stands = recorded[version_id], meaning is not Meaning.RETRACTED
            if not told:
                told.append((microseconds(recorded_at), True))
            if told[-1][1] != stands:
                told.append((microseconds(recorded_at), stands))
    return recorded


def _standing(row: _Row, recorded: dict[int, list[tuple[int, bool]]]) -> list[tuple[int, int]]:
    """From when, and before when, the archive held the version to be one."""
    told = recorded.get(row.version_id) or [(microseconds(row.first_seen_at), True)]
    ends = [*(at for at, _ in told[1:]), FOREVER]
    return [(at, end) for (at, stands), end in zip(told, ends, strict=True) if stands]


def _absences(session: Session, article_ids: Sequence[int]) -> dict[int, list[Event]]:
    """Of articles that were taken away: when that was seen, and when a version was seen after."""
    events: defaultdict[int, list[Event]] = defaultdict(list)
    for ids in _parts(article_ids):
        removals = session.execute(
            select(Finding.article_id, Finding.fetch_id, Fetch.fetched_at, Finding.recorded_at)
            .join(Fetch, Fetch.id == Finding.fetch_id)
            .where(Finding.article_id.in_(ids), Finding.meaning == Meaning.REMOVED, is_latest())
            .order_by(Finding.fetch_id)
        )
        for article_id, fetch_id, at, recorded_at in removals:
            if article_id is None:
                continue
            events[article_id].append(Event(microseconds(at), microseconds(recorded_at), None))
            back = session.execute(
                select(Fetch.fetched_at, Finding.recorded_at, Finding.version_id)
                .join(Finding, Finding.fetch_id == Fetch.id)
                .join(Address, Address.id == Fetch.address_id)
                .where(
                    Address.article_id == article_id,
                    Fetch.id > fetch_id,
                    Finding.version_id.is_not(None),
                    is_latest(),
                )
                .order_by(Fetch.id)
                .limit(1)
            ).one_or_none()
            if back is not None:
                seen = Event(microseconds(back[0]), microseconds(back[1]), back[2])
                if seen not in events[article_id]:
                    events[article_id].append(seen)
    return events


def _documents(
    rows: Sequence[_Row],
    recorded: dict[int, list[tuple[int, bool]]],
    away: Sequence[Event],
) -> Iterator[Document]:
    """Of the versions of one article, in their order."""
    standing = {row.version_id: _standing(row, recorded) for row in rows}
    events = [
        Event(microseconds(row.first_seen_at), standing[row.version_id][0][0], row.version_id)
        for row in rows
    ]
    first_seen = {(event.at, event.version_id) for event in events}
    back = [
        it
        for it in away
        if (it.at, it.version_id) not in first_seen
        and (it.version_id is None or it.version_id in standing)
    ]
    stood: defaultdict[int, list[Span]] = defaultdict(list)
    for span in spans([it for event in (*events, *back) for it in as_known(event, standing)]):
        stood[span.version_id].append(span)
    pieces = held(standing)
    for row in rows:
        yield from _documents_of(row, stood[row.version_id], pieces[row.version_id])


def _documents_of(row: _Row, stood: Sequence[Span], pieces: Sequence[Held]) -> Iterator[Document]:
    """One for each span, and one for each piece that is of no span's times."""
    of_pieces = {(it.known, it.known_until): it for it in pieces}
    at = microseconds(row.first_seen_at)
    first = row.retracted_at is None
    for span in stood:
        piece = of_pieces.pop((span.known, span.known_until), None)
        yield _document(row, span, piece, first=first)
        first = False
    for piece in of_pieces.values():
        never = Span(row.version_id, at, at, piece.known, 0, piece.known_until)
        yield _document(row, never, piece, first=first)
        first = False


def _document(row: _Row, span: Span, piece: Held | None, *, first: bool) -> Document:
    moment = row.published_at or row.article_first_seen_at
    language = (row.language or "").partition("-")[0].lower()
    title, text = prepare(row.title), prepare(row.text[:MOST_CHARACTERS])
    document = Document()
    for field, words in ((TITLE, title), (TEXT, text)):
        document.add_text(field, words)
        if language in LANGUAGES:
            document.add_text(stemmed(field, language), words)
    for author in row.authors:
        document.add_text("author", prepare(author))
    document.add_text("section", prepare(row.details.get("section") or ""))
    document.add_text("language", language)
    walled = row.state is ArticleState.LIVE and row.partial
    document.add_text("state", (ArticleState.WALLED if walled else row.state).value)
    for change in _changes(row):
        document.add_text("change", change)
    document.add_integer("article", row.article_id)
    document.add_unsigned("version_id", row.version_id)
    document.add_unsigned("source", row.source_id)
    document.add_unsigned("order", order_of(moment, row.version_id))
    document.add_integer("moment", microseconds(moment))
    document.add_integer("month", moment.year * 12 + moment.month - 1)
    document.add_integer("seen", microseconds(row.first_seen_at))
    document.add_integer("since", span.since)
    document.add_integer("until", span.until)
    document.add_integer("known", span.known)
    document.add_integer("until_known", span.until_known)
    document.add_integer("known_until", span.known_until)
    if piece is not None:
        document.add_integer("replaced", piece.replaced)
        document.add_text("flag", HELD)
    if first:
        document.add_text("flag", VERSION)
        if row.version_id == row.current_version_id:
            document.add_text("flag", CURRENT)
    return document


def _changes(row: _Row) -> Iterator[str]:
    """What the edit was that made the version, as `change:` asks for it."""
    if row.completes is not False:
        return
    kinds = [kind for kind in EditKind if row._mapping[kind.value.replace("-", "_")]]
    yield from (kind.value for kind in kinds)
    yield DECLARED if is_declared(kinds) else SILENT


def _parts(ids: Iterable[int]) -> Iterator[list[int]]:
    wanted = sorted(set(ids))
    for start in range(0, len(wanted), _PARAMETERS):
        yield wanted[start : start + _PARAMETERS]
