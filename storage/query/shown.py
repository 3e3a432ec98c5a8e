"""What of a version may be shown, kept back from documents: docs/operating.md, `may_show`.

Of a version of which its metadata alone may be shown, texts are left empty; one of which nothing
may be is left out of lists, and asked for by itself it is refused.
"""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.database.errors import Refused
from storage.models import Article, Reuse, Source
from storage.query.document_types import ArticleDocument, HistoryDocument
from storage.query.edits import EditEvent
from storage.query.rights import may_show
from storage.search.search import Hit


def showable_hits(session: Session, hits: Sequence[Hit]) -> list[Hit]:
    """What of these hits may be shown, in their order."""
    allowed = may_show(session, [it.identifier for it in hits])
    return [
        it if allowed[it.identifier] is Reuse.ALL else replace(it, snippet="")
        for it in hits
        if allowed.get(it.identifier, Reuse.NONE) is not Reuse.NONE
    ]


def showable_events(session: Session, events: Sequence[EditEvent]) -> list[tuple[EditEvent, bool]]:
    """The events that may be shown, in their order, and whether what they changed may be too."""
    named = {_version_of(it) for it in events}
    allowed = may_show(session, sorted(named))
    return [
        (it, allowed[_version_of(it)] is Reuse.ALL)
        for it in events
        if allowed.get(_version_of(it), Reuse.NONE) is not Reuse.NONE
    ]


def _version_of(event: EditEvent) -> str:
    return event.to_version_id or event.from_version_id or ""


def showable_article(session: Session, document: ArticleDocument) -> ArticleDocument:
    """What of the article may be shown. Raises Refused where nothing may be."""
    if not shows_text(session, [document["version_id"]]):
        document["text"] = ""
        document["paragraphs"] = []
        document["apart"] = []
        document["live_entries"] = []
        document["description"] = document["image_caption"] = None
        document["candidates"] = {}
        if "removed" in document:
            document["removed"] = []
    return document


def showable_history(session: Session, document: HistoryDocument) -> HistoryDocument:
    """What of the history may be shown. Raises Refused where nothing may be."""
    identifiers = [it["version_id"] for it in document["versions"]]
    allowed = may_show(session, identifiers)
    _require_any(list(allowed.values()))
    for version in document["versions"]:
        if allowed.get(version["version_id"]) is not Reuse.ALL:
            version["text"] = ""
    return document


def require_text(session: Session, identifiers: Sequence[str]) -> None:
    """Raises Refused unless the texts of these versions may be shown."""
    if not shows_text(session, identifiers):
        raise Refused("the text of this version is reserved")


def shows_text(session: Session, identifiers: Sequence[str]) -> bool:
    """Whether the texts of all these versions may be shown. Raises Refused where nothing of one
    may be."""
    allowed = list(may_show(session, identifiers).values())
    _require_any(allowed)
    return all(it is Reuse.ALL for it in allowed)


def require_metadata(session: Session, identifier: str) -> None:
    """Raises Refused unless something of this version may be shown."""
    _require_any(list(may_show(session, [identifier]).values()))


def require_article(session: Session, article_id: int) -> None:
    """Raises Refused unless something of this article may be shown."""
    setting = select(Source.may_show).join(Article, Article.source_id == Source.id)
    _require_any(list(session.scalars(setting.where(Article.id == article_id))))


def _require_any(allowed: Sequence[Reuse]) -> None:
    if Reuse.NONE in allowed:
        raise Refused("nothing of this version's source may be shown")
