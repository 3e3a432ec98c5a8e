"""What is asked to go, and of what."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from storage.database.errors import NotFound
from storage.models import Article, RedactionKind, RedactionScope, Version, VersionState
from storage.withholding.phrases import Phrase, find


@dataclass(frozen=True, slots=True)
class Request:
    """A redaction that somebody asks for. `words` are as they were given, to be told and to look
    faster with; `phrases` what is kept of them."""

    kind: RedactionKind
    scope: RedactionScope
    asked_by: str
    reason: str
    source_id: int | None = None
    article_id: int | None = None
    version_id: int | None = None
    phrases: Sequence[Phrase] = ()
    words: Sequence[str] = ()

    def says(self, text: str) -> bool:
        """Whether a text has the words."""
        return bool(find(text, self.phrases))

    def of_article(self, session: Session, article_id: int) -> "Request":
        """Of the article that has what was merged now. Raises NotFound."""
        article = session.get(Article, article_id)
        while article is not None and article.merged_into_id is not None:
            article = session.get(Article, article.merged_into_id)
        if article is None:
            raise NotFound(f"no article {article_id}")
        return replace(self, article_id=article.id, source_id=article.source_id)


def articles_of(session: Session, request: Request) -> list[int]:
    """The articles that it is about: with those that were merged into the one that is named."""
    if request.scope is RedactionScope.ARCHIVE:
        return list(session.scalars(select(Article.id).order_by(Article.id)))
    if request.scope is RedactionScope.SOURCE:
        of_source = select(Article.id).where(Article.source_id == request.source_id)
        return list(session.scalars(of_source.order_by(Article.id)))
    found = [request.article_id] if request.article_id is not None else []
    for article_id in found:
        merged = select(Article.id).where(Article.merged_into_id == article_id)
        found += [it for it in session.scalars(merged) if it not in found]
    return found


def versions_of(session: Session, request: Request, article_ids: Sequence[int]) -> list[int]:
    """The versions that it is about, wherever they were recorded and stand now."""
    if request.version_id is not None:
        return [request.version_id]
    query = select(Version.id).join(VersionState, VersionState.version_id == Version.id)
    if request.scope is not RedactionScope.ARCHIVE:
        query = query.where(
            or_(Version.article_id.in_(article_ids), VersionState.article_id.in_(article_ids))
        )
    return list(session.scalars(query.order_by(Version.id)))
