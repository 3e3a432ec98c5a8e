"""What a wrong clock left behind: due times further ahead than any schedule sets.

A machine whose clock was a year ahead for one crawl leaves everything it asked for due in a year.
With the clock right again nothing would be looked at until then, and nobody would be told.
"""

import logging
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from storage.frontier.revisits import LONGEST_RETRY_AFTER, longest_wait
from storage.models import Frontier, Source

logger = logging.getLogger(__name__)

_MARGIN = timedelta(days=1)


def mend_due_times(session: Session, now: datetime) -> int:
    """Make due what no schedule can have set for so far ahead, of the sources that nobody crawls
    and that show it, and end such pauses; returns of how many addresses. It is told in the log."""
    suspects = session.scalars(
        select(Source).where(
            Source.lease_run_id.is_(None),
            or_(
                Source.next_due_at > now + _MARGIN + longest_wait(cadence=0),
                Source.paused_until > now + _MARGIN + LONGEST_RETRY_AFTER,
            ),
        )
    )
    return mend_sources(session, suspects.all(), now)


def mend_sources(session: Session, sources: Sequence[Source], now: datetime) -> int:
    """As `mend_due_times`, of these sources."""
    longest: defaultdict[timedelta, list[int]] = defaultdict(list)
    for source in sources:
        longest[longest_wait(cadence=source.cadence)].append(source.id)
        paused = source.paused_until
        if paused is not None and paused > now + _MARGIN + LONGEST_RETRY_AFTER:
            source.paused_until = None
    mended = Counter(
        source_id
        for wait, source_ids in longest.items()
        for source_id in session.scalars(
            update(Frontier)
            .where(Frontier.source_id.in_(source_ids), Frontier.due_at > now + _MARGIN + wait)
            .values(due_at=now)
            .returning(Frontier.source_id)
            .execution_options(synchronize_session=False)
        )
    )
    for source in sources:
        if mended[source.id]:
            source.next_due_at = min(source.next_due_at or now, now)
            logger.warning(
                "%s had %d addresses due further ahead than any schedule sets, as after a wrong "
                "clock: they are due now",
                source.name,
                mended[source.id],
            )
    session.flush()
    return mended.total()
