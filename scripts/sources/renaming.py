"""`permalien sources rename`: a site that has moved to another host."""

import click

from scripts.output import json_option
from scripts.sources.documents import documents, tell
from storage import schema
from storage.database.archive import Archive
from storage.database.clock import system_now, utc_now
from storage.frontier.addresses import InvalidURL
from storage.frontier.operating import rename as rename_source
from storage.frontier.sources import find_source
from storage.ledger.runs import bury_dead_runs


@click.command()
@click.argument("name", metavar="SOURCE")
@click.argument("new", metavar="URL")
@json_option
@click.pass_obj
def rename(archive: Archive, name: str, new: str, as_json: bool) -> None:
    """Tell that SOURCE has moved to another host, to the front page at URL.

    A source is named by its host. Its record stays with it: articles at the old host are asked
    for as before, and are known at the new one by the redirects that lead there. Feeds, sitemaps
    and sections of the old host are not read any more; `permalien add URL` finds the new ones.

    \b
    permalien sources rename example.org https://news.example.com/
    """
    schema.require_current(archive)
    try:
        with archive.writing() as session:
            bury_dead_runs(session, system_now(), ended_at=utc_now())
            source = find_source(session, name)
            before = source.name
            rename_source(session, source, new if "//" in new else f"https://{new}", utc_now())
            told = documents(session, [source])
    except InvalidURL as error:
        raise click.BadParameter(str(error), param_hint="URL") from error
    lines = [f"{before} is {source.name} now", f"\nNext: permalien add {source.url}"]
    tell(lines, told, as_json=as_json)
