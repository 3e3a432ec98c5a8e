"""The articles of the demonstration site: one TOML file each, the truth its page is made from.

    path = "/en/news/ferry/"        where the page is
    desk = "en"                     a key of [desks] in site.toml; `section` a key of its sections
    title, standfirst               plain text
    authors, tags                   lists of text
    published_at, modified_at       times with an offset; `modified_at` may be missing
    image, caption                  a name under images/, and what stands below it
    related                         other articles' paths; the latest when missing
    redirects                       old paths that lead here
    first_edition, last_edition     the editions that have it: from the first, to the last
    body                            a block a line: "## " heading, "- " list item, "> " quotation,
                                    "! name | caption" image, else a paragraph;
                                    [text](href) is a link, *text* emphasis

An `[[edits]]` table says what its `edition` changed: any of `title`, `standfirst`, `modified_at`,
and `replace`, pairs of old and new text of which the old is in the body exactly once.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

EDITIONS = (1, 2, 3)
SITE = files("scripts.demo") / "site"

_INLINE = re.compile(r"\[(?P<link>[^\[\]]+)\]\((?P<href>[^()\s]+)\)|\*(?P<emphasis>[^*]+)\*")


class BlockKind(StrEnum):
    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LIST_ITEM = "list-item"
    QUOTATION = "quotation"
    IMAGE = "image"


_PREFIXES = {
    "## ": BlockKind.HEADING,
    "- ": BlockKind.LIST_ITEM,
    "> ": BlockKind.QUOTATION,
    "! ": BlockKind.IMAGE,
}


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text: a link when `href` is there, else emphasised or plain."""

    text: str
    href: str | None = None
    emphasised: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """For an image the spans are its caption, which is no part of the article's text."""

    kind: BlockKind
    spans: tuple[Span, ...]
    image: str | None = None

    @property
    def text(self) -> str:
        return "".join(span.text for span in self.spans)


@dataclass(frozen=True, slots=True)
class Article:
    path: str
    desk: str
    section: str
    title: str
    standfirst: str
    blocks: tuple[Block, ...]
    authors: tuple[str, ...]
    published_at: datetime
    modified_at: datetime | None = None
    tags: tuple[str, ...] = ()
    image: str | None = None
    caption: str | None = None
    related: tuple[str, ...] = ()
    redirects: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """What extraction must give: standfirst and blocks, a line each."""
        shown = [block.text for block in self.blocks if block.kind is not BlockKind.IMAGE]
        return "\n".join([self.standfirst, *shown] if self.standfirst else shown)

    @property
    def last_change(self) -> datetime:
        return self.modified_at or self.published_at


def read_articles(edition: int) -> dict[str, Article]:
    """The articles of an edition by path, latest first."""
    tables = [_table(file) for desk in _sorted(SITE / "articles") for file in _sorted(desk)]
    articles = [_read(table, edition) for table in tables if _is_in(table, edition)]
    articles.sort(key=lambda article: (article.published_at, article.path), reverse=True)
    return {article.path: article for article in articles}


def removed_paths(edition: int) -> frozenset[str]:
    """Where articles of an earlier edition used to be."""
    earlier = {path for past in EDITIONS if past < edition for path in read_articles(past)}
    return frozenset(earlier - read_articles(edition).keys())


def parse_block(line: str) -> Block:
    for prefix, kind in _PREFIXES.items():
        if line.startswith(prefix):
            rest = line.removeprefix(prefix)
            if kind is BlockKind.IMAGE:
                image, _, caption = rest.partition(" | ")
                return Block(kind, _spans(caption), image)
            return Block(kind, _spans(rest))
    return Block(BlockKind.PARAGRAPH, _spans(line))


def edited_body(body: str, replacements: Sequence[Sequence[str]]) -> str:
    """Raises ValueError when an old text is not in the body exactly once."""
    for old, new in replacements:
        if body.count(old) != 1:
            raise ValueError(f"{old!r} is in the body {body.count(old)} times, not once")
        body = body.replace(old, new)
    return body


def _spans(markup: str) -> tuple[Span, ...]:
    spans: list[Span] = []
    end = 0
    for match in _INLINE.finditer(markup):
        spans.append(Span(markup[end : match.start()]))
        if match["href"]:
            spans.append(Span(match["link"], href=match["href"]))
        else:
            spans.append(Span(match["emphasis"], emphasised=True))
        end = match.end()
    spans.append(Span(markup[end:]))
    return tuple(span for span in spans if span.text)


def _sorted(folder: Traversable) -> list[Traversable]:
    return sorted(folder.iterdir(), key=lambda entry: entry.name)


def _table(file: Traversable) -> Mapping[str, Any]:
    return tomllib.loads(file.read_text(encoding="utf-8"))


def _is_in(table: Mapping[str, Any], edition: int) -> bool:
    first, last = table.get("first_edition", EDITIONS[0]), table.get("last_edition", EDITIONS[-1])
    return bool(first <= edition <= last)


def _read(table: Mapping[str, Any], edition: int) -> Article:
    edits = [edit for edit in table.get("edits", ()) if edit["edition"] <= edition]
    body = table["body"]
    for edit in edits:
        body = edited_body(body, edit.get("replace", ()))
    article = Article(
        path=table["path"],
        desk=table["desk"],
        section=table["section"],
        title=table["title"],
        standfirst=table["standfirst"],
        blocks=tuple(parse_block(line) for line in body.splitlines() if line),
        authors=tuple(table["authors"]),
        published_at=table["published_at"],
        modified_at=table.get("modified_at"),
        tags=tuple(table.get("tags", ())),
        image=table.get("image"),
        caption=table.get("caption"),
        related=tuple(table.get("related", ())),
        redirects=tuple(table.get("redirects", ())),
    )
    for edit in edits:
        changed = {key: edit[key] for key in edit if key not in ("edition", "replace")}
        article = replace(article, **changed)
    return article
