"""`permalien edits`: edits, removals and returns, as events."""

from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import fields
from datetime import UTC, datetime

import click
from sqlalchemy.orm import Session

from scripts.output import (
    csv_option,
    echo,
    json_option,
    moment,
    paged,
    print_csv,
    print_json_list,
)
from scripts.worddiff import shown
from storage import schema
from storage.database.archive import Archive
from storage.history.diffs import diff
from storage.history.edits import EditKind
from storage.query.documents import event_document
from storage.query.edits import EditEvent, EventKind, Wanted, edit_events, sentences_of
from storage.query.event_pages import last_events

_COLUMNS = [field.name for field in fields(EditEvent)]


@click.command()
@click.argument("article", metavar="[URL|ID]", required=False)
@click.option("--source", metavar="NAME", help="Only of this source.")
@click.option(
    "--since", type=click.DateTime(["%Y-%m-%d"]), help="First seen on this day or later (UTC)."
)
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="First seen before this day.")
@click.option(
    "--kind",
    "kinds",
    multiple=True,
    type=click.Choice([kind.value for kind in EditKind]),
    metavar="KIND",
    help="Only edits of this kind, as headline; more than one: of all of these.",
)
@click.option("--silent", is_flag=True, help="Only edits that the publisher did not declare.")
@click.option("--declared", is_flag=True, help="Only edits that the publisher declared.")
@click.option(
    "--event",
    "events",
    multiple=True,
    type=click.Choice([event.value for event in EventKind]),
    help="Only these: edits, removals, returns.",
)
@click.option("--words", is_flag=True, help="Show what was changed, sentence by sentence.")
@click.option("--limit", type=click.IntRange(1), metavar="N", help="Only the latest N.")
@json_option
@csv_option
@click.pass_obj
def edits(
    archive: Archive,
    *,
    article: str | None,
    source: str | None,
    since: datetime | None,
    until: datetime | None,
    kinds: tuple[str, ...],
    silent: bool,
    declared: bool,
    events: tuple[str, ...],
    words: bool,
    limit: int | None,
    as_json: bool,
    as_csv: bool,
) -> None:
    """List edits, removals and returns, of all articles or of one.

    Each lies between two checks: the last that saw the article without it and the first that saw
    it with it. An edit is declared where the page tells of it, by a new time of modification or a
    note of correction; silent where it does not. What changed alike on a site's pages is no edit:
    permalien boilerplate SOURCE --changes. Exit code 1 when there is none.

    \b
    permalien edits --source example.org --kind headline --silent --since 2026-03-01
    permalien edits https://example.org/bridge --words
    permalien edits --event removal --csv
    """
    if silent and declared:
        raise click.UsageError("an edit is silent or declared, not both")
    if as_json and as_csv:
        raise click.UsageError("say --json or --csv, not both")
    schema.require_current(archive)
    wanted = Wanted(
        source=source,
        article=article,
        since=since and since.replace(tzinfo=UTC),
        until=until and until.replace(tzinfo=UTC),
        events=[EventKind(event) for event in events],
        kinds=[EditKind(kind) for kind in kinds],
        declared=declared if silent or declared else None,
    )
    with archive.reading() as session, closing(_asked(session, wanted, limit)) as stream:
        found = _Counted(stream)
        if as_json:
            print_json_list(event_document(session, event, words=words) for event in found)
        elif as_csv:
            print_csv(_COLUMNS, map(_row, found))
        else:
            with paged():
                for event in found:
                    _print(session, event, words=words)
    if not found.count:
        click.echo("permalien: no edit, removal or return", err=True)
        raise SystemExit(1)


def _asked(session: Session, wanted: Wanted, limit: int | None) -> Generator[EditEvent, None, None]:
    return edit_events(session, wanted) if limit is None else last_events(session, wanted, limit)


class _Counted:
    """Events, counted as they are taken."""

    def __init__(self, events: Iterator[EditEvent]) -> None:
        self._events = events
        self.count = 0

    def __iter__(self) -> Iterator[EditEvent]:
        for event in self._events:
            self.count += 1
            yield event


def _row(event: EditEvent) -> list[object]:
    values = [getattr(event, name) for name in _COLUMNS]
    return [" ".join(value) if isinstance(value, tuple) else value for value in values]


def _print(session: Session, event: EditEvent, *, words: bool) -> None:
    if event.not_before is None:
        when = f"beside the one before, {moment(event.not_after)}"
    else:
        when = f"{moment(event.not_before)} to {moment(event.not_after)}"
    told = [event.event.value]
    if event.event is EventKind.EDIT:
        told += [", ".join(event.kinds), "declared" if event.declared else "silent"]
        told += ["alternating"] if event.alternating else []
    title = diff(event.title_before or "", event.title_after or event.title_before or "")
    if event.event is EventKind.RETURN:
        title = diff(event.title_after or "", event.title_after or "")
    click.echo(shown(title))
    versions = " to ".join(str(it) for it in (event.from_version, event.to_version) if it)
    echo(f"  {event.url}  version {versions}  {event.to_version_id or event.from_version_id}")
    echo(f"  {when}: {' · '.join(told)}", dim=True)
    if words:
        for change in sentences_of(session, event):
            echo(f"    {change.part}", dim=True)
            click.echo(f"      {shown(diff(change.before, change.after))}")
    echo("")
