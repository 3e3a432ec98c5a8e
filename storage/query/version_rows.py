"""Articles and versions as rows, each streamed: a selection in, rows out, in a stable order.

A row is a tuple of the values of VERSION_FIELDS, in that order. Memory does not grow with the
number of rows. The statement leaves times and JSON as the driver gives them, and `_finish` reads
them: SQLAlchemy's own types take more time than the database does.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, Final

import orjson
from sqlalchemy import (
    ColumnElement,
    Select,
    String,
    and_,
    case,
    cast,
    func,
    null,
    or_,
    select,
    type_coerce,
)
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased
from sqlalchemy.types import NullType

from storage.frontier.listings import published_as_listed
from storage.frontier.sources import find_source
from storage.models import (
    Article,
    ArticleState,
    Content,
    Finding,
    Meaning,
    Reading,
    ReadingDetail,
    Source,
    Version,
    VersionState,
)
from storage.query.fields import VERSION_FIELDS
from storage.query.presence import AWAY, past_of
from storage.query.selection import Selection

Row = tuple[Any, ...]

_BATCH: Final = 500
_AT: Final = {field.name: place for place, field in enumerate(VERSION_FIELDS)}
_ARTICLE: Final = _AT["article_id"]
_STATE: Final = _AT["state"]
_LAST_SEEN: Final = _AT["last_seen_at"]
_PARTIAL: Final = _AT["partial"]


def version_rows(
    session: Session, selection: Selection, matched: Sequence[int] | None = None
) -> Iterator[Row]:
    """The rows of a selection, by article and version; `matched` are the versions that its search
    found (matching.matching_versions). Raises NotFound for a source that is not there."""
    if selection.search and matched is None:
        raise ValueError("what the search found is to be given")
    source_ids = _source_ids(session, selection)
    if matched is not None:
        for start in range(0, len(matched), _BATCH):
            some = [int(it) for it in matched[start : start + _BATCH]]
            yield from _rows(session, selection, source_ids, Version.id.in_(some))
    elif selection.article_ids is not None:
        ids = sorted(set(selection.article_ids))
        for start in range(0, len(ids), _BATCH):
            chosen = Article.id.in_(ids[start : start + _BATCH])
            yield from _rows(session, selection, source_ids, chosen)
    else:
        yield from _rows(session, selection, source_ids)


def _rows(
    session: Session,
    selection: Selection,
    source_ids: Sequence[int],
    *chosen: ColumnElement[bool],
) -> Iterator[Row]:
    statement = _statement(selection, source_ids).where(*chosen)
    with session.execute(statement, execution_options={"yield_per": _BATCH}) as result:
        for rows in result.partitions():
            if selection.in_the_past:
                yield from _as_they_stood(session, rows, selection)
            else:
                for row in rows:
                    yield _finish(row)


def count_version_rows(
    session: Session, selection: Selection, matched: Sequence[int] | None = None
) -> int:
    """How many rows a selection has; of the past at most that many, for what was away by then is
    counted. Raises NotFound as `version_rows`."""
    if matched is not None or selection.article_ids is not None:
        return sum(1 for _ in version_rows(session, selection, matched))
    source_ids = _source_ids(session, selection)
    if _asks_nothing_of_contents(selection):
        # An export tells its progress by it: it is not to look at every text before.
        counted = select(func.count()).select_from(Article)
        if selection.all_versions:
            counted = counted.join(VersionState, VersionState.article_id == Article.id)
            counted = counted.where(*_stands(selection, VersionState, Version))
        else:
            counted = counted.where(Article.current_version_id.is_not(None))
        if source_ids:
            counted = counted.where(Article.source_id.in_(source_ids))
        counted = counted.where(Article.dismissed_as.is_(None))
        return session.scalar(counted) or 0
    statement = _statement(selection, source_ids)
    counted = statement.with_only_columns(func.count(), maintain_column_froms=True).order_by(None)
    return session.scalar(counted) or 0


def _asks_nothing_of_contents(selection: Selection) -> bool:
    bounds = (selection.since, selection.until, selection.as_of, selection.known_by)
    asked = selection.languages or selection.states or selection.search
    return not asked and all(bound is None for bound in bounds)


def _source_ids(session: Session, selection: Selection) -> list[int]:
    return [find_source(session, name).id for name in selection.sources]


def _statement(selection: Selection, source_ids: Sequence[int]) -> Select[*tuple[Any, ...]]:
    recorded = selection.as_recorded or selection.known_by is not None
    read = Version.reading_id if recorded else VersionState.best_reading
    # When a feed said a date is not on record: what was known by then is what pages said.
    listed = null() if selection.known_by is not None else published_as_listed()
    published_at = func.coalesce(Content.published_at, listed)
    state = case((_is_walled(), ArticleState.WALLED.value), else_=_plain(Article.state))
    details = ReadingDetail.details
    statement = (
        select(
            Version.identifier,
            Article.id,
            Source.name,
            Article.url,
            VersionState.number,
            state,
            Content.title,
            _plain(Content.authors),
            _plain(published_at),
            Content.published_offset,
            Content.published_precision,
            _plain(Content.modified_at),
            Content.modified_offset,
            Content.modified_precision,
            _plain(Version.first_seen_at),
            _plain(VersionState.last_seen_at),
            Content.language,
            details["section"].as_string(),
            _plain(details["tags"]),
            details["description"].as_string(),
            Content.paywalled,
            Content.partial,
            Content.text,
            _plain(Content.blocks),
            Reading.extractor,
            Version.digest,
            Version.recorded_content,
            _plain(_retracted_at(selection)),
            _plain(details["rights"]),
            _plain(details["apart"]),
            _plain(details["live_entries"]),
            Version.id,
        )
        .select_from(Article)
        .join(VersionState, VersionState.article_id == Article.id)
        .join(Version, Version.id == VersionState.version_id)
        .join(Source, Source.id == Article.source_id)
        .join(Reading, Reading.id == read)
        .join(Content, Content.digest == Reading.content_digest)
        .join(ReadingDetail, ReadingDetail.digest == Reading.detail_digest)
        .where(*_chosen(selection))
        # Whichever table the statement begins with has an index in that order.
        .order_by(
            VersionState.article_id if selection.all_versions else Article.id, VersionState.number
        )
    )
    if source_ids:
        statement = statement.where(Article.source_id.in_(source_ids))
    moment = func.coalesce(published_at, Article.first_seen_at)
    if selection.since is not None:
        statement = statement.where(moment >= selection.since)
    if selection.until is not None:
        statement = statement.where(moment < selection.until)
    if selection.languages:
        statement = statement.where(or_(*map(_in_language, selection.languages)))
    if selection.known_by is None:
        statement = statement.where(Article.dismissed_as.is_(None))
    if selection.states and not selection.in_the_past:
        statement = statement.where(state.in_(selection.states))
    return statement


def _chosen(selection: Selection) -> Iterator[ColumnElement[bool]]:
    """Which of an article's versions."""
    if selection.in_the_past:
        if selection.all_versions:
            yield from _by_then(selection, VersionState, Version)
            yield from _stands(selection, VersionState, Version)
        else:
            state, version = aliased(VersionState), aliased(Version)
            latest = (
                select(func.max(state.number))
                .join(version, version.id == state.version_id)
                .where(
                    state.article_id == Article.id,
                    *_by_then(selection, state, version),
                    *_stands(selection, state, version, current=True),
                )
                .correlate(Article)
            )
            yield VersionState.number == latest.scalar_subquery()
    elif selection.all_versions:
        yield from _stands(selection, VersionState, Version)
    else:
        yield Version.id == Article.current_version_id


def _stands(
    selection: Selection,
    state: type[VersionState],
    version: type[Version],
    *,
    current: bool = False,
) -> Iterator[ColumnElement[bool]]:
    """Whether a version stands, or stood by what is known of then, unless all are asked for."""
    if selection.retracted and not current:
        return
    if selection.known_by is None:
        yield state.retracted_at.is_(None)
        return
    yield func.coalesce(_meaning_by(selection.known_by, version), "") != Meaning.RETRACTED.value


def _meaning_by(known_by: datetime, version: type[Version]) -> ColumnElement[str | None]:
    """What was known by then of the fetch that first saw the version."""
    meaning: ColumnElement[str | None] = (
        select(cast(Finding.meaning, String))
        .where(Finding.fetch_id == version.fetch_id, Finding.recorded_at <= known_by)
        .order_by(Finding.number.desc())
        .limit(1)
        .correlate(version)
        .scalar_subquery()
    )
    return meaning


def _retracted_at(selection: Selection) -> ColumnElement[datetime | None]:
    if selection.known_by is None:
        return VersionState.retracted_at.expression
    by_then = VersionState.retracted_at <= selection.known_by
    return case((by_then, VersionState.retracted_at), else_=null())


def _by_then(
    selection: Selection, state: type[VersionState], version: type[Version]
) -> Iterator[ColumnElement[bool]]:
    """Whether a version had been seen, and recorded, by the time that is asked for."""
    if selection.as_of is not None:
        yield version.first_seen_at <= selection.as_of
    if selection.known_by is not None:
        recorded_at = (
            select(func.min(Finding.recorded_at))
            .where(Finding.fetch_id == version.fetch_id, Finding.version_id == version.id)
            .correlate(version)
            .scalar_subquery()
        )
        yield func.coalesce(recorded_at, version.first_seen_at) <= selection.known_by


def _as_they_stood(
    session: Session, rows: Sequence[Sequence[Any]], selection: Selection
) -> Iterator[Row]:
    """The rows with the state of then, and when what was known of then had last been seen."""
    ids = sorted({row[_ARTICLE] for row in rows})
    found = past_of(session, ids, as_of=selection.as_of, known_by=selection.known_by)
    for row in rows:
        past = found[row[_ARTICLE]]
        finished = list(_finish(row))
        state = past.state
        if state is ArticleState.LIVE and finished[_PARTIAL]:
            state = ArticleState.WALLED
        finished[_STATE] = state.value
        finished[_LAST_SEEN] = past.last_seen.get(row[-1], finished[_LAST_SEEN])
        if state in selection.states if selection.states else _is_asked_for(state, selection):
            yield tuple(finished)


def _is_asked_for(state: ArticleState, selection: Selection) -> bool:
    return selection.all_versions or state not in AWAY


def _finish(row: Sequence[Any]) -> Row:
    language = row[16]
    rights = _decoded(row[28]) or {}
    return (
        *row[:7],
        _decoded(row[7]),
        _instant(row[8]),
        *row[9:11],
        _instant(row[11]),
        *row[12:14],
        _instant(row[14]),
        _instant(row[15]),
        language,
        language and language.partition("-")[0].lower(),
        row[17],
        _decoded(row[18]) or [],
        *row[19:23],
        [kind for kind, _ in _decoded(row[23])],
        row[24],
        row[25].hex(),
        row[26].hex(),
        _instant(row[27]),
        rights.get("reserved"),
        rights.get("policy"),
        rights.get("directives") or [],
        rights.get("license"),
        _json(row[29]),
        _json(row[30]),
    )


def _instant(value: Any) -> datetime | None:
    if type(value) is str:
        return datetime.fromisoformat(f"{value}+00:00")
    return None if value is None else value.astimezone(UTC)


def _decoded(value: Any) -> Any:
    return orjson.loads(value) if type(value) is str else value


def _json(value: Any) -> str:
    """A list as JSON, alike whichever database it is from."""
    return orjson.dumps(_decoded(value) or []).decode()


def _plain(column: ColumnElement[Any] | InstrumentedAttribute[Any]) -> ColumnElement[Any]:
    """The column as the driver gives it."""
    return type_coerce(column, NullType())


def _is_walled() -> ColumnElement[bool]:
    """As the view `articles` has it: what shows but a part of its text is not there for all."""
    return and_(Article.state == ArticleState.LIVE, Content.partial)


def _in_language(language: str) -> ColumnElement[bool]:
    said = func.lower(Content.language)
    wanted = language.lower()
    return or_(said == wanted, said.startswith(f"{wanted}-", autoescape=True))
