"""`permalien search`: find articles by their words."""

from dataclasses import asdict
from datetime import UTC, datetime

import click

from scripts.output import echo, json_option, moment, print_json
from storage import schema
from storage.database.archive import Archive
from storage.frontier.sources import find_source
from storage.query.search import search as search_archive


@click.command()
@click.argument("words", nargs=-1, required=True)
@click.option("--source", metavar="NAME", help="Only articles of this source.")
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Published on this day or later (UTC); first seen, where no date is known.",
)
@click.option(
    "--until", type=click.DateTime(["%Y-%m-%d"]), help="Published before this day (UTC), likewise."
)
@click.option("--limit", type=click.IntRange(1, 1_000), default=20, show_default=True)
@json_option
@click.pass_obj
def search(
    archive: Archive,
    words: tuple[str, ...],
    source: str | None,
    since: datetime | None,
    until: datetime | None,
    limit: int,
    as_json: bool,
) -> None:
    """Find articles whose title or text has all the WORDS, best first.

    Case and accents don't matter. Quote a phrase twice: permalien search '"prime minister"'.
    Exit code 1 when nothing is found.

    \b
    permalien search prime minister --since 2026-11-01
    permalien search '"prime minister"' --source example.org --json
    """
    schema.require_current(archive)
    with archive.reading() as session:
        hits = search_archive(
            session,
            " ".join(words),
            source=find_source(session, source).name if source else None,
            since=since and since.replace(tzinfo=UTC),
            until=until and until.replace(tzinfo=UTC),
            limit=limit,
        )
    if as_json:
        print_json([asdict(hit) for hit in hits])
    else:
        for hit in hits:
            echo(hit.title, bold=True)
            echo(f"  {hit.url}")
            echo(
                f"  {hit.source} · {moment(hit.published_at)} · article {hit.article_id}", dim=True
            )
            echo(f"  {hit.snippet}\n")
    if not hits:
        click.echo("permalien: nothing found", err=True)
        raise SystemExit(1)
