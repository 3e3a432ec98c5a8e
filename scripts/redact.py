"""`permalien redact`: words, or an article, taken out of the archive for good."""

import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from scripts.output import echo, json_option, print_json
from storage import schema
from storage.database.archive import Archive
from storage.database.clock import utc_now
from storage.database.identifiers import parse_identifier
from storage.database.settings import redactions_file
from storage.frontier.sources import find_source
from storage.history.lookup import find_article, find_version
from storage.models import Article, RedactionKind, RedactionScope, Source
from storage.redaction.carrying_out import Redacted, preview, redact, unfinished
from storage.redaction.carrying_over import carry_over, read_redactions, save_redactions
from storage.redaction.cleaning import clean
from storage.redaction.mentions import Mention
from storage.redaction.reach import out_of_reach
from storage.redaction.request import Request
from storage.withholding.phrases import Phrase, spellings

_WIDER = {"source": RedactionScope.SOURCE, "archive": RedactionScope.ARCHIVE}
_WORD = "redact"
_NAMES = {
    "version": "versions",
    "payload": "stored pages",
    "content": "texts",
    "fetch": "checks",
    "address": "addresses, which are asked for no more",
    "page_sample": "samples of the site's template",
    "template": "learned templates",
}


@click.command("redact")
@click.argument("name", metavar="[VERSION|ARTICLE|URL]", required=False)
@click.option("--words", multiple=True, metavar="TEXT", help="Words to take out; several times.")
@click.option("--whole", is_flag=True, help="All of the article, or of the one VERSION.")
@click.option(
    "--everywhere-in",
    "wider",
    type=click.Choice(list(_WIDER)),
    help="The words not of this article alone, but of its source, or of the archive.",
)
@click.option("--by", "who", metavar="WHO", help="Who asked for it: it is put on record.")
@click.option("--reason", metavar="TEXT", help="Why: it is put on record, and shown.")
@click.option("--dry-run", is_flag=True, help="Tell what would go, and change nothing.")
@click.option("--finish", is_flag=True, help="Clean the files after a redaction that was stopped.")
@click.option(
    "--save-rules",
    "save",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write all redactions to a file, without the words.",
)
@click.option(
    "--apply-rules",
    "apply",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Carry out those of such a file, in a backup that was restored.",
)
@click.option("--full", is_flag=True, help="Have PostgreSQL write its tables anew (VACUUM FULL).")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@click.pass_obj
def command(
    archive: Archive,
    name: str | None,
    words: tuple[str, ...],
    whole: bool,
    wider: str | None,
    who: str | None,
    reason: str | None,
    dry_run: bool,
    finish: bool,
    save: Path | None,
    apply: Path | None,
    full: bool,
    yes: bool,
    as_json: bool,
) -> None:
    """Take words, or all of an article, out of the archive for good, where the law asks for it.

    They go from texts, stored pages, addresses, headers, templates, notes, the search index and
    the database's files; a mark stands instead, and versions keep their place and identifier. Who
    asked, when and why stays on record. From now on the same is kept away from what is crawled
    and imported. What goes is told and asked for first, and what others say of it too, and what
    no command can reach, such as backups (docs/redaction.md).

    \b
    permalien redact 17 --words "Jane Doe" --by "a court" --reason "12 O 345/26" --dry-run
    permalien redact bw2hfqdjc7gz6rrw --whole --by "her lawyer" --reason "GDPR, article 17"
    permalien redact --finish

    \b
    Exit code 1: a file may have it still; --finish.
    """
    schema.require_current(archive)
    if save is not None:
        _save(archive, save)
        return
    if apply is not None:
        _apply(archive, apply, full=full, as_json=as_json)
        return
    _check(name, words, whole, wider, who, reason, finish)
    if finish:
        with archive.reading() as session:
            waiting = unfinished(session)
        end(archive, {"redactions": waiting}, full=full, as_json=as_json)
        return
    request = _request(archive, str(name), words, whole, wider, str(who), str(reason))
    with Shown(as_json) as told:
        would, others = preview(archive, request, utc_now(), told)
    document = _document(request, would, others, out_of_reach(archive))
    if not as_json or not (yes or dry_run):
        _tell(archive, request, would, others)
    if dry_run:
        if as_json:
            print_json({"dry_run": True, **document})
        return
    if not would.counts:
        raise click.ClickException("nothing of it is in the archive; nothing is redacted")
    if not yes:
        _ask(request)
    listed = redactions_file()
    if listed is not None:
        _save(archive, listed)  # what can't be written is to be seen before
    with Shown(as_json) as told, archive.writing() as session:
        done = redact(session, request, utc_now(), told)
    if listed is not None:
        _save(archive, listed)
    document |= {"redaction": done.redaction_id, "counts": done.counts, "versions": done.versions}
    end(archive, document, full=full, as_json=as_json)


def _save(archive: Archive, path: Path) -> None:
    try:
        with archive.reading() as session:
            save_redactions(session, path)
    except OSError as error:
        raise click.ClickException(f"{path}: {error.strerror}") from error


def _apply(archive: Archive, path: Path, *, full: bool, as_json: bool) -> None:
    """Carry out the redactions of a file, and clean."""
    document = read_redactions(path)
    left: list[str] = []
    with archive.writing() as session:
        done = carry_over(session, document, left.append)
        waiting = unfinished(session)
    for line in left:
        click.echo(f"permalien: not carried out: {line}", err=True)
    if not as_json:
        echo(f"{done:,} redactions were carried out")
    end(archive, {"redactions": waiting}, full=full, as_json=as_json)


def _check(
    name: str | None,
    words: Sequence[str],
    whole: bool,
    wider: str | None,
    who: str | None,
    reason: str | None,
    finish: bool,
) -> None:
    if finish:
        if name or words or whole:
            raise click.UsageError("--finish goes alone")
        return
    if name is None:
        raise click.UsageError("name a VERSION, an ARTICLE or a URL")
    if bool(words) == whole:
        raise click.UsageError("say --words or --whole" + (", not both" if whole else ""))
    if wider and whole:
        raise click.UsageError("--everywhere-in goes with --words")
    if not (who and who.strip() and reason and reason.strip()):
        raise click.UsageError("say --by and --reason: they are put on record")


def _request(
    archive: Archive,
    name: str,
    words: Sequence[str],
    whole: bool,
    wider: str | None,
    who: str,
    reason: str,
) -> Request:
    try:
        phrases = [Phrase.of(it) for text in words for it in spellings(text)]
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--words") from error
    kind = RedactionKind.WHOLE if whole else RedactionKind.WORDS
    scope = RedactionScope.ARTICLE if wider is None else _WIDER[wider]
    request = Request(kind, scope, who.strip(), reason.strip(), phrases=phrases, words=tuple(words))
    for said in (request.asked_by, request.reason):
        if request.says(said):
            raise click.UsageError("--by and --reason have the words: they would stay on record")
    with archive.reading() as session:
        if wider == "source" and not (
            "/" in name or name.isdecimal() or parse_identifier(name) is not None
        ):
            return replace(request, source_id=find_source(session, name).id)
        article = find_article(session, name, unread=True)
        request = request.of_article(session, article.id)
        if whole and parse_identifier(name) is not None:
            version_id = find_version(session, name).version_id
            request = replace(request, scope=RedactionScope.VERSION, version_id=version_id)
    if scope is RedactionScope.ARTICLE:
        return request
    of_archive = scope is RedactionScope.ARCHIVE
    source_id = None if of_archive else request.source_id
    return replace(request, article_id=None, source_id=source_id)


def _document(
    request: Request, would: Redacted, others: Sequence[Mention], reach: Sequence[str]
) -> dict[str, Any]:
    return {
        "kind": request.kind.value,
        "scope": request.scope.value,
        "by": request.asked_by,
        "reason": request.reason,
        "counts": would.counts,
        "versions": would.versions,
        "left": [{"article_id": it.article_id, "url": it.url} for it in others],
        "out_of_reach": list(reach),
    }


def _tell(archive: Archive, request: Request, would: Redacted, others: Sequence[Mention]) -> None:
    """What goes, what is left and what can't be reached, on standard error."""

    def say(text: str) -> None:
        click.echo(text, err=True)

    say(f"{_subject(archive, request)}: this goes, for good")
    for name, count in would.counts.items():
        say(f"  {count:,} {_NAMES.get(name, f'rows of {name}')}")
    if not would.counts:
        say("  nothing: the archive does not have it")
    if would.versions:
        more = " …" if len(would.versions) > 8 else ""
        say(f"  versions {' '.join(would.versions[:8])}{more}: they keep their identifiers")
    if would.shared:
        say(f"  {would.shared:,} texts are another article's too, and stay there")
    if others:
        say(f"these {len(others):,} articles say it too, or their pages do, and are left:")
        for it in others[:20]:
            say(f"  {it.article_id}  {it.url}")
        if len(others) > 20:
            say(f"  … and {len(others) - 20:,} more (--json has all)")
    say("no command reaches, and you have to see to:")
    for line in out_of_reach(archive):
        say(f"  {line}")


def _subject(archive: Archive, request: Request) -> str:
    what = "all" if request.kind is RedactionKind.WHOLE else " / ".join(request.words)
    with archive.reading() as session:
        if request.version_id is not None or request.article_id is not None:
            article = session.get_one(Article, request.article_id)
            of = "one version of " if request.version_id is not None else ""
            return f"{what}, of {of}article {article.id}, {article.url}"
        if request.source_id is not None:
            return f"{what}, of source {session.get_one(Source, request.source_id).name}"
    return f"{what}, of the whole archive"


def _ask(request: Request) -> None:
    """Ask twice: whether, and for a word that no hand types by itself."""
    if not sys.stdin.isatty():
        raise click.UsageError("nobody is there to ask: say --yes")
    if not click.confirm("Take it out? It can't be undone", err=True):
        raise click.ClickException("nothing is redacted")
    wanted = str(request.article_id) if request.article_id is not None else _WORD
    if click.prompt(f"Type {wanted} to go on", err=True).strip() not in (wanted, _WORD):
        raise click.ClickException("nothing is redacted")


def end(archive: Archive, document: dict[str, Any], *, full: bool, as_json: bool) -> None:
    """Clean the files, and tell how it went."""
    with Shown(as_json, "cleaning") as told:
        cleaned = clean(archive, full=full, step=told.step)
    if as_json:
        print_json({**document, "cleaned": not cleaned.left, "to_clean": list(cleaned.left)})
    else:
        if "redaction" in document:
            echo(f"redaction {document['redaction']} is done and on record")
        if not cleaned.left:
            echo("what was taken out is in no file of the database and of the index any more")
    for line in cleaned.left:
        click.echo(f"permalien: not clean yet: {line}", err=True)
    if cleaned.left:
        click.echo("permalien: then run `permalien redact --finish`", err=True)
        raise SystemExit(1)


class Shown:
    """What is under way, on standard error where that is a terminal."""

    def __init__(self, quiet: bool, what: str = "looking") -> None:
        from rich.console import Console
        from rich.status import Status

        console = Console(stderr=True, quiet=quiet or not sys.stderr.isatty())
        self._what, self._status = what, Status(what, console=console)

    def __enter__(self) -> "Shown":
        self._status.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._status.stop()

    def __call__(self, done: int, whole: int) -> None:
        self._status.update(f"{self._what}: {done:,} of {whole:,} stored pages")

    def step(self, what: str) -> None:
        self._status.update(f"{self._what}: {what}")
