"""The versions of a page as mementos (RFC 7089): of the page at a URL, which stood at a time, and
which come before and after. One that is retracted is no neighbour, and still a memento."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from storage.database.errors import NotFound
from storage.history.lookup import find_address, find_article, find_version
from storage.models import Version, VersionState

_SECOND: Final = timedelta(seconds=1)
_LATEST: Final = datetime.max.replace(tzinfo=UTC) - _SECOND


@dataclass(frozen=True, slots=True)
class Memento:
    """A version, and when it was first seen."""

    identifier: str
    number: int
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Original:
    """The page at `url`, as the archive writes it, and the number of its article."""

    url: str
    article_id: int


@dataclass(frozen=True, slots=True)
class Neighbours:
    """A memento among the others of its page; None where there is none before or after."""

    chosen: Memento
    first: Memento
    last: Memento
    before: Memento | None
    after: Memento | None


def original_at(session: Session, url: str) -> Original:
    """The page at a URL in any spelling; any of an article's addresses will do. Raises NotFound."""
    address = find_address(session, url)
    if address is None:
        raise NotFound(f"no page at {url} in the archive")
    return Original(address.url, find_article(session, url).id)


def seen_at(session: Session, article_id: int, at: datetime | None) -> Neighbours:
    """The memento that stood at a time, within the second, with which protocols tell it: the last
    that was seen until then, or the first; without a time the last one. Raises NotFound."""
    first, last = _ends(session, article_id)
    chosen = last
    if at is not None:
        until = Version.first_seen_at < min(at, _LATEST) + _SECOND
        some = _some(session, _standing(article_id).where(until), latest=True, limit=1)
        chosen = some[0] if some else first
    return _neighbours(session, article_id, chosen, first, last)


def around(session: Session, identifier: str) -> Neighbours:
    """The memento of that version. Raises NotFound."""
    state = find_version(session, identifier)
    query = _select(state.article_id, VersionState.number == state.number)
    (chosen,) = _some(session, query, limit=1)
    return _neighbours(session, state.article_id, chosen, *_ends(session, state.article_id))


def mementos(
    session: Session, article_id: int, *, skip: int, limit: int
) -> tuple[Sequence[Memento], bool]:
    """At most `limit` of a page's mementos in the order of time, without the first `skip`; and
    whether there are more."""
    found = _some(session, _standing(article_id).offset(skip), limit=limit + 1)
    return found[:limit], len(found) > limit


def _neighbours(
    session: Session, article_id: int, chosen: Memento, first: Memento, last: Memento
) -> Neighbours:
    query = _standing(article_id)
    before = _some(session, query.where(VersionState.number < chosen.number), latest=True, limit=1)
    after = _some(session, query.where(VersionState.number > chosen.number), limit=1)
    return Neighbours(
        chosen, first, last, before[0] if before else None, after[0] if after else None
    )


def _ends(session: Session, article_id: int) -> tuple[Memento, Memento]:
    query = _standing(article_id)
    first, last = _some(session, query, limit=1), _some(session, query, latest=True, limit=1)
    if not (first and last):
        raise NotFound(f"article {article_id} has no version")
    return first[0], last[0]


def _standing(article_id: int) -> Select[Any]:
    return _select(article_id, VersionState.retracted_at.is_(None))


def _select(article_id: int, wanted: ColumnElement[bool]) -> Select[Any]:
    query: Any = (
        select(Version.identifier, VersionState.number, Version.first_seen_at)
        .join(VersionState, VersionState.version_id == Version.id)
        .where(VersionState.article_id == article_id, wanted)
    )
    return query  # type: ignore[no-any-return]


def _some(
    session: Session, query: Select[Any], *, latest: bool = False, limit: int
) -> Sequence[Memento]:
    number = VersionState.number
    ordered = query.order_by(number.desc() if latest else number).limit(limit)
    return [Memento(*row) for row in session.execute(ordered)]
