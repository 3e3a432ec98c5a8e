"""`permalien sources pause` and `resume`, `disable` and `enable`."""

from datetime import UTC, datetime

import click

from scripts.output import json_option, moment
from scripts.sources.documents import documents, tell
from storage import schema
from storage.database.archive import Archive
from storage.database.clock import utc_now
from storage.frontier.operating import found_sources
from storage.frontier.operating import pause as pause_source
from storage.frontier.operating import resume as resume_source

_names = click.argument("names", metavar="SOURCE...", nargs=-1, required=True)


@click.command()
@_names
@click.option(
    "--until",
    type=click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M"]),
    metavar="DAY",
    help="Crawl it again from this day on (UTC): 2026-12-01, or 2026-12-01T06:00.",
)
@json_option
@click.pass_obj
def pause(archive: Archive, names: tuple[str, ...], until: datetime | None, as_json: bool) -> None:
    """Crawl SOURCE no more, or not before a day; what the archive holds of it stays.

    A crawl that is under way finishes with it.

    \b
    permalien sources pause example.org --until 2026-12-01
    """
    _pause(archive, names, until and until.replace(tzinfo=UTC), as_json=as_json)


@click.command()
@_names
@json_option
@click.pass_obj
def disable(archive: Archive, names: tuple[str, ...], as_json: bool) -> None:
    """As `pause`: crawl SOURCE no more; what the archive holds of it stays.

    \b
    permalien sources disable example.org
    """
    _pause(archive, names, None, as_json=as_json)


@click.command()
@_names
@json_option
@click.pass_obj
def resume(archive: Archive, names: tuple[str, ...], as_json: bool) -> None:
    """Crawl SOURCE again. One that was removed, and its record kept, is a source again.

    \b
    permalien sources resume example.org
    """
    _resume(archive, names, as_json=as_json)


@click.command()
@_names
@json_option
@click.pass_obj
def enable(archive: Archive, names: tuple[str, ...], as_json: bool) -> None:
    """As `resume`: crawl SOURCE again.

    \b
    permalien sources enable example.org
    """
    _resume(archive, names, as_json=as_json)


def _pause(
    archive: Archive, names: tuple[str, ...], until: datetime | None, *, as_json: bool
) -> None:
    if until is not None and until <= utc_now():
        raise click.BadParameter(f"{moment(until)} is past", param_hint="--until")
    schema.require_current(archive)
    with archive.writing() as session:
        found = found_sources(session, names)
        for source in found:
            pause_source(source, until)
        told = documents(session, found)
    when = f"before {moment(until)}" if until else "any more"
    tell([f"{source.name} is not crawled {when}" for source in found], told, as_json=as_json)


def _resume(archive: Archive, names: tuple[str, ...], *, as_json: bool) -> None:
    schema.require_current(archive)
    now = utc_now()
    with archive.writing() as session:
        found = found_sources(session, names)
        for source in found:
            resume_source(source, now)
        told = documents(session, found)
    lines = []
    for source in found:
        asked = source.paused_until is not None and source.paused_until > now
        until = f", from {moment(source.paused_until)} on as the site asks" if asked else ""
        lines.append(f"{source.name} is crawled again{until}")
    tell(lines, told, as_json=as_json)
