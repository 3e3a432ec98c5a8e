"""The small tables in which words may stand too: templates, notes, decisions, runs, robots.txt."""

import json
import secrets
from typing import Any, Final

from sqlalchemy import Table, delete, select, update
from sqlalchemy.orm import Session

from storage.database.types import Document, PlainText
from storage.ledger.compression import decompress
from storage.models import (
    Base,
    IdentityDecision,
    Layout,
    Overruling,
    PageSample,
    RobotsTxt,
    Run,
    SiteChange,
    Source,
    SourceRemoval,
    TdmFile,
    Template,
)
from storage.redaction.erasing import Eraser
from storage.withholding.markup import has_words
from storage.withholding.phrases import says

REDACTED_TEMPLATE: Final = "redacted"
"""How the digest of a template begins that has lost lines to a redaction."""

_SWEPT: Final[tuple[type[Base], ...]] = (
    IdentityDecision,
    Overruling,
    Run,
    SiteChange,
    SourceRemoval,
)
"""Tables of which each text and document is looked through."""


def sweep(session: Session, eraser: Eraser, source_id: int | None) -> dict[str, int]:
    """Redact what these tables say, how many rows of each: of templates and samples those of the
    source, of all sources where it is None; of the rest all, since operators wrote them."""
    counts = {it.__tablename__: _sweep_table(session, eraser, it) for it in _SWEPT}
    counts[Source.__tablename__] = _sweep_table(session, eraser, Source, ("notes", "terms"))
    counts[Template.__tablename__] = _redact_templates(session, eraser, source_id)
    counts[PageSample.__tablename__] = _drop_samples(session, eraser, source_id)
    counts[RobotsTxt.__tablename__] = _redact_robots(session, eraser)
    return counts


def _sweep_table(
    session: Session, eraser: Eraser, model: type[Base], names: tuple[str, ...] = ()
) -> int:
    table: Table = model.__table__  # type: ignore[assignment]
    columns = [it for it in table.c if it.name in names] or [
        it for it in table.c if isinstance(it.type, (PlainText, Document))
    ]
    changed = 0
    for row in session.execute(select(table.c.id, *columns)).all():
        kept: dict[str, Any] = {}
        for column in columns:
            value = row._mapping[column]
            if value is not None and (erased := eraser.document(value)) != value:
                kept[column.name] = erased
        if kept:
            session.execute(update(table).where(table.c.id == row.id).values(kept))
            changed += 1
    return changed


def _redact_templates(session: Session, eraser: Eraser, source_id: int | None) -> int:
    """Take learned lines that have the words out of templates: a line's fingerprint tells it."""
    query = select(Template).join(Layout, Layout.id == Template.layout_id)
    if source_id is not None:
        query = query.where(Layout.source_id == source_id)
    changed = 0
    for template in session.scalars(query):
        learned = json.loads(template.template)
        kept = {name: _without(value, eraser) for name, value in learned.items()}
        if kept == learned:
            continue
        template.template = json.dumps(kept, separators=(",", ":"), sort_keys=True)
        # The one it had would tell, with the lines that are left, the line that went.
        random = secrets.token_hex((64 - len(REDACTED_TEMPLATE)) // 2)
        template.digest = REDACTED_TEMPLATE + random
        changed += 1
    session.flush()
    return changed


def _without(value: Any, eraser: Eraser) -> Any:
    """A list without the items that have the words in a text of theirs."""
    if not isinstance(value, list):
        return value
    return [it for it in value if not says(it, eraser.phrases)]


def _drop_samples(session: Session, eraser: Eraser, source_id: int | None) -> int:
    query = select(PageSample.address_id, PageSample.sample, PageSample.before)
    if source_id is not None:
        query = query.where(PageSample.source_id == source_id)
    gone = [
        row.address_id
        for row in session.execute(query)
        if any(
            data is not None and says(json.loads(decompress(data)), eraser.phrases)
            for data in (row.sample, row.before)
        )
    ]
    for address_id in gone:
        session.execute(delete(PageSample).where(PageSample.address_id == address_id))
    return len(gone)


def _redact_robots(session: Session, eraser: Eraser) -> int:
    changed = 0
    copies: list[RobotsTxt | TdmFile] = list(session.scalars(select(RobotsTxt)))
    for copy in [*copies, *session.scalars(select(TdmFile))]:
        if copy.body and has_words(copy.body, eraser.phrases):
            copy.body = None
            changed += 1
    session.flush()
    return changed
