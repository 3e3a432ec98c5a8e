"""Which articles or versions are asked for."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Articles in their current version, or with `all_versions` each version of them that stands;
    with `retracted` those too that turned out to be none.

    `search` is a query as docs/search.md has it, of the versions that are asked for.

    What is empty or None asks for nothing, but `article_ids`: an empty one asks for no article.
    `since` (inclusive) and `until` (exclusive) bound the
    time of publication, or of the article's first sight where that is not known. A language of
    one part (`fr`) asks for that language of any country. All times are aware.

    `as_of` asks for what readers could see at that time, as far as the archive saw it: versions
    seen by then, and with their state of then; what had been taken away is left out unless
    `states` asks for it. `known_by` asks for what the archive had recorded by that time, and gives
    texts as they were recorded, as `as_recorded` does: that answer stays the same while the
    archive grows.
    """

    search: str = ""
    sources: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    languages: tuple[str, ...] = ()
    states: tuple[str, ...] = ()
    as_of: datetime | None = None
    known_by: datetime | None = None
    all_versions: bool = False
    article_ids: tuple[int, ...] | None = None
    as_recorded: bool = False
    retracted: bool = False

    @property
    def in_the_past(self) -> bool:
        return self.as_of is not None or self.known_by is not None


def start_of(when: date | datetime) -> datetime:
    """The instant at which a day (UTC) begins, or that instant. Raises ValueError for a time
    without a zone, TypeError for what is no day, such as a text."""
    if not isinstance(when, date):
        raise TypeError(f"{when!r} is no datetime.date, and no datetime with a zone")
    if not isinstance(when, datetime):
        return datetime.combine(when, time(), tzinfo=UTC)
    if when.tzinfo is None:
        raise ValueError(f"{when.isoformat()} has no time zone: give it one, such as datetime.UTC")
    return when.astimezone(UTC)


def end_of(when: date | datetime) -> datetime:
    """The last microsecond of a day (UTC), or that instant. Raises as `start_of`."""
    if isinstance(when, datetime):
        return start_of(when)
    return start_of(when) + (timedelta(days=1) - timedelta(microseconds=1))
