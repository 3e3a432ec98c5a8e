"""An operator's decisions about the blocks of a site's template, apart from what is learned."""

from datetime import datetime

from sqlalchemy import bindparam, delete, select, update
from sqlalchemy.orm import Session

from storage.database.clock import utc_now
from storage.database.dialects import upsert
from storage.models import Source, TemplateDecision

_DECISIONS = select(TemplateDecision.key, TemplateDecision.decision).where(
    TemplateDecision.source_id == bindparam("source")
)


def decisions_of(session: Session, source_id: int) -> dict[str, str]:
    """The decision on each block key of the source that an operator decided on."""
    return dict(session.execute(_DECISIONS, {"source": source_id}).all())


def decide(session: Session, source_id: int, key: str, decision: str | None) -> None:
    """Decide on a block, or with None leave it to learning again. The source is to be learned
    again; texts follow with the next crawl or `permalien reextract`."""
    if decision is None:
        session.execute(
            delete(TemplateDecision).where(
                TemplateDecision.source_id == source_id, TemplateDecision.key == key
            )
        )
    else:
        values: dict[str, str | datetime] = {"decision": decision, "decided_at": utc_now()}
        session.execute(
            upsert(session, TemplateDecision)
            .values(source_id=source_id, key=key, **values)
            .on_conflict_do_update(index_elements=["source_id", "key"], set_=values)
        )
    session.execute(
        update(Source).where(Source.id == source_id).values(relearn=True, next_due_at=utc_now())
    )
