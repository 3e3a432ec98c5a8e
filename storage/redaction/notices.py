"""What readers of a version are told of its redaction. Read-only."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from storage.models import RedactedPayload, RedactedVersion, Redaction, RedactionKind, Version


@dataclass(frozen=True, slots=True)
class Notice:
    """That something of a version was taken out, or kept away: when that was decided, who asked for
    it and why; `kind` tells whether it was words, or all."""

    redaction: int
    kind: RedactionKind
    at: datetime
    asked_by: str
    reason: str


def notice_of(session: Session, version_id: int) -> Notice | None:
    """The latest redaction of that version, as the view `redactions` has it; None where nothing is
    redacted."""
    of_version = select(RedactedVersion.redaction_id).where(
        RedactedVersion.version_id == version_id
    )
    of_page = (
        select(RedactedPayload.redaction_id)
        .join(Version, Version.digest == RedactedPayload.digest)
        .where(Version.id == version_id)
    )
    row = session.scalar(
        select(Redaction)
        .where(or_(Redaction.id.in_(of_version), Redaction.id.in_(of_page)))
        .order_by(Redaction.id.desc())
        .limit(1)
    )
    if row is None:
        return None
    return Notice(row.id, row.kind, row.redacted_at, row.asked_by, row.reason)
