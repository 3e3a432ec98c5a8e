"""`permalien diff`: what changed between two versions of an article."""

from dataclasses import dataclass
from typing import Any

import click

from scripts.output import echo, json_option, moment, print_json, printable
from storage import schema
from storage.archive import Archive
from storage.diffs import DiffOp, DiffSegment
from storage.diffs import diff as diff_texts
from storage.edits import EditKind, VersionText, classify
from storage.errors import NotFound
from storage.queries import VersionRecord, find_article, history

_STYLES: dict[DiffOp, dict[str, Any]] = {
    DiffOp.DELETE: {"fg": "red", "strikethrough": True},
    DiffOp.INSERT: {"fg": "green", "bold": True},
    DiffOp.EQUAL: {},
}
_MARKS = {DiffOp.DELETE: ("[-", "-]"), DiffOp.INSERT: ("{+", "+}"), DiffOp.EQUAL: ("", "")}


@dataclass(frozen=True, slots=True)
class Edit:
    """What lies between two versions."""

    old: VersionRecord
    new: VersionRecord
    kinds: tuple[EditKind, ...]
    title: list[DiffSegment]
    text: list[DiffSegment]


@click.command()
@click.argument("article", metavar="URL|ID")
@click.argument("numbers", metavar="[N M]", nargs=-1, type=click.IntRange(min=1))
@click.option("--all", "whole", is_flag=True, help="Show the paragraphs that did not change too.")
@json_option
@click.pass_obj
def diff(
    archive: Archive, article: str, numbers: tuple[int, ...], whole: bool, as_json: bool
) -> None:
    """Show what changed between versions N and M of an article, word by word.

    Without N and M: between the last two. With N alone: from N to the current version.
    Exit code 1 when there is nothing to compare.
    """
    if len(numbers) > 2:
        raise click.UsageError("name two versions at most")
    schema.require_current(archive)
    with archive.reading() as session:
        found = find_article(session, article)
        versions = history(session, found.id)
    old, new = _pair(versions, numbers)
    edit = _edit(old, new)
    if as_json:
        print_json({"id": found.id, "url": found.url, **_document(edit)})
    else:
        _print(edit, whole=whole)


def _pair(
    versions: list[VersionRecord], numbers: tuple[int, ...]
) -> tuple[VersionRecord, VersionRecord]:
    by_number = {version.version: version for version in versions}
    if not numbers and len(versions) < 2:
        raise NotFound("the article has one version: no edit was seen")
    wanted = numbers or (versions[-2].version,)
    old, new = (*wanted, versions[-1].version)[:2]
    for number in (old, new):
        if number not in by_number:
            raise NotFound(f"no version {number}: the article has 1 to {versions[-1].version}")
    return by_number[old], by_number[new]


def _edit(old: VersionRecord, new: VersionRecord) -> Edit:
    return Edit(
        old,
        new,
        classify(_version_text(old), _version_text(new)),
        diff_texts(old.title, new.title),
        diff_texts(old.text, new.text),
    )


def _version_text(version: VersionRecord) -> VersionText:
    standfirst = [text for kind, text in version.paragraphs if kind == "standfirst"]
    rest = [text for kind, text in version.paragraphs if kind != "standfirst"]
    return VersionText(version.title, "\n".join(standfirst), tuple(rest), version.modified_at)


def _document(edit: Edit) -> dict[str, Any]:
    def segments(parts: list[DiffSegment]) -> list[dict[str, str]]:
        return [{"op": part.op.value, "text": part.text} for part in parts]

    return {
        "from": edit.old.version,
        "to": edit.new.version,
        "not_before": edit.old.last_seen_at,
        "not_after": edit.new.first_seen_at,
        "kinds": [kind.value for kind in edit.kinds],
        "title": segments(edit.title),
        "text": segments(edit.text),
    }


def _print(edit: Edit, *, whole: bool) -> None:
    old, new = edit.old, edit.new
    echo(f"Version {old.version} to {new.version}", bold=True)
    echo(
        f"edited between {moment(old.last_seen_at)} and {moment(new.first_seen_at)}: "
        f"{', '.join(edit.kinds) or 'nothing'}",
        dim=True,
    )
    for parts in (edit.title, edit.text):
        click.echo("")
        for paragraph in _paragraphs(parts):
            changed = any(part.op is not DiffOp.EQUAL for part in paragraph)
            if changed or whole or parts is edit.title:
                click.echo("".join(map(_shown, paragraph)))


def _paragraphs(parts: list[DiffSegment]) -> list[list[DiffSegment]]:
    """The segments, cut where a line ends."""
    paragraphs: list[list[DiffSegment]] = [[]]
    for part in parts:
        text, newline, _ = part.text.partition("\n")
        paragraphs[-1].append(DiffSegment(part.op, text))
        if newline:
            paragraphs.append([])
    return [paragraph for paragraph in paragraphs if paragraph]


def _shown(part: DiffSegment) -> str:
    """A segment in its colour; in brackets too, for where there are no colours."""
    before, after = _MARKS[part.op]
    return click.style(
        f"{before}{printable(part.text)}{after}" if part.text else "", **_STYLES[part.op]
    )
