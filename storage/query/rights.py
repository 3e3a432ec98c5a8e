"""What of the archive may leave it: a source's setting, and what its pages say of their reuse.

Exports go by `may_export`; whoever shows texts or stored pages to others, by `may_show`.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.models import (
    Article,
    Reading,
    ReadingDetail,
    Reuse,
    Source,
    Version,
    VersionState,
)

_RESERVING = frozenset({"noarchive", "noai"})


def permitted(setting: Reuse, said: Mapping[str, Any] | None) -> Reuse:
    """What may be had of a version: ALL, METADATA or NONE, by its source's setting and the rights
    that its page states (crawler.extraction.metadata.rights)."""
    if setting is not Reuse.AS_STATED:
        return setting
    return Reuse.METADATA if is_reserved(said) else Reuse.ALL


def is_reserved(said: Mapping[str, Any] | None) -> bool:
    """Whether a page reserves its text: from mining, from copies, or from use by AI."""
    if not said:
        return False
    return bool(said.get("reserved")) or not _RESERVING.isdisjoint(said.get("directives") or ())


def may_export(session: Session, identifiers: Sequence[str]) -> dict[str, Reuse]:
    """What exports may have of the versions of these identifiers: ALL, METADATA or NONE."""
    return _permitted(session, identifiers, Source.may_export)


def may_show(session: Session, identifiers: Sequence[str]) -> dict[str, Reuse]:
    """What may be shown of the versions of these identifiers: ALL, METADATA or NONE."""
    return _permitted(session, identifiers, Source.may_show)


def _permitted(session: Session, identifiers: Sequence[str], setting: Any) -> dict[str, Reuse]:
    rows = session.execute(
        select(Version.identifier, setting, ReadingDetail.details["rights"])
        .join(VersionState, VersionState.version_id == Version.id)
        .join(Article, Article.id == VersionState.article_id)
        .join(Source, Source.id == Article.source_id)
        .join(Reading, Reading.id == VersionState.best_reading)
        .join(ReadingDetail, ReadingDetail.digest == Reading.detail_digest)
        .where(Version.identifier.in_(identifiers))
    )
    return {identifier: permitted(set_to, said) for identifier, set_to, said in rows}


def hidden_sources(session: Session) -> tuple[str, ...]:
    """The names of the sources of which nothing may be shown."""
    closed = select(Source.name).where(Source.may_show == Reuse.NONE).order_by(Source.name)
    return tuple(session.scalars(closed))


def is_open(session: Session) -> bool:
    """Whether every source lets all be exported: then nothing needs to be asked of a version."""
    closed = select(Source.id).where(Source.may_export != Reuse.ALL).limit(1)
    return session.scalar(closed) is None
