"""TEI P5 (https://tei-c.org/guidelines/p5/): a teiCorpus with a TEI of each version.

Of the elements of P5 it uses few: `docs/export.md` lists them. What XML 1.0 can't hold is
U+FFFD REPLACEMENT CHARACTER here.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, Final
from xml.sax.saxutils import escape, quoteattr

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
    lines, kinds = row["text"].split("\n"), row["paragraph_kinds"]
    if len(kinds) != len(lines):
        kinds = ["paragraph"] * len(lines)
    in_division = False
    for kind, group in groupby(zip(kinds, lines, strict=True), key=lambda pair: pair[0]):
        texts = [_text(line) for _, line in group]
        if kind == "heading":
            for text in texts:
                yield f"{_END_OF_DIVISION if in_division else ''}<div>\n<head>{text}</head>\n"
                in_division = True
        elif kind == "list-item":
            yield "<list>\n"
            yield from (f"<item>{text}</item>\n" for text in texts)
            yield "</list>\n"
        elif kind == "quotation":
            yield from (f"<quote>{text}</quote>\n" for text in texts)
        else:
            rend = "" if kind == "paragraph" else f" rend={quoteattr(kind)}"
            yield from (f"<p{rend}>{text}</p>\n" for text in texts)
    if in_division:
        yield _END_OF_DIVISION


_END_OF_DIVISION: Final = "</div>\n"


def _date(kind: str, value: datetime) -> str:
    at = f"{value:%Y-%m-%dT%H:%M:%SZ}"
    return f'<date type="{kind}" when="{at}">{at}</date>'


def _text(value: str) -> str:
    return escape(_NOT_XML.sub("\N{REPLACEMENT CHARACTER}", value))
