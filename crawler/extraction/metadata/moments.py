"""Dates and times as publishers write them, in text and in attributes."""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import NamedTuple, final

from crawler.extraction.article import Precision
from crawler.extraction.metadata.months import month_of

MAX_TEXT = 300

# The web's first news pages are of 1994; what says it is older is an archive's, or wrong.
EARLIEST_YEAR = 1994
LATEST_YEAR = 2099

# Zones that name one offset everywhere they are used in news.
_ZONES = {
    "z": 0, "utc": 0, "gmt": 0, "wet": 0, "bst": 1, "west": 1, "cet": 1, "mez": 1, "cest": 2,
    "mesz": 2, "eet": 2, "eest": 3, "msk": 3, "jst": 9, "kst": 9, "aest": 10, "aedt": 11,
    "est": -5, "edt": -4, "cdt": -5, "mst": -7, "mdt": -6, "pst": -8, "pdt": -7,
}  # fmt: skip

_ISO = re.compile(r"(?P<y>\d{4})(?P<s>[-/.]?)(?P<m>\d{2})(?P=s)(?P<d>\d{2})(?!\d)")
_YEAR_FIRST_CJK = re.compile(r"(\d{4})\s?[年년]\s?(\d{1,2})\s?[月월]\s?(\d{1,2})\s?[日일]")
# a name's letters, and the marks that some scripts write beside them
_NAME = r"[^\W\d_][^\s\d.,:;/()|<>-]{1,14}"
_NAMED = re.compile(
    r"(?<![\d–-])(?P<d1>\d{1,2})(?:st|nd|rd|th|er|\.|º|ª)?,?[ -](?:de |of )?"
    rf"(?P<n1>{_NAME})\.?,?[ -](?:de |del )?(?P<y1>\d{{4}})(?!\d)"
    rf"|(?P<n2>{_NAME})\.? (?P<d2>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<y2>\d{{4}})(?!\d)"
    rf"|(?<!\d)(?P<y3>\d{{4}})\.? (?P<n3>{_NAME})\.? (?P<d3>\d{{1,2}})(?![\d:])"
)
_NUMERIC = re.compile(
    r"(?<![\d./-])(?P<a>\d{1,2})(?P<s>[./-])(?P<b>\d{1,2})(?P=s)(?P<y>\d{4}|\d{2})(?![\d/-])"
)
_TIME = re.compile(
    r"[^\d+-]{0,12}(?P<h>\d{1,2})(?:[:.h](?P<m>\d{2})(?::(?P<s>\d{2})(?:[.,](?P<f>\d{1,9}))?)?)?"
    r"\s?(?P<half>[ap]\.?\s?m\b\.?)?"
    r"\s?(?:(?P<name>[a-z]{1,4})?(?P<sign>[+-])(?P<oh>\d{2}):?(?P<om>\d{2})?|\(?(?P<zone>[a-z]{1,4})\b)?",
    re.IGNORECASE,
)
_COMPACT_TIME = re.compile(r"[T ]?(\d{2})(\d{2})(\d{2})?(Z|[+-]\d{2}:?\d{2})?$")
_EPOCH = re.compile(r"(1\d{9})(\d{3})?(?:\.\d+)?$")


class _Day(NamedTuple):
    year: int
    month: int
    day: int


@final
@dataclass(frozen=True, slots=True)
class Moment:
    """A point in time and how much of it was said: a day alone is kept as its midnight UTC."""

    value: datetime
    has_time: bool = False
    has_zone: bool = False
    has_seconds: bool = False

    @property
    def precision(self) -> Precision:
        if not self.has_time:
            return Precision.DAY
        return Precision.SECOND if self.has_seconds else Precision.MINUTE

    @property
    def offset(self) -> int | None:
        """Minutes east of UTC; None where no zone was said."""
        offset = self.value.utcoffset() if self.has_zone else None
        return None if offset is None else int(offset.total_seconds()) // 60


def parse_moment(text: str, *, month_first: bool = True) -> Moment | None:
    """The one moment `text` states, or None.

    `month_first` reads 3/4/2024 as 4 March; a day above twelve settles it by itself.
    """
    text = text.strip().strip("\"'").strip()
    epoch = _EPOCH.match(text)
    if epoch:
        with suppress(ValueError, OverflowError, OSError):
            return _bounded(Moment(datetime.fromtimestamp(int(epoch[1]), UTC), True, True, True))
    return next(find_moments(text, month_first=month_first), None)


def find_moments(text: str, *, month_first: bool = True) -> Iterator[Moment]:
    """Every moment in a short text, in the order written; what is out of bounds is left out."""
    text = text[:MAX_TEXT]
    lowered = text.lower()
    position = 0
    while position < len(text):
        found = _next_day(lowered, position, month_first)
        if found is None:
            return
        day, position = found
        with suppress(ValueError):
            moment = _with_time(day, text[position : position + 60])
            if _bounded(moment):
                yield moment


def _next_day(text: str, position: int, month_first: bool) -> tuple[_Day, int] | None:
    """The first day written at or after `position`, and where it ends."""
    best: tuple[int, _Day, int] | None = None
    for pattern, read in _READERS:
        for match in pattern.finditer(text, position):
            day = read(match, month_first)
            if day:
                if best is None or match.start() < best[0]:
                    best = (match.start(), day, match.end())
                break
    return best[1:] if best else None


def _read_iso(match: re.Match[str], month_first: bool) -> _Day | None:
    return _Day(int(match["y"]), int(match["m"]), int(match["d"]))


def _read_cjk(match: re.Match[str], month_first: bool) -> _Day | None:
    return _Day(int(match[1]), int(match[2]), int(match[3]))


def _read_named(match: re.Match[str], month_first: bool) -> _Day | None:
    for number in "123":
        if (name := match[f"n{number}"]) and (month := month_of(name)):
            return _Day(int(match[f"y{number}"]), month, int(match[f"d{number}"]))
    return None


def _read_numeric(match: re.Match[str], month_first: bool) -> _Day | None:
    first, second, year = int(match["a"]), int(match["b"]), int(match["y"])
    if len(match["y"]) == 2:
        year += 2000
    if second > 12 or (month_first and first <= 12 and match["s"] != "."):
        first, second = second, first
    return _Day(year, second, first)


_READERS = (
    (_ISO, _read_iso),
    (_YEAR_FIRST_CJK, _read_cjk),
    (_NAMED, _read_named),
    (_NUMERIC, _read_numeric),
)


def _with_time(day: _Day, rest: str) -> Moment:
    """Raises ValueError where there is no such day."""
    midnight = datetime(*day, tzinfo=UTC)
    compact = _COMPACT_TIME.match(rest)
    time = None if compact else _TIME.match(rest)
    try:
        if compact:
            moment = midnight.replace(
                hour=int(compact[1]), minute=int(compact[2]), second=int(compact[3] or 0)
            )
            zone = _offset(compact[4]) if compact[4] else None
        elif time and (time["m"] or time["half"]):
            moment = midnight.replace(
                hour=_hour(int(time["h"]), time["half"]),
                minute=int(time["m"] or 0),
                second=int(time["s"] or 0),
                microsecond=int((time["f"] or "0")[:6].ljust(6, "0")),
            )
            zone = _zone(time)
        else:
            return Moment(midnight)
    except ValueError:
        return Moment(midnight)
    has_seconds = bool(compact[3] if compact else time and time["s"])
    if zone is None:
        return Moment(moment, has_time=True, has_seconds=has_seconds)
    return Moment(moment.replace(tzinfo=zone), True, True, has_seconds)


def _hour(hour: int, half: str | None) -> int:
    if not half or hour > 12:
        return hour
    return hour % 12 + (12 if half[0] in "pP" else 0)


def _zone(time: re.Match[str]) -> timezone | None:
    if time["sign"]:
        return _offset(f"{time['sign']}{time['oh']}:{time['om'] or '00'}")
    hours = _ZONES.get((time["zone"] or "").lower())
    return None if hours is None else timezone(timedelta(hours=hours))


def _offset(text: str) -> timezone | None:
    """Raises ValueError for an offset of a day or more."""
    if text == "Z":
        return UTC
    offset = timedelta(hours=int(text[1:3]), minutes=int(text[-2:]))
    return timezone(-offset if text[0] == "-" else offset)


def _bounded(moment: Moment) -> Moment | None:
    return moment if EARLIEST_YEAR <= moment.value.year <= LATEST_YEAR else None
