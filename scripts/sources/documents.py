"""A source as commands print it."""

from collections.abc import Collection

from sqlalchemy.orm import Session

from scripts.output import echo, moment, print_json
from storage.models import Source
from storage.query.articles import SourceRecord, source_records


def documents(session: Session, sources: Collection[Source]) -> list[SourceRecord]:
    """These sources as --json prints them, by name."""
    session.flush()
    return source_records(session, [it.id for it in sources])


def state_of(record: SourceRecord) -> str:
    """In a word, why the source is not crawled; empty where it is."""
    if record.removed_at is not None:
        return f"removed {moment(record.removed_at)}"
    if record.enabled:
        return ""
    return f"paused until {moment(record.resume_at)}" if record.resume_at else "paused"


def tell(lines: Collection[str], told: list[SourceRecord], *, as_json: bool) -> None:
    """What was done: a line each, or with --json the sources as they are now."""
    if as_json:
        print_json(told)
        return
    for line in lines:
        echo(line)
