"""Articles that say the words too and that a redaction leaves as they are: to be shown first."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Select, Text, cast, or_, select
from sqlalchemy.orm import Session

from storage.models import Article, Content, Reading, ReadingDetail, Version, VersionState
from storage.redaction.request import Request
from storage.withholding.phrases import says

MOST: Final = 1_000  # articles that are told

_ASCII: Final = re.compile(r"[a-z0-9]+", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Mention:
    """An article that says it."""

    article_id: int
    url: str


def mentions(session: Session, request: Request) -> list[Mention]:
    """The articles of which a version says what the request wants gone, or its page beside the text
    (in a teaser): asked after it is carried out, those that it leaves. Reads every text once."""
    if not request.phrases:
        return []
    found: dict[int, Mention] = {}
    for article_id, url, *said in session.execute(_candidates(request.words)):
        if article_id not in found and says(said, request.phrases):
            found[article_id] = Mention(article_id, url)
            if len(found) >= MOST:
                break
    return list(found.values())


def _candidates(words: Sequence[str]) -> Select[*tuple[Any, ...]]:
    said = (
        Content.title,
        Content.text,
        Content.authors,
        ReadingDetail.details,
        ReadingDetail.removed,
    )
    query = (
        select(Article.id, Article.url, *said)
        .join(VersionState, VersionState.article_id == Article.id)
        .join(Version, Version.id == VersionState.version_id)
        .join(Reading, Reading.id == VersionState.best_reading)
        .join(Content, Content.digest == Reading.content_digest)
        .join(ReadingDetail, ReadingDetail.digest == Reading.detail_digest)
        .order_by(Article.id)
    )
    parts = list(_telling(words))
    if parts:
        columns = [cast(column, Text) for column in said]
        query = query.where(
            or_(*(column.icontains(part, autoescape=True) for part in parts for column in columns))
        )
    return query


def _telling(words: Sequence[str]) -> Iterator[str]:
    """Of each of the words the longest run of letters that databases compare alike."""
    for text in words:
        runs = _ASCII.findall(text)
        if runs:
            yield max(runs, key=len)
