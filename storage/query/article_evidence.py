"""What an article's page tells beside its text: why its addresses are one article, and which
template took what out of it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.history.identity_records import IdentityRecord, identity_record
from storage.history.lookup import find_article
from storage.models import Layout, Source, Template


@dataclass(frozen=True, slots=True)
class UsedTemplate:
    """The template that a text was read with: of a layout, as it was learned then from so many
    pages."""

    layout: str
    revision: int
    pages: int
    learned_at: datetime


def identity_of(session: Session, article_id: int) -> IdentityRecord:
    """What is known of the article's identity. Raises NotFound."""
    return identity_record(session, find_article(session, str(article_id)))


def used_template(session: Session, source: str, name: str) -> UsedTemplate | None:
    """The template that a reading names (a layout's key and a digest); None where it names none,
    or one that was changed by an operator's decision."""
    layout, _, digest = name.rpartition("-")
    if not digest:
        return None
    row = session.execute(
        select(Layout.key, Template.revision, Template.pages, Template.learned_at)
        .join(Source, Source.id == Layout.source_id)
        .join(Template, Template.layout_id == Layout.id)
        .where(Source.name == source, Layout.key == layout, Template.digest.startswith(digest))
        .order_by(Template.revision)
        .limit(1)
    ).one_or_none()
    return None if row is None else UsedTemplate(*row)
