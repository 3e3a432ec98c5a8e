"""An archive of made-up articles, of any size: words by Zipf's law, in texts of 3,200 characters,
each article in two versions, of which the second has a sentence more.

Rows are written as they are, without a crawl: what is measured is how they are read.
"""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

import numpy as np
from numpy.random import Generator, default_rng
from sqlalchemy import insert
from sqlalchemy.orm import DeclarativeBase, Session

from storage.copying import prepare_partitions
from storage.database.archive import Archive
from storage.database.clock import utc_now
from storage.history.contents import content_row, detail_row
from storage.history.edits import EditKind
from storage.ledger.day_counts import DayMeasure, Measure, count
from storage.ledger.fetch_ids import first_id_at
from storage.ledger.payloads import digest_of, store_payloads
from storage.models import (
    Address,
    AddressKind,
    Article,
    Content,
    Edit,
    Fetch,
    Finding,
    Frontier,
    Meaning,
    Outcome,
    Reading,
    ReadingDetail,
    Source,
    Version,
    VersionState,
)

SOURCES: Final = 50
DAYS: Final = 3_975  # over which the articles are spread
START: Final = datetime(2016, 1, 1, tzinfo=UTC)
_END: Final = START + timedelta(days=DAYS)
_LANGUAGES: Final = ("en", "fr", "de", "es", "it", "pt", "nl", "sv")
_PAGE: Final = b"<!doctype html><title>A page</title><p>It is the page of all of them.</p>" * 500
_PAYLOAD: Final = digest_of(_PAGE)
_BATCH: Final = 500  # articles a transaction
_FETCHES_A_MILLISECOND: Final = 1 << 21  # ids of these (storage.ledger.fetch_ids)
_WORDS_ADDED: Final = 12  # by the second version
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


class Vocabulary:
    """Words, the commonest first."""

    def __init__(self, words: Sequence[str]) -> None:
        self.words = words
        self._shares = np.cumsum(1 / np.arange(2, len(words) + 2))
        # As they stand within a sentence, at the end of one, and at the end of a paragraph.
        self._within, self._ending, self._last = (
            np.array([word + end for word in words], dtype=object) for end in (" ", ". ", ".\n")
        )

    def text(self, chance: Generator, count: int) -> str:
        """A full stop every dozen words, and a paragraph every four dozen."""
        drawn = np.searchsorted(self._shares, chance.random(count) * self._shares[-1])
        words = self._within[drawn]
        words[11::12] = self._ending[drawn[11::12]]
        words[47::48] = self._last[drawn[47::48]]
        return "".join(words)


def vocabulary(size: int = 200_000) -> Vocabulary:
    chance = random.Random(1)
    words: dict[str, None] = {}
    while len(words) < size:
        length = min(6, 1 + len(words) // 200 + chance.randrange(3))
        words["".join(chance.choices(_SYLLABLES, k=max(1, length)))] = None
    return Vocabulary(list(words))


def fill(archive: Archive, articles: int, told: Callable[[int], None]) -> int:
    """Put so many articles in two versions each into an empty archive; returns the bytes of their
    titles and texts."""
    known = vocabulary()
    size = 0
    with archive.writing() as session:
        prepare_partitions(session, START)
        session.execute(insert(Source), [_source(number) for number in range(1, SOURCES + 1)])
        store_payloads(session, {_PAYLOAD: _PAGE})
        detail = detail_row({"section": "Sport"}, [])
        session.execute(insert(ReadingDetail), [detail])
    for start in range(1, articles + 1, _BATCH):
        numbers = range(start, min(start + _BATCH, articles + 1))
        made = [_rows(known, number, articles, detail["digest"]) for number in numbers]
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
    connection = session.connection()  # which inserts quicker than the session
    for table, rows in tables.items():
        connection.execute(insert(table), rows)
    count(session, _counts(tables[Article], tables[Edit]))
    said = tables[Content]
    return sum(len(row["title"].encode()) + len(row["text"].encode()) for row in said)


def _source(number: int) -> dict[str, Any]:
    name = f"site{number}.example"
    return {"id": number, "name": name, "url": f"https://{name}/", "added_at": START}


def _rows(known: Vocabulary, number: int, articles: int, detail: bytes) -> _Rows:
    chance = default_rng(number)
    published_at = START + timedelta(days=DAYS) * (number / articles)
    source_id = int(chance.integers(SOURCES)) + 1
    url = f"https://site{source_id}.example/{number}"
    title = known.text(chance, 8).strip(". \n")
    text = known.text(chance, 330)
    authors = [known.text(chance, 2).strip(". \n").title()]
    rows: _Rows = []
    contents: list[bytes] = []
    for place in (1, 2):
        version_id = 2 * number - 2 + place
        seen_at = published_at + timedelta(minutes=7 * place)
        if place == 2:
            text += known.text(chance, _WORDS_ADDED)
        content = content_row(
            title=title,
            text=text,
            blocks=[],
            authors=authors,
            published=(published_at, 0, "second"),
            language=_LANGUAGES[source_id % len(_LANGUAGES)],
        )
        contents.append(content["digest"])
        fetch_id = first_id_at(seen_at) + version_id % _FETCHES_A_MILLISECOND
        rows += [
            (Content, content),
            (Reading, _reading(version_id, content["digest"], detail)),
            (Version, _version(version_id, number, place, fetch_id, content["digest"], seen_at)),
            (VersionState, _state(version_id, number, place, seen_at)),
            (Fetch, _fetch(fetch_id, number, seen_at)),
            (Finding, _finding(fetch_id, number, version_id, place, seen_at)),
        ]
    rows.append((Edit, _edit(version_id, source_id, seen_at, contents)))
    article = {"id": number, "source_id": source_id, "url": url, "first_seen_at": published_at}
    article["current_version_id"] = 2 * number
    address = {"id": number, "key": url[6:], "url": url, "source_id": source_id}
    frontier = {
        "address_id": number,
        "source_id": source_id,
        "due_at": _END + timedelta(days=float(chance.random()) * 365),
        "digest": _PAYLOAD,
        "version_id": 2 * number,
        "checked_at": seen_at,
        "changed_at": seen_at,
        "edits": 1,
    }
    return [
        (Article, article),
        (Address, address | {"kind": AddressKind.PAGE, "article_id": number}),
        *rows,
        (Frontier, frontier),
    ]


def _counts(
    articles: Sequence[dict[str, Any]], edits: Sequence[dict[str, Any]]
) -> Counter[DayMeasure]:
    """Of each source and day; every version is a page that was fetched."""
    counts: Counter[DayMeasure] = Counter()
    for rows, measure in ((articles, Measure.ARTICLES), (edits, Measure.EDITS)):
        for row in rows:
            day = row["first_seen_at"].date()
            counts[row["source_id"], day, measure] += 1
            counts[row["source_id"], day, Measure.PAGE_FETCHED] += 1
    return counts


def _reading(version_id: int, content: bytes, detail: bytes) -> dict[str, Any]:
    return {
        "id": version_id,
        "input": version_id.to_bytes(32),
        "digest": _PAYLOAD,
        "extractor": "1",
        "template": "",
        "content_digest": content,
        "detail_digest": detail,
    }


def _version(
    version_id: int, article_id: int, number: int, fetch_id: int, content: bytes, at: datetime
) -> dict[str, Any]:
    return {
        "id": version_id,
        "article_id": article_id,
        "number": number,
        "digest": _PAYLOAD,
        "reading_id": version_id,
        "recorded_content": content,
        "fetch_id": fetch_id,
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


def _fetch(fetch_id: int, address_id: int, at: datetime) -> dict[str, Any]:
    return {
        "id": fetch_id,
        "address_id": address_id,
        "run_id": 1,
        "fetched_at": at,
        "status": 200,
        "digest": _PAYLOAD,
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


def _edit(
    version_id: int, source_id: int, at: datetime, contents: Sequence[bytes]
) -> dict[str, Any]:
    """As storage.history.edit_rows would make it (tests/benchmark/test_made_up_archive.py)."""
    kinds = {kind.value.replace("-", "_"): False for kind in EditKind}
    return {
        **kinds,
        "body": True,
        "addition": True,
        "version_id": version_id,
        "from_version_id": version_id - 1,
        "first_seen_at": at,
        "source_id": source_id,
        "from_content": contents[0],
        "to_content": contents[1],
        "completes": False,
        "alternating": False,
        "words_deleted": 0,
        "words_inserted": _WORDS_ADDED,
    }
