"""How near an extraction comes to the right answer, in figures.

precision, recall, F1   over the words of the text, as bags; the mean over pages
exact                   the share of texts that are the right words in the right order
seg, leak               F1 over passages that must or must not be there; how many were that
                        must not
title, date, authors    the share that match: words, day, set of names
"""

import re
import statistics
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from tests.benchmark.corpora import Case

COLUMNS = ("precision", "recall", "F1", "exact", "seg", "leak", "title", "date", "authors")

_WORD = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Reading:
    """What an extractor made of a page, in how many seconds of CPU, or how it failed."""

    text: str = ""
    title: str = ""
    authors: Sequence[str] = ()
    date: str = ""
    seconds: float = 0.0
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Passages:
    """Of annotated passages, how many: wanted and found, unwanted and found, wanted and missed."""

    found: int
    leaked: int
    missed: int


@dataclass(frozen=True, slots=True)
class Scores:
    """One page's figures, by column; only those its right answer is known for."""

    values: Mapping[str, float] = field(default_factory=dict)
    passages: Passages | None = None


def score(case: Case, reading: Reading) -> Scores:
    """Compare what was read with what should have been."""
    values: dict[str, float] = {}
    if case.text:
        found = _words(reading.text)
        wanted = _words(_text(case, found))
        values["precision"], values["recall"], values["F1"] = overlap(found, wanted)
        values["exact"] = float(found == wanted)
    if case.title:
        values["title"] = float(_plain(reading.title) == _plain(case.title))
    if case.date:
        values["date"] = float(reading.date[:10] == case.date[:10])
    if case.authors:
        values["authors"] = float(_names(reading.authors) == _names(case.authors))
    return Scores(values, _passages(case, reading.text))


def overlap(found: Sequence[str], wanted: Sequence[str]) -> tuple[float, float, float]:
    """Precision, recall and F1 over two bags of words."""
    common = (Counter(found) & Counter(wanted)).total()
    if not common:
        same = float(not found and not wanted)
        return same, same, same
    precision, recall = common / len(found), common / len(wanted)
    return precision, recall, 2 * precision * recall / (precision + recall)


def summarize(scores: Iterable[Scores]) -> dict[str, float]:
    """The figures of many pages, by column: means; for passages, over all of them together."""
    scores = list(scores)
    row: dict[str, float] = {}
    passages = [one.passages for one in scores if one.passages]
    for column in COLUMNS:
        values = [one.values[column] for one in scores if column in one.values]
        if values:
            row[column] = statistics.fmean(values)
        elif column == "seg" and passages:
            hits = 2 * sum(one.found for one in passages)
            row["seg"] = hits / max(1, hits + sum(one.leaked + one.missed for one in passages))
            row["leak"] = sum(one.leaked for one in passages)
    return row


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def _plain(text: str) -> str:
    return " ".join(_words(unicodedata.normalize("NFKC", text)))


def _names(authors: Iterable[str]) -> set[str]:
    return {_plain(author) for author in authors} - {""}


def _text(case: Case, found: Sequence[str]) -> str:
    """The right text; an optional paragraph is part of it where it was found."""
    if not case.optional:
        return case.text or ""
    have = " ".join(found)
    return "\n".join(
        text
        for number, text in enumerate(case.paragraphs)
        if number not in case.optional or " ".join(_words(text)) in have
    )


def _passages(case: Case, text: str) -> Passages | None:
    if not (case.wanted or case.unwanted):
        return None
    flat = _squeeze(text)
    found = sum(_squeeze(passage) in flat for passage in case.wanted)
    leaked = sum(_squeeze(passage) in flat for passage in case.unwanted)
    return Passages(found, leaked, len(case.wanted) - found)


def _squeeze(text: str) -> str:
    return " ".join(text.split())
