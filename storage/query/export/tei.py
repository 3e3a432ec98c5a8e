"""TEI P5 (https://tei-c.org/guidelines/p5/): a teiCorpus with a TEI of each version.

Of the elements of P5 it uses few: `docs/export.md` lists them. What XML 1.0 can't hold is
U+FFFD REPLACEMENT CHARACTER here.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any, Final
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

import orjson

from storage.query.export.new_file import Sink
from storage.query.export.row_writers import NAMES

_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LANGUAGE: Final = re.compile(r"[A-Za-z]{1,8}(?:-[A-Za-z0-9]{1,8})*")

_BEGIN: Final = """\
<?xml version="1.0" encoding="UTF-8"?>
<teiCorpus xmlns="http://www.tei-c.org/ns/1.0">
<teiHeader>
<fileDesc>
<titleStmt><title>News articles from a Permalien archive</title></titleStmt>
<publicationStmt><p>Each text is its publisher's; see the header of each.</p></publicationStmt>
<sourceDesc><p>Web pages, as they were seen.</p></sourceDesc>
</fileDesc>
</teiHeader>
"""
_END: Final = "</teiCorpus>\n"


class Tei:
    """Writes a teiCorpus, which has a TEI at least: TEI knows no empty corpus."""

    def __init__(self, sink: Sink) -> None:
        self._sink = sink
        self._sink.write(_BEGIN.encode())

    def write(self, rows: Sequence[Sequence[Any]]) -> None:
        parts = (part for row in rows for part in _tei(dict(zip(NAMES, row, strict=True))))
        self._sink.write("".join(parts).encode())

    def finish(self) -> None:
        self._sink.write(_END.encode())


def _tei(row: dict[str, Any]) -> Iterator[str]:
    language = row["language"] or ""
    known = _LANGUAGE.fullmatch(language) is not None
    yield f'<TEI xml:id="{row["version_id"]}">\n<teiHeader>\n<fileDesc>\n<titleStmt>'
    yield f"<title>{_text(row['title'])}</title>"
    yield from (f"<author>{_text(name)}</author>" for name in row["authors"])
    yield "</titleStmt>\n"
    yield f'<editionStmt><edition n="{row["version"]}">Version {row["version"]}, as seen from '
    yield f"{_date('first-seen', row['first_seen_at'])} to "
    yield f"{_date('last-seen', row['last_seen_at'])}</edition></editionStmt>\n"
    yield f"<publicationStmt><publisher>{_text(row['source'])}</publisher>"
    yield f'<idno type="permalien">{row["version_id"]}</idno>'
    yield f'<idno type="article">{row["article_id"]}</idno>'
    yield f'<idno type="payload-sha256">{row["payload_sha256"]}</idno>'
    yield f'<idno type="content-sha256">{row["content_sha256"]}</idno>'
    yield f'<availability><p n="state">{row["state"]}</p></availability></publicationStmt>\n'
    yield f"<sourceDesc><bibl><title>{_text(row['title'])}</title>"
    yield f"<publisher>{_text(row['source'])}</publisher>"
    for name in ("published", "modified"):
        if row[f"{name}_at"] is not None:
            yield _date(name, row[f"{name}_at"])
    yield f'<idno type="URI">{_text(row["url"])}</idno></bibl></sourceDesc>\n</fileDesc>\n'
    yield from _profile(row, language if known else "")
    yield "</teiHeader>\n"
    yield f'<text xml:lang="{language}">' if known else "<text>"
    yield f"\n<body>\n<head>{_text(row['title'])}</head>\n"
    yield from _body(row)
    yield "</body>\n</text>\n</TEI>\n"


def _profile(row: dict[str, Any], language: str) -> Iterator[str]:
    parts = []
    if row["description"]:
        parts.append(f"<abstract><p>{_text(row['description'])}</p></abstract>\n")
    if language:
        parts.append(f'<langUsage><language ident="{language}"/></langUsage>\n')
    terms = "".join(f"<term>{_text(tag)}</term>" for tag in row["tags"])
    if row["section"]:
        terms = f'<term type="section">{_text(row["section"])}</term>{terms}'
    if terms:
        parts.append(f"<textClass><keywords>{terms}</keywords></textClass>\n")
    if parts:
        yield "<profileDesc>\n"
        yield from parts
        yield "</profileDesc>\n"


def _body(row: dict[str, Any]) -> Iterator[str]:
    in_division = False
    for kind, group in groupby(_parts(row), key=attrgetter("kind")):
        if kind == "list-item":
            yield "<list>\n"
            yield from (f"<item>{it.marked}</item>\n" for it in group)
            yield "</list>\n"
            continue
        for it in group:
            if kind == "heading":
                yield f"{_END_OF_DIVISION if in_division else ''}<div>\n"
                in_division = True
            yield from _element(it)
    if in_division:
        yield _END_OF_DIVISION


@dataclass(frozen=True, slots=True)
class _Part:
    """A paragraph, or what is shown beside them."""

    kind: str
    text: str
    entry_at: str | None = None
    picture_url: str | None = None

    @property
    def marked(self) -> str:
        """The text, after the time of the entry of a live blog that begins with it."""
        at = "" if self.entry_at is None else f'<date type="entry" when={_value(self.entry_at)}/>'
        return f"{at}{_text(self.text)}"


def _parts(row: dict[str, Any]) -> Iterator[_Part]:
    """In the order of the page."""
    lines, kinds = row["text"].split("\n"), row["paragraph_kinds"]
    if len(kinds) != len(lines):
        kinds = ["paragraph"] * len(lines)
    entries = dict(orjson.loads(row["live_entries"]))
    beside: dict[int, list[_Part]] = {}
    for kind, text, before, picture in orjson.loads(row["apart"]):
        beside.setdefault(before, []).append(_Part(kind, text, picture_url=picture))
    for number, (kind, line) in enumerate(zip(kinds, lines, strict=True)):
        yield from beside.pop(number, ())
        yield _Part(kind, line, entries.get(number))
    for _, rest in sorted(beside.items()):
        yield from rest


def _element(part: _Part) -> Iterator[str]:
    kind = quoteattr(part.kind)
    if part.kind == "heading":
        yield f"<head>{part.marked}</head>\n"
    elif part.kind == "quotation":
        yield f"<quote>{part.marked}</quote>\n"
    elif part.kind in ("pull-quote", "embedded-post"):
        yield f"<quote rend={kind}>{part.marked}</quote>\n"
    elif part.kind == "fact-box":
        yield f"<note type={kind}>{part.marked}</note>\n"
    elif part.kind == "caption":
        picture = (
            f"<graphic url={_value(quote(part.picture_url, _URL))}/>" if part.picture_url else ""
        )
        yield f"<figure>{picture}<p>{part.marked}</p></figure>\n"
    else:
        rend = "" if part.kind == "paragraph" else f" rend={kind}"
        yield f"<p{rend}>{part.marked}</p>\n"


_URL: Final = "%/:=&?~#+!$,;'@()*"  # what stands for itself in an address
_END_OF_DIVISION: Final = "</div>\n"


def _date(kind: str, value: datetime) -> str:
    at = f"{value:%Y-%m-%dT%H:%M:%SZ}"
    return f'<date type="{kind}" when="{at}">{at}</date>'


def _value(value: str) -> str:
    return quoteattr(_NOT_XML.sub("\N{REPLACEMENT CHARACTER}", value))


def _text(value: str) -> str:
    return escape(_NOT_XML.sub("\N{REPLACEMENT CHARACTER}", value))
