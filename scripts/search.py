"""`permalien search`: find articles by their words."""

import re
from collections.abc import Iterator
from dataclasses import asdict, fields
from datetime import UTC, datetime, timedelta
from typing import Any

import click

from scripts.bad_queries import pointing
from scripts.indexing import Shown, told
from scripts.output import csv_option, echo, json_option, moment, print_csv, print_json, print_table
from storage import schema
from storage.database.archive import Archive
from storage.frontier.sources import find_source
from storage.search.counts import Interval
from storage.search.options import Options, Sort, Versions
from storage.search.search import MOST, Hit, Page, Search

_NEGATED = re.compile(r"-(?!h$)[^\W\d].*|-[\"(].*", re.DOTALL)
_COLUMNS = [field.name for field in fields(Hit)]


class _Command(click.Command):
    """Takes `-word` for a word that is not to be there, and not for an option."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        words = [f"NOT {word[1:]}" if _NEGATED.fullmatch(word) else word for word in args]
        return super().parse_args(ctx, words)


class _Time(click.ParamType[datetime]):
    """A day, of which the end is meant, or a time with its zone."""

    name = "DAY"

    def convert(self, value: Any, param: Any, ctx: Any) -> datetime:
        try:
            if isinstance(value, str) and re.fullmatch(r"\d{4}-\d\d-\d\d", value):
                day = datetime.fromisoformat(value).replace(tzinfo=UTC)
                return day + timedelta(days=1) - timedelta(microseconds=1)
            time = datetime.fromisoformat(value)
        except (ValueError, OverflowError):
            self.fail(f"{value!r} is no day, as 2026-03-01, and no time with its zone")
        if time.tzinfo is None:
            self.fail(f"{value!r} has no zone: put Z behind it for UTC")
        return time


_day = click.DateTime(["%Y-%m-%d"])


@click.command(cls=_Command)
@click.argument("words", metavar="QUERY", nargs=-1, required=True)
@click.option("--source", "sources", metavar="NAME", multiple=True, help="Only of this source.")
@click.option(
    "--since",
    type=_day,
    help="Published on this day or later (UTC); first seen, where no date is known.",
)
@click.option("--until", type=_day, help="Published before this day (UTC), likewise.")
@click.option("--as-of", type=_Time(), help="What readers could see at the end of that day.")
@click.option("--known-by", type=_Time(), help="What the archive had recorded by then.")
@click.option(
    "--versions",
    type=click.Choice([it.value for it in Versions]),
    default=Versions.CURRENT.value,
    show_default=True,
    help="Search the current version of each article, or every version.",
)
@click.option(
    "--sort",
    type=click.Choice([it.value for it in Sort]),
    default=Sort.RELEVANCE.value,
    show_default=True,
)
@click.option("--limit", type=click.IntRange(1, MOST), default=20, show_default=True)
@click.option("--cursor", metavar="CURSOR", help="What comes after the hit that has this cursor.")
@click.option(
    "--counts",
    type=click.Choice([it.value for it in Interval]),
    help="How many match in each day, week, month or year.",
)
@click.option("--by", type=click.Choice(["source"]), help="With --counts: of each source apart.")
@json_option
@csv_option
@click.pass_obj
def search(
    archive: Archive,
    *,
    words: tuple[str, ...],
    sources: tuple[str, ...],
    since: datetime | None,
    until: datetime | None,
    as_of: datetime | None,
    known_by: datetime | None,
    versions: str,
    sort: str,
    limit: int,
    cursor: str | None,
    counts: str | None,
    by: str | None,
    as_json: bool,
    as_csv: bool,
) -> None:
    """Find articles by what their title and text say, best first.

    QUERY is words, all of which must be there; AND, OR, NOT, -word and brackets; fer* for words
    that begin so; "a phrase", which needs a second pair of quotes for the shell; and fields:
    title: body: author: section: source: lang: state: change: published: seen:. Case and accents
    don't matter, nor the form of a word in Dutch, English, French, German, Italian, Portuguese
    and Spanish. docs/search.md tells all of it. Exit code 1 when nothing is found.

    \b
    permalien search prime minister --since 2026-11-01
    permalien search '"prime minister" -election' --source example.org --json
    permalien search 'title:(ferry OR bridge) lang:en' --sort newest
    permalien search ferry --as-of 2026-11-01
    permalien search 'change:headline change:silent' --versions all --csv
    permalien search strike --counts month --by source
    """
    if as_json and as_csv:
        raise click.UsageError("say --json or --csv, not both")
    if by and not counts:
        raise click.UsageError("--by goes with --counts")
    schema.require_current(archive)
    with archive.reading() as session:
        names = tuple(find_source(session, name).name for name in sources)
    options = Options(
        sources=names,
        since=since and since.replace(tzinfo=UTC),
        until=until and until.replace(tzinfo=UTC),
        as_of=as_of,
        known_by=known_by,
        versions=Versions(versions),
        sort=Sort(sort),
    )
    query = " ".join(words)
    with Shown() as shown, Search(archive, progress=shown.progress) as opened, pointing():
        if counts:
            counted = opened.counts(query, options, by=Interval(counts), by_source=by is not None)
            shown.close()
            told(counted.behind, counted.notes)
            rows = [asdict(it) for it in counted.counts]
            _print_rows(
                rows,
                ["start", "source", "count"] if by else ["start", "count"],
                as_json=as_json,
                as_csv=as_csv,
            )
            any_found = bool(rows)
        else:
            page = opened.find(query, options, limit=limit, cursor=cursor)
            shown.close()
            told(page.behind, page.notes)
            _print_page(page, as_json=as_json, as_csv=as_csv)
            any_found = bool(page.hits)
    if not any_found:
        click.echo("permalien: nothing found", err=True)
        raise SystemExit(1)


def _print_page(page: Page, *, as_json: bool, as_csv: bool) -> None:
    if as_json:
        print_json([asdict(hit) for hit in page.hits])
    elif as_csv:
        print_csv(_COLUMNS, ([getattr(hit, name) for name in _COLUMNS] for hit in page.hits))
    else:
        for hit in page.hits:
            echo(hit.title, bold=True)
            echo(f"  {hit.url}")
            about = f"{hit.source} · {moment(hit.published_at)} · article {hit.article_id}"
            echo(f"  {about} · version {hit.version} ({hit.identifier})", dim=True)
            echo(f"  {hit.snippet}\n")
        if page.hits:
            more = f"; for more, --cursor {page.cursor}" if page.cursor else ""
            echo(f"{len(page.hits):,} of {page.total:,} found{more}", dim=True)


def _print_rows(
    rows: list[dict[str, Any]], columns: list[str], *, as_json: bool, as_csv: bool
) -> None:
    if as_json:
        print_json([{name: _plain(row[name]) for name in columns} for row in rows])
        return
    cells: Iterator[list[object]] = ([_plain(row[name]) for name in columns] for row in rows)
    if as_csv:
        print_csv(columns, cells)
    elif rows:
        print_table(columns, cells)


def _plain(value: object) -> object:
    return value if value is None or isinstance(value, (str, int)) else str(value)
