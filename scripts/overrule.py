"""`permalien overrule`: an operator decides what was an edit, and what the site's."""

import getpass
import re
import sys
from collections.abc import Sequence
from typing import Any

import click
from rich.console import Console
from rich.status import Status
from sqlalchemy.orm import Session

from crawler.reading.overruling import Word, overrule_change, overrule_edits
from crawler.reading.pool import NotLearned
from scripts.output import echo, json_option, moment, print_json
from storage import schema
from storage.database.archive import Archive
from storage.database.clock import utc_now
from storage.database.errors import NotFound
from storage.database.identifiers import parse_identifier
from storage.frontier.sources import find_source
from storage.history.lookup import find_version
from storage.history.overrulings import alike_edits, overrulings, undo_overruling
from storage.models import Overruling, Says, Version

_CHANGE = re.compile(r"[ct]\d{1,18}")


@click.command()
@click.argument("source")
@click.argument("what", nargs=-1, metavar="[CHANGE|VERSION…]")
@click.option("--why", metavar="TEXT", help="The reason, which is put on record.")
@click.option("--by", "who", metavar="NAME", help="Who says so; without it, the user's name.")
@click.option("--block", "blocks", multiple=True, metavar="KEY", help="Only this of CHANGE.")
@click.option("--alike", is_flag=True, help="The edits too that changed the same sentences.")
@click.option("--undo", type=click.IntRange(min=1), metavar="N", help="Take overruling N back.")
@json_option
@click.pass_obj
def overrule(
    archive: Archive,
    source: str,
    what: tuple[str, ...],
    why: str | None,
    who: str | None,
    blocks: tuple[str, ...],
    alike: bool,
    undo: int | None,
    as_json: bool,
) -> None:
    """Say that a site-wide change was edits, or that edits were the site's.

    CHANGE is the number of one that `permalien boilerplate SOURCE --changes` lists: what it hid is
    recorded as edits, dated by the checks that first saw them, from stored pages alone. VERSION is
    the permanent identifier of a version that is no edit but the site's: it is retracted, so that
    lists leave it out and its identifier still resolves. Either holds for what is crawled from now
    on, is on record with who said it, when and why, and is taken back with --undo. Without CHANGE
    or VERSION: what was said of SOURCE.

    \b
    permalien overrule example.org
    permalien overrule example.org c12 --why "a correction on nine articles"
    permalien overrule example.org bw2hfqdjc7gz6rrw --alike --why "a notice of the site's"
    permalien overrule example.org --undo 1 --why "it was the site's after all"
    """
    if undo is not None and what:
        raise click.UsageError("--undo goes without CHANGE and VERSION")
    if (what or undo is not None) and not (why and why.strip()):
        raise click.UsageError("say --why: the reason is put on record")
    if not what and undo is None and (why or who or blocks or alike):
        raise click.UsageError("name a CHANGE, a VERSION, or what to --undo")
    schema.require_current(archive)
    with archive.reading() as session:
        found = find_source(session, source)
        source_id, name = found.id, found.name
    if what or undo is not None:
        word = Word(str(why).strip(), (who or _user()).strip())
        number = _carry_out(archive, source_id, what, undo, blocks, word, alike=alike)
    else:
        number = None
    with archive.reading() as session:
        said = [
            _document(session, it)
            for it in overrulings(session, source_id)
            if number is None or it.id == number
        ]
    if as_json:
        print_json({"source": name, "overrulings": said})
    elif not said:
        echo(f"Nothing that was told of {name} was overruled.")
    for it in [] if as_json else said:
        _print(it)


def _carry_out(
    archive: Archive,
    source_id: int,
    what: Sequence[str],
    undo: int | None,
    blocks: Sequence[str],
    word: Word,
    *,
    alike: bool,
) -> int:
    if undo is not None:
        with archive.writing() as session:
            made = undo_overruling(
                session, source_id, undo, why=word.why, who=word.who, now=utc_now()
            )
            return made.id
    changes = [it for it in what if _CHANGE.fullmatch(it)]
    if changes and (len(what) > 1 or alike):
        raise click.UsageError("name one CHANGE, or versions")
    if not changes:
        if blocks:
            raise click.UsageError("--block goes with a CHANGE")
        return overrule_edits(archive, source_id, _versions(archive, what, alike=alike), word)
    with Status("reading", console=Console(stderr=True, quiet=not sys.stderr.isatty())) as shown:
        try:
            return overrule_change(
                archive,
                source_id,
                what[0],
                blocks,
                word,
                lambda done, whole: shown.update(f"{done:,} of {whole:,} articles"),
            )
        except NotLearned as error:
            raise click.ClickException(
                f"the site's template could not be learned: {error}"
            ) from error


def _versions(archive: Archive, names: Sequence[str], *, alike: bool) -> list[int]:
    """The ids of the versions of these identifiers, and of those that are alike."""
    ids: list[int] = []
    with archive.reading() as session:
        for name in names:
            if parse_identifier(name) is None:
                raise NotFound(f"{name!r} is neither the number of a change nor a version")
            found = find_version(session, name).version_id
            ids += alike_edits(session, found) or [found] if alike else [found]
    return sorted(set(ids))


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"


def _document(session: Session, it: Overruling) -> dict[str, Any]:
    versions = [session.get_one(Version, version_id).identifier for version_id in it.version_ids]
    return {
        "number": it.id,
        "says": it.says.value,
        "why": it.reason,
        "by": it.said_by,
        "at": it.said_at,
        "version_ids": versions,
        "undone": None
        if it.undone_at is None
        else {"at": it.undone_at, "by": it.undone_by, "why": it.undone_reason},
    }


def _print(it: dict[str, Any]) -> None:
    told = {
        Says.EDITS.value: "no change of the site's, but edits",
        Says.SITE.value: "no edits, but the site's",
    }[it["says"]]
    echo(f"{it['number']}  {moment(it['at'])}  {told}", bold=True)
    echo(f"  {it['why']}  ({it['by']})")
    count = len(it["version_ids"])
    stands = (it["says"] == Says.EDITS.value) == (it["undone"] is None)
    state = "" if stands else ", retracted"
    echo(
        f"  {count:,} version{'' if count == 1 else 's'}{state}: {' '.join(it['version_ids'][:5])}"
        + (" …" if count > 5 else "")
    )
    if it["undone"] is not None:
        echo(
            f"  taken back on {moment(it['undone']['at'])}: {it['undone']['why']}"
            f"  ({it['undone']['by']})"
        )
