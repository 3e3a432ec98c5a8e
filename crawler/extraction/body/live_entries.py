"""The entries of a live blog, each with its time, by its structured data or by its markup."""

from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from crawler.extraction.article import LiveEntry, Paragraph
from crawler.extraction.metadata.moments import parse_moment
from crawler.extraction.page.structured import StructuredData
from crawler.extraction.page.wording import plain, squash

MAXIMUM_ENTRIES = 1_000
LEAST_TIMES = 3
# times of a text that no page calls a live blog, the share of its paragraphs that begin with one,
# and how long it may go on
UNDECLARED_TIMES = 6
UNDECLARED_SHARE = 0.4
UNDECLARED_SPAN = timedelta(days=7)
# so much of an entry's text tells where it begins
BEGINNING = 60
LONGEST_TEXT = 5_000


@dataclass(frozen=True, slots=True)
class LiveUpdate:
    """An entry as it is declared: its time, and how its headline and its text begin."""

    at: datetime
    beginnings: tuple[str, ...]


def read_updates(structured: StructuredData) -> tuple[LiveUpdate, ...]:
    """The entries that a live blog declares, those aside that have no time."""
    return tuple(_read(structured))


def live_entries(
    updates: Sequence[LiveUpdate], paragraphs: Sequence[Paragraph]
) -> tuple[LiveEntry, ...]:
    """The entries that begin at one of the paragraphs, in page order."""
    if not updates:
        return ()
    beginnings: dict[str, int] = {}
    for number, paragraph in enumerate(paragraphs):
        beginnings.setdefault(_beginning(paragraph.text), number)
    found: dict[int, LiveEntry] = {}
    for update in updates:
        at = next((beginnings[key] for key in update.beginnings if key in beginnings), None)
        if at is not None:
            found.setdefault(at, LiveEntry(at, update.at))
    return tuple(found[at] for at in sorted(found))


def timed_entries(
    moments: Iterable[tuple[int, str]],
    starts: Sequence[int],
    *,
    besides: Collection[datetime | None],
) -> tuple[LiveEntry, ...]:
    """The entries that follow a time each, in page order; none where the page shows fewer than
    three times. `moments` are times, each with its place; `starts` are the places that the
    paragraphs begin at, `besides` the page's own times."""
    found: dict[int, LiveEntry] = {}
    for place, stated in moments:
        moment = parse_moment(stated)
        at = bisect_left(starts, place)
        if moment is not None and at < len(starts) and moment.value not in besides:
            found[at] = LiveEntry(at, moment.value)
    times = {entry.at for entry in found.values()}
    return tuple(found[at] for at in sorted(found)) if len(times) >= LEAST_TIMES else ()


def is_told_by_the_minute(
    entries: Sequence[LiveEntry], paragraphs: int, published_at: datetime | None
) -> bool:
    """Whether a text of so many paragraphs is a live blog by its times alone: many of them, of the
    days around its publication, and most of it is entries. A list of dates is none."""
    if published_at is None or len(entries) < UNDECLARED_SHARE * paragraphs:
        return False
    times = {entry.at for entry in entries}
    return len(times) >= UNDECLARED_TIMES and all(
        abs(at - published_at) <= UNDECLARED_SPAN for at in times
    )


def _read(structured: StructuredData) -> Iterator[LiveUpdate]:
    for update in islice(_updates(structured), MAXIMUM_ENTRIES):
        stated = next(structured.texts(update, "datePublished"), "")
        moment = parse_moment(stated[:100])
        if moment is not None:
            texts = (
                next(structured.texts(update, name), "") for name in ("headline", "articleBody")
            )
            beginnings = (_beginning(plain(text[:LONGEST_TEXT])) for text in texts)
            yield LiveUpdate(moment.value, tuple(beginnings))


def _updates(structured: StructuredData) -> Iterator[Mapping[str, object]]:
    for node in structured.articles:
        for update in structured.values(node, "liveBlogUpdate"):
            if isinstance(update, Mapping):
                yield update


def _beginning(text: str) -> str:
    return squash(text)[:BEGINNING]
