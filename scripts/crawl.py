"""`permalien crawl`: fetch what is due and archive it."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from scripts.exit_codes import FAILED, OK
from scripts.output import json_option, moment, print_json
from scripts.run_report import as_document, failure, report
from scripts.seconds import Seconds
from scripts.targets import Looked, Missing, Settings, Target, known_target, look_for
from scripts.watching import start_log, watched
from storage import schema
from storage.database.archive import Archive
from storage.database.clock import utc_now
from storage.database.errors import NotFound, Refused
from storage.frontier.due import recheck
from storage.frontier.sources import next_crawl_at
from storage.models import AddressKind, RunEnd, Source

if TYPE_CHECKING:
    from crawler.running import Summary
    from crawler.sessions.scope import Scope

LOOKS = 60
"""Requests to a site that is new; what is left is the next crawl's."""
DISCOVERY = frozenset(AddressKind) - {AddressKind.PAGE, AddressKind.SECTION}


@click.command()
@click.argument("targets", metavar="[SOURCE|URL]...", nargs=-1)
@click.option(
    "--recheck",
    "again",
    is_flag=True,
    help="Check every known article now, due or not, and every page that a wall was before.",
)
@click.option("--allow-private", is_flag=True, help="As in `add`, for a URL that is new.")
@click.option("--delay", type=Seconds(0, 3600), metavar="S", help="As in `add`, for a URL.")
@watched
@click.option("--for", "seconds", type=Seconds(0, 86_400), hidden=True)
@click.option("--anyway", is_flag=True, help="As in `add`, for a URL that is new.")
@json_option
@click.pass_obj
def crawl(
    archive: Archive,
    targets: tuple[str, ...],
    again: bool,
    allow_private: bool,
    delay: float | None,
    log_file: Path | None,
    log_json: bool,
    metrics_port: int | None,
    metrics_address: str,
    seconds: float | None,
    anyway: bool,
    as_json: bool,
) -> None:
    """Crawl what is due: of every source, or of those named.

    SOURCE is a name that `permalien sources` shows. URL may be anything of a site: an article, of
    which the page itself is archived and no other; or a front page, a section, a feed or a sitemap,
    of which the site is crawled. A site that is new is added. A crawl can be stopped with Ctrl-C or
    killed: the next one goes on from there. Exit code 1 when nothing at all could be fetched, 130
    when interrupted.

    \b
    permalien crawl
    permalien crawl example.org --recheck
    permalien crawl https://example.org/2026/11/24/the-bridge-stays-open
    """
    from crawler.running import run_crawl

    start_log(log_file, log_json)
    schema.ensure(archive)
    with archive.writing() as session:
        known = {name: known_target(session, name) for name in targets}
    unknown = [name for name, target in known.items() if target is None]
    found = [target for target in known.values() if target is not None]
    settings = Settings(allow_private, delay)
    looked = look_for(archive, unknown, settings, anyway=anyway) if unknown else Looked([], [])
    for it in looked.found:
        if isinstance(it, Missing):
            raise click.ClickException(f"{it.url}: {it.why}; `--anyway` adds its site all the same")
        found.append(it)
    with archive.writing() as session:
        ids = sorted({it.source_id for it in found}) or list(session.scalars(select(Source.id)))
        _check(session, ids, named=bool(found))
        if again and not _are_articles(found):
            recheck(session, ids, now=utc_now())
    if metrics_port is not None:
        from scripts.metrics import serve_metrics

        serve_metrics(archive, metrics_port, metrics_address)
    request = {"command": "crawl", "targets": targets[:100], "recheck": again}
    scope = replace(_scope(found), seconds=seconds)

    def tell(summary: "Summary") -> int:
        """The exit code."""
        if as_json:
            print_json(as_document(summary))
        else:
            report(summary, _next_command(archive, ids, summary.tally.articles))
        if summary.how is not RunEnd.FINISHED:
            return failure(summary)
        tally = summary.tally
        if tally.requests and tally.failures.total() == tally.requests:
            click.echo("permalien: nothing could be fetched", err=True)
            return FAILED
        return OK

    if code := tell(
        run_crawl(archive, scope=scope, request=request, tell=tell, robots=looked.robots)
    ):
        raise SystemExit(code)


def _check(session: Session, ids: list[int], *, named: bool) -> None:
    """Raises NotFound where there is no source, Refused for one that is named and paused."""
    from crawler.settings import CONTACT, CONTACT_VARIABLE

    if not ids:
        raise NotFound("there is no source yet: run `permalien add URL`")
    paused = select(Source.name).where(Source.id.in_(ids if named else ()), ~Source.enabled)
    if (name := session.scalar(paused.limit(1))) is not None:
        raise Refused(f"{name} is not crawled: `permalien sources resume {name}` first")
    alone = select(Source.name, Source.paused_until).where(
        Source.id.in_(ids if named else ()), Source.paused_until > utc_now()
    )
    for source, until in session.execute(alone.order_by(Source.name)):
        click.echo(
            f"permalien: {source} is left alone until {moment(until)}, as it asked or since it did "
            "not answer",
            err=True,
        )
    if not CONTACT and _any_public(session, ids):
        click.echo(
            f"permalien: set {CONTACT_VARIABLE} to an address at which sites can reach you; "
            "it goes into the User-Agent",
            err=True,
        )


def _are_articles(found: list[Target]) -> bool:
    return bool(found) and all(it.kind is AddressKind.PAGE for it in found)


def _scope(found: list[Target]) -> "Scope":
    """Of articles these alone, and where a new site lists its others; else all of the sources, the
    addresses that were named first."""
    from crawler.sessions.scope import Scope

    if not found:
        return Scope()
    only = frozenset(it.source_id for it in found)
    first = frozenset[int]().union(*(it.first for it in found))
    if not _are_articles(found):
        return Scope(only, first=first)
    is_new = any(it.is_new for it in found)
    kinds = DISCOVERY if is_new else frozenset()
    return Scope(only, kinds, first=first, most=LOOKS if is_new else None)


def _any_public(session: Session, ids: list[int]) -> bool:
    public = select(Source.id).where(Source.id.in_(ids), Source.allow_private.is_(False))
    return session.scalar(public.limit(1)) is not None


def _next_command(archive: Archive, ids: list[int], new_articles: int) -> str:
    with archive.reading() as session:
        due = next_crawl_at(session, Source.id.in_(ids[:1_000]))
    if new_articles:
        return "permalien search WORDS, or permalien sources"
    return f"permalien crawl, when something is due again ({moment(due)}), or with --recheck"
