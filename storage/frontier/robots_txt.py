"""The last good copy of each robots.txt, so that it is asked for once a day, whatever the runs."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.orm import Session

from storage.database.dialects import upsert
from storage.models import RobotsTxt


@dataclass(frozen=True, slots=True)
class RobotsCopy:
    """As it was at `asked_at`; `body` is None where there was none."""

    asked_at: datetime
    body: bytes | None = field(repr=False)


def robots_copy(session: Session, origin: str) -> RobotsCopy | None:
    """The copy of the robots.txt of `origin`, None where it was never had."""
    row = session.get(RobotsTxt, origin)
    return None if row is None else RobotsCopy(row.asked_at, row.body)


def keep_robots_copies(
    session: Session, copies: Sequence[tuple[str, RobotsCopy]]
) -> list[RobotsCopy]:
    """Keep each origin's copy in place of the one before; the last given of an origin counts."""
    insert = upsert(session, RobotsTxt)
    given = {"asked_at": insert.excluded.asked_at, "body": insert.excluded.body}
    rows = [
        {"origin": origin, "asked_at": copy.asked_at, "body": copy.body}
        for origin, copy in dict(copies).items()
    ]
    session.execute(insert.on_conflict_do_update(index_elements=["origin"], set_=given), rows)
    return [copy for _, copy in copies]
