"""What a citation of a version says: whose words, where and when, and how another person checks it.

It rests on what the version recorded, which never changes. `last_seen_at` alone moves, while the
version is still to be seen.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.database.errors import NotFound
from storage.database.identifiers import parse_identifier
from storage.frontier.listings import published_as_listed
from storage.history.lookup import find_article, number_of
from storage.history.retractions import Retraction, retraction_of
from storage.models import Article, Content, Source, Version, VersionState
from storage.redaction.notices import Notice, notice_of


@dataclass(frozen=True, slots=True)
class Citation:
    """A version as it is cited. `published_on` is the day by the publisher's own clock (ISO 8601),
    where it is known; `page_sha256` that of the stored page, as `permalien page` writes it.
    `retraction` is why it is none, None where it stands; `redaction` why something of it was taken
    out, None where nothing was."""

    version_id: str
    version: int
    title: str
    authors: list[str]
    source: str
    url: str
    language: str | None
    published_on: str | None
    first_seen_at: datetime
    last_seen_at: datetime
    page_sha256: str
    retraction: Retraction | None = None
    redaction: Notice | None = None


def citation(session: Session, name: str, version: str | None = None) -> Citation:
    """The citation of a version: that of the identifier `name`, or of the article `name` (URL or
    number) the current one, or the one of that number or identifier. Raises NotFound."""
    article = find_article(session, name)
    if version is None and parse_identifier(name) is not None:
        version = name
    if version is None:
        wanted = VersionState.version_id == article.current_version_id
    else:
        wanted = VersionState.number == number_of(session, article.id, version)
    row = session.execute(
        select(Version, VersionState, Content, Source.name, published_as_listed())
        .join(VersionState, VersionState.version_id == Version.id)
        .join(Content, Content.digest == Version.recorded_content)
        .join(Article, Article.id == VersionState.article_id)
        .join(Source, Source.id == Article.source_id)
        .where(VersionState.article_id == article.id, wanted)
    ).one_or_none()
    if row is None:
        raise NotFound(f"article {article.id} has no version {version}: see `permalien history`")
    found, state, said, source, listed_at = row
    return Citation(
        version_id=found.identifier,
        version=state.number,
        title=" ".join(said.title.split()),
        authors=[" ".join(author.split()) for author in said.authors],
        source=source,
        url=article.url,
        language=said.language,
        published_on=_day(said.published_at or listed_at, said.published_offset),
        first_seen_at=found.first_seen_at,
        last_seen_at=state.last_seen_at,
        page_sha256=found.digest.hex(),
        retraction=retraction_of(session, found.id),
        redaction=notice_of(session, found.id),
    )


def _day(moment: datetime | None, offset: int | None) -> str | None:
    if moment is None:
        return None
    try:
        return (moment + timedelta(minutes=offset or 0)).date().isoformat()
    except OverflowError:
        return moment.date().isoformat()
