"""`permalien timestamp`: days of the log, closed and stamped by an authority."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from scripts.exit_codes import FAILED
from scripts.output import echo, json_option, moment, print_json
from scripts.sealing import seal_with_bar
from storage import schema
from storage.database.archive import Archive
from storage.database.dialects import database_now
from storage.models import DayRoot
from storage.proof.authority import NoStamp, stamp, trusted_certificates
from storage.proof.timestamps import StampedDay, closed_days, is_stamped, keep, last_day, unvouched

if TYPE_CHECKING:
    from cryptography.x509 import Certificate

_DAYS = 10  # that are listed unless another number is asked for


@click.command()
@click.option(
    "--authority",
    "authorities",
    multiple=True,
    metavar="URL",
    help="Ask this RFC 3161 authority; repeatable. Without it, only close days and list them.",
)
@click.option(
    "--roots",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Certificates (PEM) that vouch for the authority; without it, those of this machine.",
)
@click.option(
    "--days",
    type=click.IntRange(min=1, max=10_000),
    default=_DAYS,
    show_default=True,
    help="How many days to list.",
)
@click.option(
    "--check", is_flag=True, help="Look whether as many stamps are signed by the trusted."
)
@json_option
@click.pass_obj
def timestamp(
    archive: Archive,
    authorities: tuple[str, ...],
    roots: Path | None,
    days: int,
    check: bool,
    as_json: bool,
) -> None:
    """Close the days of the log that are over, and have the last one stamped by an authority.

    What the archive recorded on a day (UTC) is a tree of hashes, and each day's root is chained to
    the day before: one stamp vouches for all before it. To be run once a day. An authority learns
    a digest and nothing else. What it answers is kept only if it is signed by whom this machine or
    --roots trusts, is of this digest, and says about the time that it is here. Exit code 1: one
    that was asked gave no such stamp, or with --check, one that is kept is none.

    \b
    permalien timestamp
    permalien timestamp --authority http://timestamp.example/tsr --roots authority.pem
    permalien timestamp --check --roots authority.pem
    """
    schema.require_current(archive)
    trusted = trusted_certificates(roots) if authorities or check else []
    seal_with_bar(archive)
    with archive.reading() as session:
        last = last_day(session)
    failures = []
    for authority in authorities:
        try:
            if last is not None:
                _ask(archive, last, authority, trusted)
        except NoStamp as error:
            failures.append(str(error))
    with archive.reading() as session:
        found = closed_days(session, limit=days)
        failures += unvouched(session, trusted, limit=days) if check else ()
    if as_json:
        print_json({"days": list(map(_document, found)), "failures": failures})
    else:
        _print(found)
    for failure in failures:
        click.echo(f"permalien: {failure}", err=True)
    if failures:
        raise SystemExit(FAILED)


def _ask(archive: Archive, day: DayRoot, authority: str, trusted: "Sequence[Certificate]") -> None:
    """Have the day stamped by an authority that has not done so. Raises NoStamp."""
    with archive.reading() as session:
        if is_stamped(session, day.day, authority):
            return
        now = database_now(session)
    made = stamp(authority, day.chained, trusted, now=now)
    with archive.writing() as session:
        keep(session, day.day, authority, made)


def _document(day: StampedDay) -> dict[str, object]:
    return {
        "day": day.day.isoformat(),
        "leaves": day.leaves,
        "root": day.root.hex(),
        "chained": day.chained.hex(),
        "stamps": [{"authority": url, "stamped_at": at} for url, at in day.stamps],
    }


def _print(days: list[StampedDay]) -> None:
    if not days:
        echo("No day is closed yet: what was recorded today is closed tomorrow (UTC).")
    for day in days:
        echo(f"{day.day}  {day.leaves:>9,} leaves  {day.chained.hex()}", bold=True)
        for url, at in day.stamps:
            echo(f"            stamped at {moment(at)} by {url}")
