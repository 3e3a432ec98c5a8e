"""What the sessions of sources that came to their ends learned of how the sources are edited."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from storage.frontier.revisits import EditStats
from storage.models import Source


@dataclass(slots=True)
class EndedSession:
    """What a run learned of a source's editing when it came to the end of what was due of it, and
    when, None where the source never answered.

    `tried` is what an earlier try made of it whose answer was lost: if the source has it, that try
    was kept, and nothing is counted twice. The source is the run's, so nobody else counts.
    """

    source_id: int
    edits: float
    exposure: float
    good_at: datetime | None
    tried: EditStats | None = None


def record_ended_sessions(session: Session, ended: Sequence[EndedSession]) -> list[EditStats]:
    """Put on record what these sessions learned; returns the sources' editing with it."""
    ids = {it.source_id for it in ended}
    rows = session.execute(
        select(Source.id, Source.edits, Source.exposure, Source.good_at).where(Source.id.in_(ids))
    )
    known = {row.id: row for row in rows}
    learned = []
    for it in ended:
        row = known[it.source_id]
        before = EditStats(row.edits, row.exposure)
        it.tried = before if it.tried == before else before.plus(it.edits, it.exposure)
        good_at = it.good_at or row.good_at
        learned.append({"id": row.id, "good_at": good_at} | asdict(it.tried))
    session.execute(update(Source), learned)
    return [it.tried for it in ended if it.tried is not None]
