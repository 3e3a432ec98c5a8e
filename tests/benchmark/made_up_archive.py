"""An archive of made-up articles, of any size: words by Zipf's law, in texts of 3,200 characters,
each article in two versions, of which the second has a sentence more.

Rows are written as they are, without a crawl: what is measured is how they are read.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from typing import Any, Final

from sqlalchemy import insert
from sqlalchemy.orm import DeclarativeBase, Session

from storage.database.archive import Archive
from storage.database.clock import utc_now
from storage.history.contents import content_row, detail_row
from storage.ledger.payloads import digest_of, store_payloads
from storage.models import (
    Address,
    AddressKind,
    Article,
    Content,
    Fetch,
    Finding,
    Meaning,
    Outcome,
    Reading,
    ReadingDetail,
    Source,
    Version,
    VersionState,
)

SOURCES: Final = 50
DAYS: Final = 3_650  # over which the articles are spread
START: Final = datetime(2016, 1, 1, tzinfo=UTC)
_LANGUAGES: Final = ("en", "fr", "de", "es", "it", "pt", "nl", "sv")
_PAGE: Final = b"<!doctype html><title>A page</title><p>It is the page of all of them.</p>" * 500
_BATCH: Final = 500  # articles a transaction
_SYLLABLES: Final = (
    *("ba", "be", "bi", "da", "de", "do", "fa", "fi", "ga", "go", "ka", "ke", "ko", "la", "le"),
    *("li", "lo", "ma", "me", "mi", "mo", "na", "ne", "no", "pa", "po", "ra", "re", "ri", "ro"),
    *(
        "sa",
        "se",
        "si",
        "so",
        "ta",
        "te",
        "to",
        "va",
        "ve",
        "za",
        "ou",
        "on",
        "ier",
        "ment",
        "tion",
    ),
)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Words, the commonest first."""

    words: Sequence[str]
    weights: Sequence[float]

    def text(self, chance: random.Random, count: int) -> str:
        words = chance.choices(self.words, cum_weights=self.weights, k=count)
        # A full stop every dozen words, and a paragraph every four dozen.
        return "".join(
            f"{word}{'.' if at % 12 == 0 else ''}{chr(10) if at % 48 == 0 else ' '}"
            for at, word in enumerate(words, start=1)
        )


def vocabulary(size: int = 200_000) -> Vocabulary:
    chance = random.Random(1)
    words: dict[str, None] = {}
    while len(words) < size:
        length = min(6, 1 + len(words) // 200 + chance.randrange(3))
        words["".join(chance.choices(_SYLLABLES, k=max(1, length)))] = None
    return Vocabulary(list(words), list(accumulate(1 / rank for rank in range(2, size + 2))))


def fill(archive: Archive, articles: int, told: Callable[[int], None]) -> int:
    """Put so many articles in two versions each into an empty archive; returns the bytes of their
    titles and texts."""
    known = vocabulary()
    size = 0
    with archive.writing() as session:
        session.execute(insert(Source), [_source(number) for number in range(1, SOURCES + 1)])
        payload = digest_of(_PAGE)
        store_payloads(session, {payload: _PAGE})
        detail = detail_row({"section": "Sport"}, [])
        session.execute(insert(ReadingDetail), [detail])
    for start in range(1, articles + 1, _BATCH):
        numbers = range(start, min(start + _BATCH, articles + 1))
        made = [_rows(known, number, articles, payload, detail["digest"]) for number in numbers]
        with archive.writing() as session:
            size += _write(session, made)
        told(numbers.stop - 1)
    return size


_Rows = list[tuple[type[DeclarativeBase], dict[str, Any]]]


def _write(session: Session, made: Sequence[_Rows]) -> int:
    tables: dict[type[DeclarativeBase], list[dict[str, Any]]] = {}
    for article in made:
        for table, row in article:
            tables.setdefault(table, []).append(row)
    for table, rows in tables.items():
        session.execute(insert(table), rows)
    said = tables[Content]
    return sum(len(row["title"].encode()) + len(row["text"].encode()) for row in said)


def _source(number: int) -> dict[str, Any]:
    name = f"site{number}.example"
    return {"id": number, "name": name, "url": f"https://{name}/", "added_at": START}


def _rows(known: Vocabulary, number: int, articles: int, payload: bytes, detail: bytes) -> _Rows:
    chance = random.Random(number)
    published_at = START + timedelta(days=DAYS) * (number / articles)
    source_id = chance.randrange(SOURCES) + 1
    url = f"https://site{source_id}.example/{number}"
    title = known.text(chance, 8).strip(". \n")
    text = known.text(chance, 330)
    rows: _Rows = []
    for place in (1, 2):
        version_id = 2 * number - 2 + place
        seen_at = published_at + timedelta(minutes=7 * place)
        if place == 2:
            text += known.text(chance, 12)
        content = content_row(
            title=title,
            text=text,
            blocks=[],
            authors=[known.text(chance, 2).strip(". \n").title()],
            published=(published_at, 0, "second"),
            language=_LANGUAGES[source_id % len(_LANGUAGES)],
        )
        fetch_id = version_id
        rows += [
            (Content, content),
            (Reading, _reading(version_id, payload, content["digest"], detail)),
            (Version, _version(version_id, number, place, payload, content["digest"], seen_at)),
            (VersionState, _state(version_id, number, place, seen_at)),
            (Fetch, _fetch(fetch_id, number, seen_at, payload)),
            (Finding, _finding(fetch_id, number, version_id, place, seen_at)),
        ]
    article = {"id": number, "source_id": source_id, "url": url, "first_seen_at": published_at}
    article["current_version_id"] = 2 * number
    address = {"id": number, "key": url[6:], "url": url, "source_id": source_id}
    return [
        (Article, article),
        (Address, address | {"kind": AddressKind.PAGE, "article_id": number}),
        *rows,
    ]


def _reading(version_id: int, payload: bytes, content: bytes, detail: bytes) -> dict[str, Any]:
    return {
        "id": version_id,
        "input": version_id.to_bytes(32),
        "digest": payload,
        "extractor": "1",
        "template": "",
        "content_digest": content,
        "detail_digest": detail,
    }


def _version(
    version_id: int, article_id: int, number: int, payload: bytes, content: bytes, at: datetime
) -> dict[str, Any]:
    return {
        "id": version_id,
        "article_id": article_id,
        "number": number,
        "digest": payload,
        "reading_id": version_id,
        "recorded_content": content,
        "fetch_id": version_id,
        "first_seen_at": at,
    }


def _state(version_id: int, article_id: int, number: int, at: datetime) -> dict[str, Any]:
    return {
        "version_id": version_id,
        "best_reading": version_id,
        "last_seen_at": at,
        "article_id": article_id,
        "number": number,
    }


def _fetch(fetch_id: int, address_id: int, at: datetime, payload: bytes) -> dict[str, Any]:
    return {
        "id": fetch_id,
        "address_id": address_id,
        "run_id": 1,
        "fetched_at": at,
        "status": 200,
        "digest": payload,
    }


def _finding(
    fetch_id: int, article_id: int, version_id: int, number: int, at: datetime
) -> dict[str, Any]:
    return {
        "fetch_id": fetch_id,
        "number": 1,
        "outcome": Outcome.FETCHED,
        "meaning": Meaning.NEW if number == 1 else Meaning.EDITED,
        "article_id": article_id,
        "version_id": version_id,
        "recorded_at": min(at, utc_now()),
    }
