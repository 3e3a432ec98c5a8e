"""The query language, parsed: docs/search.md has the grammar.

query   := all ("OR" all)*
all     := one ("AND"? one)*
one     := ("NOT" | "-") one | [field ":"] ( "(" query ")" | "phrase" | word | word "*" )
"""

import re
from dataclasses import dataclass, replace
from typing import Final

from storage.search.errors import BadQuery

LONGEST: Final = 10_000  # characters
MOST_TERMS: Final = 256
DEEPEST: Final = 50  # brackets within brackets

FIELDS: Final = (
    "title",
    "body",
    "author",
    "section",
    "source",
    "lang",
    "state",
    "change",
    "published",
    "seen",
)

_TOKEN = re.compile(r'\s*(?:(?P<open>\()|(?P<close>\))|(?P<quote>")|(?P<word>[^\s()"]+))')
_FIELD = re.compile(r"([A-Za-z]+):")


@dataclass(frozen=True, slots=True)
class Term:
    """A word, a phrase or a value, of `field`, empty where none was named; at character `at`."""

    field: str
    text: str
    at: int
    phrase: bool = False
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class All:
    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Any:
    parts: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Not:
    part: "Node"


Node = Term | All | Any | Not


def parse(query: str) -> Node | None:
    """What the query asks for; None where it is empty. Raises BadQuery."""
    if len(query) > LONGEST:
        raise BadQuery(f"a query has {LONGEST} characters at most", query, LONGEST)
    return _Parser(query).parse()


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    at: int


class _Parser:
    def __init__(self, query: str) -> None:
        self._query = query
        self._at = 0
        self._terms = 0
        self._next = self._read()

    def parse(self) -> Node | None:
        if self._next.kind == "end":
            return None
        node = self._any("", 0)
        if self._next.kind == "close":
            raise self._wrong("this bracket closes none", self._next.at)
        return node

    def _any(self, field: str, depth: int) -> Node:
        parts = [self._all(field, depth)]
        while self._is("OR"):
            self._step()
            parts.append(self._all(field, depth))
        return parts[0] if len(parts) == 1 else Any(tuple(parts))

    def _all(self, field: str, depth: int) -> Node:
        parts = [self._one(field, depth)]
        while True:
            if self._is("AND"):
                self._step()
            elif self._next.kind in ("end", "close") or self._is("OR"):
                break
            parts.append(self._one(field, depth))
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def _one(self, field: str, depth: int) -> Node:
        token = self._step()
        if depth > DEEPEST:
            raise self._wrong(f"brackets go {DEEPEST} deep at most", token.at)
        match token.kind:
            case "end":
                raise self._wrong("a word is missing here", len(self._query.rstrip()))
            case "close":
                raise self._wrong("a word is missing before this bracket", token.at)
            case "open":
                return self._bracket(token, field, depth)
            case "phrase":
                word = _of_word(field, token.text, token.at)
                return self._term(replace(word, phrase=True))
            case _:
                return self._word(token, field, depth)

    def _bracket(self, token: _Token, field: str, depth: int) -> Node:
        node = self._any(field, depth + 1)
        if self._step().kind != "close":
            raise self._wrong("this bracket is never closed", token.at)
        return node

    def _word(self, token: _Token, field: str, depth: int) -> Node:
        text, at = token.text, token.at
        if text in ("AND", "OR"):
            raise self._wrong(f"a word is missing before {text}", at)
        if text == "NOT":
            return Not(self._one(field, depth + 1))
        if text.startswith("-") and text.strip("-"):
            self._back(at + 1)
            return Not(self._one(field, depth + 1))
        if text == "-" and self._next.at == at + 1 and self._next.kind != "end":
            return Not(self._one(field, depth + 1))
        named = _FIELD.match(text)
        if named is None:
            return self._term(_of_word(field, text, at))
        name = named[1].lower()
        if name not in FIELDS:
            known = ", ".join(FIELDS)
            raise self._wrong(f"no field {named[1]}: put it in quotes, or use {known}", at)
        if field:
            raise self._wrong(f"this is within {field}: already", at)
        value = text[named.end() :]
        if value:
            return self._term(_of_word(name, value, at + named.end()))
        if self._next.at != at + len(text) or self._next.kind in ("end", "close", "word"):
            raise self._wrong(f"what is {name} to be?", at + len(text))
        return self._one(name, depth + 1)

    def _term(self, term: Term) -> Term:
        self._terms += 1
        if self._terms > MOST_TERMS:
            raise self._wrong(f"a query has {MOST_TERMS} words at most", term.at)
        place = term.text.rstrip("*").find("*")
        if place >= 0 and not term.phrase:
            raise self._wrong("* stands at the end of a word alone", term.at + place)
        return term

    def _is(self, word: str) -> bool:
        return self._next.kind == "word" and self._next.text == word

    def _step(self) -> _Token:
        token, self._next = self._next, self._next
        if token.kind != "end":
            self._next = self._read()
        return token

    def _back(self, at: int) -> None:
        self._at = at
        self._next = self._read()

    def _read(self) -> _Token:
        match = _TOKEN.match(self._query, self._at)
        if match is None:
            return _Token("end", "", len(self._query))
        self._at = match.end()
        kind = str(match.lastgroup)
        at = match.start(kind)
        if kind != "quote":
            return _Token(kind, match[kind], at)
        end = self._query.find('"', at + 1)
        if end < 0:
            raise self._wrong("this quotation mark is never closed", at)
        self._at = end + 1
        return _Token("phrase", self._query[at + 1 : end], at)

    def _wrong(self, message: str, at: int) -> BadQuery:
        return BadQuery(message, self._query, at)


def _of_word(field: str, text: str, at: int) -> Term:
    return Term(field, text.rstrip("*"), at, prefix=text.endswith("*"))
