"""Readings of extractors that are not ours as rows, streamed: the values of OWN_READING_FIELDS, by
extractor and in the order of the versions."""

import json
from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.frontier.sources import find_source
from storage.models import (
    Article,
    Content,
    OwnReading,
    Reading,
    ReadingDetail,
    Source,
    Version,
    VersionState,
)

_BATCH: Final = 500


def own_reading_rows(
    session: Session,
    *,
    extractor: str | None = None,
    source: str | None = None,
    version_id: str | None = None,
) -> Iterator[tuple[Any, ...]]:
    """Of every extractor or of one, of every version that stands or of a source's or of one. Raises
    NotFound for a source that is not there."""
    statement = (
        select(
            OwnReading.extractor,
            Version.identifier,
            Article.id,
            Source.name,
            Article.url,
            VersionState.number,
            Content.title,
            Content.authors,
            Content.published_at,
            Content.modified_at,
            Content.language,
            Content.text,
            ReadingDetail.details,
            Reading.recorded_at,
        )
        .join(Version, Version.id == OwnReading.version_id)
        .join(VersionState, VersionState.version_id == Version.id)
        .join(Article, Article.id == VersionState.article_id)
        .join(Source, Source.id == Article.source_id)
        .join(Reading, Reading.id == OwnReading.reading_id)
        .join(Content, Content.digest == Reading.content_digest)
        .join(ReadingDetail, ReadingDetail.digest == Reading.detail_digest)
        .where(VersionState.retracted_at.is_(None), Article.dismissed_as.is_(None))
        .order_by(OwnReading.extractor, OwnReading.version_id)
    )
    if extractor is not None:
        statement = statement.where(OwnReading.extractor == extractor)
    if source is not None:
        statement = statement.where(Article.source_id == find_source(session, source).id)
    if version_id is not None:
        statement = statement.where(Version.identifier == version_id)
    with session.execute(statement, execution_options={"yield_per": _BATCH}) as result:
        for *some, details, recorded_at in result:
            own = json.dumps(details.get("own", {}), ensure_ascii=False, sort_keys=True)
            yield *some, own, recorded_at
