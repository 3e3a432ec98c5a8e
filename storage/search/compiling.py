"""A parsed query as Tantivy asks it, and what of it is to be marked in the texts that are found."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from tantivy import FieldType, Occur, Query, Schema

from storage.history.edits import EditKind
from storage.models import ArticleState
from storage.search import query as language
from storage.search.analysis import LANGUAGES, stem, terms
from storage.search.documents import microseconds
from storage.search.errors import BadQuery
from storage.search.fields import DECLARED, SILENT, TEXT, TITLE, stemmed

_WEIGHTS: Final = {TITLE: 4.0, TEXT: 1.0}  # of a word as it is asked for; of its stem half of that
MOST_WORDS: Final = 256  # of a phrase

_TIMES: Final = {"published": "moment", "seen": "seen"}
_WHEN = re.compile(r"(?P<year>\d{4})(?:-(?P<month>\d\d)(?:-(?P<day>\d\d))?)?")

SourceIds = Callable[[str], Sequence[int]]
"""The ids of the sources of a name, or that begin with what is before `*`."""


@dataclass(slots=True)
class Marks:
    """What makes a word of a text one that was asked for: itself, its beginning, or its stem."""

    words: set[str] = field(default_factory=set)
    prefixes: set[str] = field(default_factory=set)
    stems: dict[str, set[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Compiled:
    """`query` is None where nothing is asked for; `ranks` tells whether one match can be better
    than another."""

    query: Query | None
    marks: Marks
    ranks: bool


def compile_query(
    text: str, schema: Schema, sources: SourceIds, narrowing: Sequence[Query] = ()
) -> Compiled:
    """`narrowing` is what the whole must find besides, which spares phrases the positions of other
    documents. Raises BadQuery."""
    node = language.parse(text)
    compiler = _Compiler(text, schema, sources, narrowing)
    found = None if node is None else compiler.compile(node, marked=True)
    if found is None and text.strip():
        raise BadQuery("no word to search for", text, len(text) - len(text.lstrip()))
    return Compiled(found, compiler.marks, compiler.ranks)


def both(*queries: Query | None) -> Query:
    """What all of these find; None finds everything."""
    wanted = [(Occur.Must, it) for it in queries if it is not None]
    return Query.boolean_query(wanted) if wanted else Query.all_query()


def either(queries: Sequence[Query]) -> Query:
    return Query.boolean_query([(Occur.Should, it) for it in queries])


def unscored(query: Query) -> Query:
    """The same, without a say in which match is better."""
    return Query.const_score_query(query, 0.0)


def number(schema: Schema, name: str, least: int | None = None, below: int | None = None) -> Query:
    """Where a number is `least` or more, and less than `below`."""
    found = Query.range_query(
        schema, name, FieldType.Integer, least, below, include_upper=below is None
    )
    return unscored(found)


def term(schema: Schema, name: str, value: object) -> Query:
    return unscored(Query.term_query(schema, name, value, index_option="basic"))


class _Compiler:
    def __init__(
        self, text: str, schema: Schema, sources: SourceIds, narrowing: Sequence[Query]
    ) -> None:
        self._text = text
        self._schema = schema
        self._sources = sources
        self._narrowing = narrowing
        self.marks = Marks()
        self.ranks = False

    def compile(self, node: language.Node, *, marked: bool) -> Query | None:
        """None where there is no word in it."""
        match node:
            case language.Term():
                return self._term(node, marked=marked)
            case language.Not(part):
                found = self.compile(part, marked=False)
                if found is None:
                    return None
                return Query.boolean_query(
                    [(Occur.Must, unscored(Query.all_query())), (Occur.MustNot, found)]
                )
            case language.Any(parts):
                some = [it for part in parts if (it := self.compile(part, marked=marked))]
                return either(some) if some else None
            case language.All(parts):
                return self._all(parts, marked=marked)

    def _all(self, parts: Sequence[language.Node], *, marked: bool) -> Query | None:
        wanted: list[tuple[Occur, Query]] = []
        for part in parts:
            left_out = isinstance(part, language.Not)
            inner = part.part if isinstance(part, language.Not) else part
            found = self.compile(inner, marked=marked and not left_out)
            if found is not None:
                wanted.append((Occur.MustNot if left_out else Occur.Must, found))
        if not wanted:
            return None
        if all(occur is Occur.MustNot for occur, _ in wanted):
            wanted.append((Occur.Must, unscored(Query.all_query())))
        return Query.boolean_query(wanted)

    def _term(self, it: language.Term, *, marked: bool) -> Query | None:
        match it.field:
            case "":
                return self._words(it, (TITLE, TEXT), marked=marked)
            case "title" | "body":
                fields = (TITLE if it.field == "title" else TEXT,)
                return self._words(it, fields, marked=marked)
            case "author" | "section":
                found = self._exact(it.field, terms(it.text), it.at, prefix=it.prefix)
                return None if found is None else unscored(found)
            case "source":
                return self._source(it)
            case "lang":
                code = it.text.partition("-")[0].lower()
                return term(self._schema, "language", code)
            case "state":
                return self._one_of(it, [state.value for state in ArticleState])
            case "change":
                return self._one_of(it, [*(kind.value for kind in EditKind), DECLARED, SILENT])
            case name:
                since, until = self._days(it)
                return number(self._schema, _TIMES[name], since, until)

    def _words(self, it: language.Term, fields: Sequence[str], *, marked: bool) -> Query | None:
        words = terms(it.text)
        found = [
            Query.boost_query(query, _WEIGHTS[name])
            for name in fields
            if (query := self._exact(name, words, it.at, prefix=it.prefix)) is not None
        ]
        if not found:
            return None
        self.ranks = True
        if marked:
            self.marks.words.update(words[:-1] if it.prefix else words)
            self.marks.prefixes.update(words[-1:] if it.prefix else ())
        if len(words) == 1 and not it.phrase and not it.prefix:
            found += self._stems(it.text, fields, marked=marked)
        return either(found)

    def _stems(self, text: str, fields: Sequence[str], *, marked: bool) -> Iterator[Query]:
        for code in LANGUAGES:
            stemmed_word = stem(code, text)
            if marked:
                self.marks.stems.setdefault(code, set()).add(stemmed_word)
            for name in fields:
                query = Query.term_query(
                    self._schema, stemmed(name, code), stemmed_word, index_option="freq"
                )
                yield Query.boost_query(query, _WEIGHTS[name] / 2)

    def _exact(self, name: str, words: Sequence[str], at: int, *, prefix: bool) -> Query | None:
        if not words:
            return None
        if len(words) > MOST_WORDS:
            raise BadQuery(f"a phrase has {MOST_WORDS} words at most", self._text, at)
        if prefix:
            # Words are letters and digits alone: none means anything in a regular expression.
            patterns = [*words[:-1], f"{words[-1]}.*"]
            if len(words) == 1:
                return Query.regex_query(self._schema, name, patterns[0])
            return Query.regex_phrase_query(self._schema, name, list(patterns))
        if len(words) == 1:
            return Query.term_query(self._schema, name, words[0], index_option="freq")
        return both(Query.phrase_query(self._schema, name, list(words)), *self._narrowing)

    def _source(self, it: language.Term) -> Query:
        ids = self._sources(f"{it.text}*" if it.prefix else it.text)
        if not ids:
            raise BadQuery(f"no source {it.text}", self._text, it.at)
        return unscored(Query.term_set_query(self._schema, "source", list(ids)))

    def _one_of(self, it: language.Term, known: Sequence[str]) -> Query:
        if it.text.lower() not in known:
            message = f"{it.field} is one of {', '.join(known)}"
            raise BadQuery(message, self._text, it.at)
        return term(self._schema, it.field, it.text.lower())

    def _days(self, it: language.Term) -> tuple[int | None, int | None]:
        """Since when and before when, in microseconds."""
        first, dots, last = it.text.partition("..")
        if not first and not last:
            raise self._bad_day(it)
        since = self._period(it, first)[0] if first else None
        until = self._period(it, last if dots else first)[1] if last or not dots else None
        return since, until

    def _period(self, it: language.Term, text: str) -> tuple[int, int]:
        match = _WHEN.fullmatch(text)
        if match is None:
            raise self._bad_day(it)
        try:
            begin = datetime(
                int(match["year"]), int(match["month"] or 1), int(match["day"] or 1), tzinfo=UTC
            )
            if match["day"]:
                end = begin + timedelta(days=1)
            elif match["month"]:
                end = (begin + timedelta(days=31)).replace(day=1)
            else:
                end = begin.replace(year=begin.year + 1)
        except (ValueError, OverflowError):
            raise self._bad_day(it) from None
        return microseconds(begin), microseconds(end)

    def _bad_day(self, it: language.Term) -> BadQuery:
        return BadQuery("put it as 2026, 2026-03, 2026-03-01, or from..to", self._text, it.at)
