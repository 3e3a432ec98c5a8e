"""Lists of sites, as `sources import` reads them: OPML, CSV, or a URL a line."""

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from itertools import islice
from typing import TYPE_CHECKING, Final

from crawler.discovery.charset import to_utf8
from crawler.discovery.errors import NotOPML
from crawler.discovery.opml import MAX_BYTES, read_opml
from crawler.discovery.url_lists import read_url_list
from storage.frontier.addresses import InvalidURL, normalize

if TYPE_CHECKING:
    import _csv

COLUMNS: Final = (
    "url", "name", "enabled", "resume_at", "delay", "cadence", "feeds", "sitemaps", "hosts",
    "terms", "notes",
)  # fmt: skip
"""Of a CSV list; `url` alone has to be there. Feeds, sitemaps and hosts are parted by spaces."""

MOST: Final = 50_000
"""Sites, and lines of CSV, that are read."""

_BARE: Final = re.compile(rb"^[ \t]*(?=[^\s/:.#]+(?:\.[^\s/:.#]+)+(?:[\s:/]|$))", re.MULTILINE)
"""Before a host that a line begins with, without a scheme."""

_XML: Final = re.compile(rb"\s*(?:\xef\xbb\xbf)?\s*<")


class ListFormat(StrEnum):
    OPML = "opml"
    CSV = "csv"
    LIST = "list"


@dataclass(slots=True)
class Site:
    """A site of a list. URLs are normalised."""

    url: str
    feeds: list[str] = field(default_factory=list)
    sitemaps: list[str] = field(default_factory=list)
    hosts: list[str] = field(default_factory=list)
    delay: float | None = None
    cadence: int | None = None
    terms: str | None = None
    notes: str | None = None
    enabled: bool = True
    resume_at: datetime | None = None


@dataclass(slots=True)
class SiteList:
    """What a list holds; `errors` are (line, what is wrong), line 0 for the list as a whole."""

    sites: list[Site]
    errors: list[tuple[int, str]]


def read_sites(body: bytes, form: ListFormat | None = None) -> SiteList:
    """The sites of a list, in order; `form` None to tell it by its content."""
    form = form or _form(body)
    if form is ListFormat.OPML:
        return _of_opml(body)
    if form is ListFormat.CSV:
        return _of_csv(body)
    listed = read_url_list(_BARE.sub(rb"https://", body[:MAX_BYTES]))
    return SiteList(
        [Site(candidate.url) for candidate in listed.candidates],
        [(error.line, error.message) for error in listed.errors],
    )


def _form(body: bytes) -> ListFormat:
    if _XML.match(body):
        return ListFormat.OPML
    first = to_utf8(body[:MAX_BYTES].lstrip().partition(b"\n")[0]).decode("utf-8", "replace")
    columns = {name.strip().lower() for name in re.split("[,;\t]", first)}
    return ListFormat.CSV if "url" in columns else ListFormat.LIST


def _of_opml(body: bytes) -> SiteList:
    try:
        subscriptions, refused = read_opml(body)
    except NotOPML as error:
        return SiteList([], [(0, str(error))])
    sites: dict[str, Site] = {}
    for it in subscriptions:
        url = it.site or normalize("/", base=it.feed)
        site = sites.setdefault(url, Site(url))
        if it.feed is not None:
            site.feeds.append(it.feed)
    errors = [(0, f"{refused:,} outlines have no usable address")] if refused else []
    return SiteList(list(sites.values())[:MOST], errors)


def _of_csv(body: bytes) -> SiteList:
    text = to_utf8(body[:MAX_BYTES]).decode("utf-8", "replace").lstrip()
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    sites: list[Site] = []
    errors: list[tuple[int, str]] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows = _rows(reader, errors)
    names = [name.strip().lower() for name in next(rows, [])]
    if "url" not in names:
        return SiteList([], [(1, "no CSV list of sites: its first line names no column `url`")])
    for row in islice(rows, MOST):
        values = dict(zip(names, (cell.strip() for cell in row), strict=False))
        if not any(values.values()):
            continue
        try:
            sites.append(_site(values))
        except (InvalidURL, ValueError) as error:
            errors.append((reader.line_num, str(error)))
    if next(rows, None) is not None:
        errors.append((reader.line_num, f"what comes after {MOST:,} lines is left out"))
    return SiteList(sites, errors)


def _rows(reader: "_csv.Reader", errors: list[tuple[int, str]]) -> Iterator[list[str]]:
    while True:
        try:
            yield next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            errors.append((reader.line_num, str(error)))


def _site(values: dict[str, str]) -> Site:
    url = values["url"]
    return Site(
        normalize(url if "//" in url else f"https://{url}"),
        feeds=[normalize(it) for it in values.get("feeds", "").split()],
        sitemaps=[normalize(it) for it in values.get("sitemaps", "").split()],
        hosts=values.get("hosts", "").split(),
        delay=_number(values, "delay", 0, 3600),
        cadence=_whole(values, "cadence", 60, 31_536_000),
        terms=values.get("terms") or None,
        notes=values.get("notes") or None,
        enabled=values.get("enabled", "").lower() not in ("false", "no", "0", "f"),
        resume_at=_moment(values.get("resume_at")),
    )


def _moment(text: str | None) -> datetime | None:
    if not text:
        return None
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def _number(values: dict[str, str], name: str, least: float, most: float) -> float | None:
    text = values.get(name)
    if not text:
        return None
    number = float(text)
    if not least <= number <= most:
        raise ValueError(f"{name} {text} is not between {least:g} and {most:g}")
    return number


def _whole(values: dict[str, str], name: str, least: int, most: int) -> int | None:
    number = _number(values, name, least, most)
    return None if number is None else round(number)
