"""`permalien crawl`: fetch what is due and archive it."""

from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crawler.settings import CONTACT, CONTACT_VARIABLE
from scripts.exit_codes import FAILED, OK
from scripts.output import json_option, moment, print_json
from scripts.run_report import as_document, failure, report
from scripts.seconds import Seconds
from scripts.watching import start_log, watched
from storage import schema
from storage.database.archive import Archive
from storage.database.clock import utc_now
from storage.database.errors import NotFound, Refused
from storage.frontier.addresses import InvalidURL, address_key, normalize
from storage.frontier.due import Found, enqueue, make_due, recheck
from storage.frontier.enrolment import enrol
from storage.frontier.sources import find_source, owners
from storage.models import Address, AddressKind, RunEnd, Source

if TYPE_CHECKING:
    from crawler.running import Summary


@click.command()
@click.argument("targets", metavar="[SOURCE|URL]...", nargs=-1)
@click.option("--recheck", "again", is_flag=True, help="Check every known article now, due or not.")
@click.option("--allow-private", is_flag=True, help="As in `add`, for a URL that is new.")
@click.option("--delay", type=Seconds(0, 3600), metavar="S", help="As in `add`, for a URL.")
@watched
@click.option("--for", "seconds", type=Seconds(0, 86_400), hidden=True)
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
    as_json: bool,
) -> None:
    """Crawl what is due: of every source, or of those named.

    SOURCE is a name that `permalien sources` shows. URL is a site's front page, added if it is new,
    or an article's address. A crawl can be stopped with Ctrl-C or killed: the next one goes on
    from there. Exit code 1 when nothing at all could be fetched, 130 when interrupted.
    """
    from crawler.running import run_crawl
    from crawler.scheduler import Scope

    start_log(log_file, log_json)
    schema.ensure(archive)
    if metrics_port is not None:
        from scripts.metrics import serve_metrics

        serve_metrics(archive, metrics_port, metrics_address)
    with archive.writing() as session:
        only = sorted({_target(session, it, allow_private, delay) for it in targets}) or None
        ids = only or list(session.scalars(select(Source.id)))
        if not ids:
            raise NotFound("there is no source yet: run `permalien add URL`")
        disabled = select(Source.name).where(Source.id.in_(only or ()), ~Source.enabled)
        if (name := session.scalar(disabled.limit(1))) is not None:
            raise Refused(f"{name} is not crawled: `permalien sources enable {name}` first")
        if not CONTACT and _any_public(session, ids):
            click.echo(
                f"permalien: set {CONTACT_VARIABLE} to an address at which sites can reach you; "
                "it goes into the User-Agent",
                err=True,
            )
        if again:
            recheck(session, ids, now=utc_now())
    request = {"command": "crawl", "targets": targets[:100], "recheck": again}
    scope = Scope(frozenset(only) if only else None, seconds=seconds)

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

    if code := tell(run_crawl(archive, scope=scope, request=request, tell=tell)):
        raise SystemExit(code)


def _target(session: Session, name: str, allow_private: bool, delay: float | None) -> int:
    """The id of the source that `name` names, or whose URL it is; a new site is enrolled.

    Raises NotFound for a name without a slash, which may be a slip of the hand.
    """
    if "/" not in name:
        return find_source(session, name).id
    try:
        return _url(session, name).id
    except NotFound:
        url = _normal(name)
    return enrol(session, url, now=utc_now(), allow_private=allow_private, delay=delay).id


def _url(session: Session, name: str) -> Source:
    """The known source that owns the URL, which is made due. Raises NotFound."""
    url = _normal(name)
    netloc = urlsplit(url).netloc
    source = owners(session, {netloc}).get(netloc)
    if source is None:
        raise NotFound(name)
    now = utc_now()
    enqueue(session, [Found(url, AddressKind.PAGE)], now=now)
    known = session.scalars(select(Address.id).where(Address.key == address_key(url))).all()
    make_due(session, known, now=now)
    source.next_due_at = min(source.next_due_at or now, now)
    return source


def _any_public(session: Session, ids: list[int]) -> bool:
    public = select(Source.id).where(Source.id.in_(ids), Source.allow_private.is_(False))
    return session.scalar(public.limit(1)) is not None


def _normal(name: str) -> str:
    try:
        return normalize(name if "//" in name else f"https://{name}")
    except InvalidURL as error:
        raise click.BadParameter(str(error), param_hint="SOURCE|URL") from error


def _next_command(archive: Archive, ids: list[int], new_articles: int) -> str:
    with archive.reading() as session:
        due = session.scalar(select(func.min(Source.next_due_at)).where(Source.id.in_(ids[:1_000])))
    if new_articles:
        return "permalien search WORDS, or permalien sources"
    return f"permalien crawl, when something is due again ({moment(due)}), or with --recheck"
