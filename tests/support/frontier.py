"""Putting addresses into a frontier, and asking what is due."""

from datetime import timedelta

from storage.database.archive import Archive
from storage.frontier.due import Due, due_addresses
from storage.frontier.enqueueing import Found, enqueue
from storage.frontier.revisits import EditStats
from storage.models import AddressKind, Source
from tests.support.archiving import START, Desk

SITE = "https://example.org/"
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def page(path: str, **values: object) -> Found:
    return Found(f"{SITE}{path}", AddressKind.PAGE, **values)  # type: ignore[arg-type]


def put(archive: Archive, *found: Found, now: object = START) -> int:
    with archive.writing() as session:
        return enqueue(session, found, now=now).total()  # type: ignore[arg-type]


def due(desk: Desk, **values: object) -> list[Due]:
    arguments = {"now": desk.now, "limit": 100, "without": (), "kinds": None, **values}
    arguments.setdefault("site", EditStats(0, 0))
    with desk.archive.reading() as session:
        return due_addresses(session, desk.source.id, **arguments)  # type: ignore[arg-type]


def paths(found: list[Due]) -> list[str]:
    return [item.url.removeprefix(SITE) for item in found]


def next_due(desk: Desk) -> object:
    with desk.archive.reading() as session:
        return session.get_one(Source, desk.source.id).next_due_at
