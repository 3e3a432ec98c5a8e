"""Full-text search over the current versions: words and phrases, by source and date.

The database finds the articles (FTS5 on SQLite, a GIN index on PostgreSQL); the order and the
snippets are made here, so that both databases give the same answers. A query is words, all of
which must be there, and "phrases in quotes".

Rank: for each term its occurrences saturated as in Okapi BM25 (k1 = 1.2, no length or idf part),
a term in the title counting TITLE_WEIGHT times; equal ranks the latest published first.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from sqlalchemy import ColumnElement, cast, column, func, select, table, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from storage.database.errors import NotFound
from storage.database.words import words, words_in_place
from storage.frontier.listings import published_as_listed
from storage.models import (
    Article,
    Content,
    Reading,
    SearchDocument,
    Source,
    VersionState,
)

TITLE_WEIGHT = 4.0
MOST_CANDIDATES = 1_000  # the newest matches; the rank is among these
SNIPPET = 160  # characters either side of the first match, together
MOST_WORDS = 64  # of a query; what comes after them is left out
_K1 = 1.2
_QUOTED = re.compile(r'"([^"]*)"?|(\S+)')

Term = tuple[str, ...]
"""A word, or the words of a phrase."""


@dataclass(frozen=True, slots=True)
class Hit:
    """An article that matches. `snippet` has the matched words between `[` and `]`."""

    article_id: int
    source: str
    url: str
    title: str
    published_at: datetime | None
    version: int
    first_seen_at: datetime
    snippet: str
    rank: float


def parse_query(query: str) -> list[Term]:
    """The terms of a query, folded. A word that the folding parts in several is a phrase."""
    terms: list[Term] = []
    room = MOST_WORDS
    for match in _QUOTED.finditer(query):
        term = tuple(islice(words(match[1] or match[2] or ""), room))
        if term and term not in terms:
            terms.append(term)
            room -= len(term)
        if not room:
            break
    return terms


def search(
    session: Session,
    query: str,
    *,
    source: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int = 20,
) -> list[Hit]:
    """The best `limit` articles for `query`, best first.

    `since` (inclusive) and `until` (exclusive) bound the time of publication, or of the first
    sight where that is unknown. Raises NotFound when the query has no word.
    """
    terms = parse_query(query)
    if not terms:
        raise NotFound(f"no word to search for in {query!r}")
    published_at = func.coalesce(Content.published_at, published_as_listed())
    moment = func.coalesce(published_at, Article.first_seen_at)
    statement = (
        select(
            Article.id,
            Source.name,
            Article.url,
            Content.title,
            Content.text,
            published_at.label("published_at"),
            VersionState.number,
            Article.first_seen_at,
        )
        .join(Source, Source.id == Article.source_id)
        .join(VersionState, VersionState.version_id == Article.current_version_id)
        .join(Reading, Reading.id == VersionState.best_reading)
        .join(Content, Content.digest == Reading.content_digest)
        .join(SearchDocument, SearchDocument.article_id == Article.id)
        .where(_matches(session, terms))
        .order_by(moment.desc(), Article.id.desc())
        .limit(MOST_CANDIDATES)
    )
    if source is not None:
        statement = statement.where(Source.name == source)
    if since is not None:
        statement = statement.where(moment >= since)
    if until is not None:
        statement = statement.where(moment < until)
    ranked = [(_rank(terms, row.title, row.text), row) for row in session.execute(statement)]
    # The sort is stable: equal ranks stay the latest first.
    ranked.sort(key=lambda pair: -pair[0])
    return [
        Hit(
            article_id=row.id,
            source=row.name,
            url=row.url,
            title=row.title,
            published_at=row.published_at,
            version=row.number,
            first_seen_at=row.first_seen_at,
            snippet=snippet(row.text, terms),
            rank=rank,
        )
        for rank, row in ranked[:limit]
    ]


def _matches(session: Session, terms: Sequence[Term]) -> ColumnElement[bool]:
    if session.get_bind().dialect.name == "postgresql":
        phrases = (" <-> ".join(f"'{word}'" for word in term) for term in terms)
        query = " & ".join(f"({phrase})" for phrase in phrases)
        return SearchDocument.words.op("@@", is_comparison=True)(cast(query, postgresql.TSQUERY()))
    phrases = (" ".join(term) for term in terms)
    query = " AND ".join(f'"{phrase}"' for phrase in phrases)
    index = table("search_index", column("rowid"))
    return SearchDocument.article_id.in_(
        select(index.c.rowid).where(text("search_index MATCH :query")).params(query=query)
    )


def _rank(terms: Sequence[Term], title: str, body: str) -> float:
    title_words, body_words = list(words(title)), list(words(body))
    rank = 0.0
    for term in terms:
        occurrences = TITLE_WEIGHT * _count(title_words, term) + _count(body_words, term)
        rank += occurrences * (_K1 + 1) / (occurrences + _K1)
    return rank


def _count(haystack: Sequence[str], term: Term) -> int:
    size = len(term)
    return sum(
        1
        for at, word in enumerate(haystack)
        if word == term[0] and tuple(haystack[at : at + size]) == term
    )


def snippet(body: str, terms: Sequence[Term]) -> str:
    """The part of the text around the first match, one line, matches between `[` and `]`."""
    wanted = {word for term in terms for word in term}
    spans = [(start, end) for word, start, end in words_in_place(body) if word in wanted]
    first = spans[0][0] if spans else 0
    start = max(0, first - SNIPPET // 4)
    if start:
        start = body.find(" ", start, first) + 1 or start
    end = start + SNIPPET
    shown = []
    at = start
    for left, right in spans:
        if left < start or right > end:
            continue
        shown += [body[at:left], "[", body[left:right], "]"]
        at = right
    line = " ".join("".join([*shown, body[at:end]]).split())
    return f"{'… ' if start else ''}{line}{' …' if end < len(body) else ''}"
