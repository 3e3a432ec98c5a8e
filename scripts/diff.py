"""`permalien diff`: what changed between two versions of an article."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import click

from scripts.output import echo, json_option, moment, paged, print_json
from scripts.version_name import VersionName
from scripts.worddiff import shown
from storage import schema
from storage.database.archive import Archive
from storage.database.errors import NotFound
from storage.database.identifiers import parse_identifier
from storage.history.diffs import DiffOp, DiffSegment
from storage.history.diffs import diff as diff_texts
from storage.history.edit_history import Edit, edit_between, version_text
from storage.history.lookup import find_article, number_of
from storage.history.sentences import changed_sentences
from storage.history.version_records import VersionRecord, history


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
        found = find_article(session, article)
        if parse_identifier(article) is not None and len(versions) < 2:
            versions = (article, *versions)
        numbers = [number_of(session, found.id, version) for version in versions]
        if versions == (article,):
            numbers.insert(0, numbers[0] - 1)
        old, new = _pair(history(session, found.id), numbers)
        edit = edit_between(session, old, new)
    title = diff_texts(edit.old.title, edit.new.title)
    text = diff_texts(edit.old.text, edit.new.text)
    if as_json:
        document = {"id": found.id, "url": found.url, **_document(edit)}
        changes = changed_sentences(version_text(edit.old), version_text(edit.new))
        document["sentences"] = [asdict(change) for change in changes]
        print_json(document | {"title": _segments(title), "text": _segments(text)})
    else:
        with paged():
            _print(edit, title, text, whole=whole)


def _pair(
    versions: list[VersionRecord], numbers: Sequence[int]
) -> tuple[VersionRecord, VersionRecord]:
    by_number = {version.version: version for version in versions}
    if not numbers and len(versions) < 2:
        raise NotFound("the article has one version: no edit was seen")
    if numbers and numbers[0] == 0:
        raise NotFound("that is the article's first version: there is none before it")
    wanted = numbers or (versions[-2].version,)
    old, new = (*wanted, versions[-1].version)[:2]
    for number in (old, new):
        if number not in by_number:
            raise NotFound(f"no version {number}: the article has 1 to {versions[-1].version}")
    return by_number[old], by_number[new]


def _document(edit: Edit) -> dict[str, Any]:
    return {
        "from": edit.old.version,
        "to": edit.new.version,
        "from_version_id": edit.old.identifier,
        "to_version_id": edit.new.identifier,
        "not_before": edit.not_before,
        "not_after": edit.not_after,
        "kinds": [kind.value for kind in edit.kinds],
        "declared": edit.declared,
    }


def _segments(parts: list[DiffSegment]) -> list[dict[str, str]]:
    return [{"op": part.op.value, "text": part.text} for part in parts]


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
