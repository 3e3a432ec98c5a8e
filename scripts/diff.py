"""`permalien diff`: what changed between two versions of an article."""

import click

from scripts.output import echo, json_option, moment, paged, print_json
from scripts.version_name import VersionName
from scripts.worddiff import shown
from storage import schema
from storage.database.archive import Archive
from storage.history.diffs import DiffOp, DiffSegment
from storage.history.edit_history import Edit
from storage.query.comparison import compare_versions
from storage.query.documents import diff_document


@click.command()
@click.argument("article", metavar="URL|ID")
@click.argument("versions", metavar="[N M]", nargs=-1, type=VersionName())
@click.option("--all", "whole", is_flag=True, help="Show the paragraphs that did not change too.")
@json_option
@click.pass_obj
def diff(
    archive: Archive, article: str, versions: tuple[str, ...], whole: bool, as_json: bool
) -> None:
    """Show what changed between versions N and M of an article, word by word.

    Without N and M: between the last two. With N alone: from N to the last. Either may be a
    version's permanent identifier; alone, it is compared with the version before, and with another,
    with that one. Exit code 1 when there is nothing to compare.

    \b
    permalien diff https://example.org/bridge
    permalien diff 17 1 3 --all
    permalien diff bw2hfqdjc7gz6rrw
    """
    if len(versions) > 2:
        raise click.UsageError("name two versions at most")
    schema.require_current(archive)
    with archive.reading() as session:
        compared = compare_versions(session, article, versions)
    if as_json:
        print_json(diff_document(compared))
    else:
        with paged():
            _print(compared.edit, compared.title(), compared.text(), whole=whole)


def _print(edit: Edit, title: list[DiffSegment], text: list[DiffSegment], *, whole: bool) -> None:
    echo(f"Version {edit.old.version} to {edit.new.version}", bold=True)
    if edit.not_before is None:
        when = f"both seen at {moment(edit.not_after)}"
    else:
        when = f"edited between {moment(edit.not_before)} and {moment(edit.not_after)}"
    echo(f"{when}: {', '.join(edit.kinds) or 'nothing'}", dim=True)
    for parts in (title, text):
        click.echo("")
        for paragraph in _paragraphs(parts):
            changed = any(part.op is not DiffOp.EQUAL for part in paragraph)
            if changed or whole or parts is title:
                click.echo(shown(paragraph))


def _paragraphs(parts: list[DiffSegment]) -> list[list[DiffSegment]]:
    """The segments, cut where a line ends."""
    paragraphs: list[list[DiffSegment]] = [[]]
    for part in parts:
        text, newline, _ = part.text.partition("\n")
        paragraphs[-1].append(DiffSegment(part.op, text))
        if newline:
            paragraphs.append([])
    return [paragraph for paragraph in paragraphs if paragraph]
