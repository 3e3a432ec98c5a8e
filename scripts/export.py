"""`permalien export`: articles or versions in a file, and a manifest from which it can be made
again."""

import sys
from pathlib import Path
from typing import Any

import click

from scripts.bad_queries import pointing
from scripts.exit_codes import FAILED
from scripts.output import echo, json_option, print_json
from scripts.table_progress import table_progress
from scripts.when import When
from scripts.writing import stopping_as_asked
from storage import schema
from storage.database.archive import Archive
from storage.frontier.sources import find_source
from storage.models import ArticleState
from storage.query.export.exporting import Format, Written, export_file, export_stream
from storage.query.export.manifest import SUFFIX, BadManifest, Manifest, load_manifest
from storage.query.selection import Selection


@click.command()
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
@click.option(
    "--format",
    "chosen",
    type=click.Choice([it.value for it in Format]),
    help="Without it the file's name says: .jsonl, .csv, .parquet, .xml.",
)
@click.option("--search", default="", metavar="QUERY", help="Only what it finds (docs/search.md).")
@click.option("--source", "sources", multiple=True, metavar="NAME", help="May be repeated.")
@click.option(
    "--since", type=When(), metavar="DAY", help="Published then or later; else first seen."
)
@click.option("--until", type=When(), metavar="DAY", help="Published before, likewise.")
@click.option(
    "--language", "languages", multiple=True, metavar="CODE", help="fr, or fr-CA; repeatable."
)
@click.option(
    "--state",
    "states",
    multiple=True,
    type=click.Choice([it.value for it in ArticleState]),
    help="Repeatable.",
)
@click.option("--all-versions", is_flag=True, help="Every version, not the current one alone.")
@click.option("--as-of", type=When(end=True), metavar="DAY", help="What readers could see then.")
@click.option(
    "--known-by",
    type=When(end=True),
    metavar="DAY",
    help="What the archive had recorded by then: the same file, however it grows.",
)
@click.option(
    "--retracted",
    is_flag=True,
    help="With --all-versions: those that turned out to be no edits too.",
)
@click.option("--as-recorded", is_flag=True, help="Texts as recorded, not as they are read best.")
@click.option(
    "--from",
    "manifest",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="MANIFEST",
    help="Make the file again that this manifest is of.",
)
@click.option(
    "--verify",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="MANIFEST",
    help="Check the file beside this manifest, or FILE, and write nothing.",
)
@click.option("--force", is_flag=True, help="Replace the file if it is there.")
@json_option
@click.pass_obj
def export(
    archive: Archive,
    /,
    file: Path | None,
    chosen: str | None,
    manifest: Path | None,
    verify: Path | None,
    force: bool,
    as_json: bool,
    **filters: Any,
) -> None:
    """Write articles to FILE (- for standard output) as JSON lines, CSV, Parquet or TEI.

    The file appears when it is whole; its manifest, beside it, says what was asked and what it
    must be. Exit code 1 also where a file is not what its manifest says.

    \b
    permalien export articles.jsonl
    permalien export ferry.jsonl --search 'ferry -jetty' --since 2026-01-01
    permalien export fr.parquet --language fr --all-versions
    permalien export then.csv --as-of 2026-11-01 --source example.org
    permalien export --verify then.csv.manifest.json
    permalien export again.csv --from then.csv.manifest.json
    """
    if verify is not None:
        _verify(verify, file, as_json=as_json)
        return
    schema.require_current(archive)
    wanted = None if manifest is None else _load(manifest)
    if file is None:
        file = _unnamed(wanted, manifest)
    if wanted is not None:
        if any(filters.values()) or chosen is not None:
            raise click.UsageError("--from says what to export: leave the other options out")
        selection, format = wanted.selection, Format(wanted.format)
    else:
        format = Format(chosen) if chosen else _format_of(file)
        selection = _selection(archive, **filters)
    with stopping_as_asked(file), pointing():
        if str(file) == "-":
            written = _to_standard_output(archive, selection, format)
            if as_json:
                print_json({"name": "-", "format": format.value, **_document(written)}, err=True)
            else:
                click.echo(f"permalien: wrote {_told(written)}{_held(written)}", err=True)
            return
        made = _to_file(archive, selection, file, format, force=force)
    _report(file, made, wanted, as_json=as_json)


_SUFFIXES = {
    ".jsonl": Format.JSONL,
    ".ndjson": Format.JSONL,
    ".csv": Format.CSV,
    ".parquet": Format.PARQUET,
    ".xml": Format.TEI,
    ".tei": Format.TEI,
}


def _format_of(file: Path) -> Format:
    if str(file) == "-":
        return Format.JSONL
    try:
        return _SUFFIXES[file.suffix.lower()]
    except KeyError:
        known = ", ".join(_SUFFIXES)
        raise click.UsageError(f"{file}: name a --format, or end it with one of {known}") from None


def _unnamed(wanted: Manifest | None, manifest: Path | None) -> Path:
    if wanted is None or manifest is None:
        raise click.UsageError("name a FILE, or - for standard output")
    return manifest.with_name(wanted.file)


def _load(path: Path) -> Manifest:
    try:
        return load_manifest(path)
    except BadManifest as error:
        raise click.ClickException(str(error)) from error
    except OSError as error:
        raise click.ClickException(f"{path}: {error.strerror or error}") from error


def _selection(
    archive: Archive, sources: tuple[str, ...], languages: tuple[str, ...],
    states: tuple[str, ...], **others: Any,
) -> Selection:  # fmt: skip
    with archive.reading() as session:
        names = sorted({find_source(session, name).name for name in sources})
    return Selection(
        sources=tuple(names),
        languages=tuple(sorted({language.lower() for language in languages})),
        states=tuple(sorted(set(states))),
        **others,
    )


def _to_file(
    archive: Archive, selection: Selection, file: Path, format: Format, *, force: bool
) -> Manifest:
    with table_progress("exporting") as show:

        def told(done: int, whole: int) -> None:
            show("exporting", done, whole)

        return export_file(archive, selection, file, format, replace=force, progress=told)


def _to_standard_output(archive: Archive, selection: Selection, format: Format) -> Written:
    stream = sys.stdout.buffer
    written = export_stream(archive, selection, stream, format)
    stream.flush()
    return written


def _document(written: Written) -> dict[str, Any]:
    return {
        "bytes": written.size,
        "sha256": written.sha256,
        "rows": written.rows,
        "articles": written.articles,
        "withheld": written.withheld,
    }


def _told(written: Written) -> str:
    articles = f"{written.articles:,} article{'' if written.articles == 1 else 's'}"
    if written.rows == written.articles:
        return articles
    return f"{written.rows:,} versions of {articles}"


def _held(written: Written) -> str:
    """How many versions were not written whole, where there are any."""
    if not written.withheld:
        return ""
    return f"; {written.withheld:,} withheld for their rights, all or their texts (--may-export)"


def _report(file: Path, made: Manifest, wanted: Manifest | None, *, as_json: bool) -> None:
    of = made.document["file"]
    same = None if wanted is None else of["sha256"] == wanted.document["file"]["sha256"]
    beside = file.with_name(file.name + SUFFIX)
    if as_json:
        print_json({**of, "manifest": str(beside), "same": same})
    else:
        written = Written(of["rows"], of["articles"], of["bytes"], of["sha256"], of["withheld"])
        echo(f"{file}: {_told(written)}, {written.size:,} bytes{_held(written)}")
        echo(f"{beside}: check it with `permalien export --verify`")
    if wanted is not None and not same:
        click.echo(f"permalien: {file} is not the same: {_why(made, wanted)}", err=True)
        raise SystemExit(FAILED)


def _why(made: Manifest, wanted: Manifest) -> str:
    """What is likely to have made two exports of one query differ."""
    for name, said in (("archive", "it is another archive"), ("software", "the software differs")):
        before, now = wanted.document[name], made.document[name]
        if before != now:
            parts = [f"{key} {before.get(key)}, now {now.get(key)}" for key in now]
            return f"{said} ({'; '.join(parts)})"
    if wanted.selection.known_by is None:
        return "the archive has grown, which --known-by would leave out, or something was redacted"
    return "the archive does not hold what it held"


def _verify(manifest: Path, file: Path | None, *, as_json: bool) -> None:
    wanted = _load(manifest)
    path = file or manifest.with_name(wanted.file)
    try:
        problems = wanted.problems(path)
    except OSError as error:
        raise click.ClickException(f"{path}: {error.strerror or error}") from error
    if as_json:
        print_json({"name": str(path), "problems": problems})
    elif not problems:
        of = wanted.document["file"]
        echo(f"{path} is what its manifest says: {of['rows']:,} rows, SHA-256 {of['sha256']}")
    if problems:
        click.echo(f"permalien: {path} is not what its manifest says: {problems[0]}", err=True)
        raise SystemExit(FAILED)
