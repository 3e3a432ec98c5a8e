"""Timestamps that are kept: of the last day that is closed, for it is chained to all before."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.database.dialects import database_now
from storage.models import DayRoot, TimestampToken
from storage.proof.authority import NewStamp, verify_token
from storage.proof.tokens import BadToken

if TYPE_CHECKING:
    from cryptography.x509 import Certificate


@dataclass(frozen=True, slots=True)
class StampedDay:
    """A day that is closed, and who said when that it was."""

    day: date
    leaves: int
    root: bytes
    chained: bytes
    stamps: tuple[tuple[str, datetime], ...]


def last_day(session: Session) -> DayRoot | None:
    """The last day that is closed."""
    return session.scalars(select(DayRoot).order_by(DayRoot.day.desc()).limit(1)).one_or_none()


def is_stamped(session: Session, day: date, authority: str) -> bool:
    """Whether the authority has stamped that day."""
    wanted = (TimestampToken.day == day, TimestampToken.authority == authority)
    return session.scalar(select(TimestampToken.id).where(*wanted).limit(1)) is not None


def keep(session: Session, day: date, authority: str, stamp: NewStamp) -> None:
    """Keep a token."""
    session.add(
        TimestampToken(
            day=day,
            authority=authority,
            stamped_at=stamp.said.at,
            token=stamp.token,
            recorded_at=database_now(session),
        )
    )


def unvouched(session: Session, trusted: "Sequence[Certificate]", *, limit: int) -> Iterator[str]:
    """Of the last `limit` stamps, why each that is none by the trusted is none."""
    rows = session.execute(
        select(TimestampToken, DayRoot.chained)
        .join(DayRoot, DayRoot.day == TimestampToken.day)
        .order_by(TimestampToken.id.desc())
        .limit(limit)
    )
    for stamp, chained in rows:
        try:
            verify_token(stamp.token, chained, trusted)
        except BadToken as error:
            yield f"the stamp of {stamp.day} by {stamp.authority}: {error}"


def closed_days(session: Session, *, limit: int) -> list[StampedDay]:
    """The last days that were closed, the latest first."""
    days = session.scalars(select(DayRoot).order_by(DayRoot.day.desc()).limit(limit)).all()
    stamps: dict[date, list[tuple[str, datetime]]] = {}
    for day, authority, at in session.execute(
        select(TimestampToken.day, TimestampToken.authority, TimestampToken.stamped_at)
        .where(TimestampToken.day.in_([it.day for it in days]))
        .order_by(TimestampToken.stamped_at)
    ):
        stamps.setdefault(day, []).append((authority, at))
    return [
        StampedDay(it.day, it.leaves, it.root, it.chained, tuple(stamps.get(it.day, ())))
        for it in days
    ]
