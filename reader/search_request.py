"""A search as an address asks for it, and the same search as a command and as Python. Pure."""

import shlex
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, Final
from urllib.parse import urlencode

from reader.dates import day_asked, moment_asked, start_of_day
from reader.faults import N_, WrongRequest
from reader.languages import PARAMETER as LANGUAGE
from storage.search.options import Options, Sort, Versions

FACETS: Final = ("source", "lang", "state", "change")
EVERYTHING: Final = "seen:1970.."
"""A query that finds all: a command or an export wants one."""

_PARAMETERS: Final = ("q", *FACETS, "since", "until", "as_of", "versions", "sort")


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchRequest:
    """What is asked for; `facets` are the chosen values by field. Days and times as they were
    given."""

    query: str = ""
    facets: tuple[tuple[str, str], ...] = ()
    since: str = ""
    until: str = ""
    as_of: str = ""
    every: bool = False
    newest: bool = False

    @property
    def whole_query(self) -> str:
        """The query with what the facets leave of it, but for sources, which are an option."""
        parts = [f"({self.query})"] if self.query and self._narrowing() else [self.query]
        return " ".join([part for part in [*parts, *self._narrowing()] if part])

    @property
    def sources(self) -> tuple[str, ...]:
        return self.chosen("source")

    @property
    def options(self) -> Options:
        """Raises WrongRequest for a day or time that is none."""
        return Options(
            sources=self.sources,
            since=start_of_day(day_asked(self.since)),
            until=start_of_day(day_asked(self.until)),
            as_of=moment_asked(self.as_of),
            versions=Versions.ALL if self.every and not self.as_of else Versions.CURRENT,
            sort=Sort.NEWEST if self.newest else Sort.RELEVANCE,
        )

    @property
    def is_empty(self) -> bool:
        return self == SearchRequest(newest=self.newest)

    def chosen(self, facet: str) -> tuple[str, ...]:
        return tuple(value for name, value in self.facets if name == facet)

    def toggled(self, facet: str, value: str) -> "SearchRequest":
        """The same with that value of a facet chosen, or not if it was."""
        pair = (facet, value)
        kept = tuple(it for it in self.facets if it != pair)
        return replace(self, facets=kept if pair in self.facets else (*kept, pair))

    def within(self, since: date, until: date) -> "SearchRequest":
        return replace(self, since=since.isoformat(), until=until.isoformat())

    def without(self, *names: str) -> "SearchRequest":
        return replace(self, **dict.fromkeys(names, ""))  # type: ignore[arg-type]

    def address(self, path: str = "/search", **more: str) -> str:
        """Where this is answered."""
        asked = [
            ("q", self.query),
            *self.facets,
            ("since", self.since),
            ("until", self.until),
            ("as_of", self.as_of),
            ("versions", "all" if self.every else ""),
            ("sort", "newest" if self.newest else ""),
            *more.items(),
        ]
        return f"{path}?{urlencode([(name, value) for name, value in asked if value])}"

    def command(self) -> str:
        """The same search in a terminal."""
        parts = ["permalien", "search", self.whole_query or EVERYTHING, *self._options()]
        if self.every and not self.as_of:
            parts += ["--versions", "all"]
        if self.newest:
            parts += ["--sort", "newest"]
        return shlex.join(parts)

    def export_command(self, suffix: str) -> str:
        """The same search as an export."""
        parts = ["permalien", "export", f"search.{suffix}", "--search"]
        parts += [self.whole_query or EVERYTHING, *self._options()]
        if self.every and not self.as_of:
            parts.append("--all-versions")
        return shlex.join(parts)

    def python(self, database: str) -> str:
        """The same search in Python."""
        arguments = [repr(self.whole_query)]
        if self.sources:
            arguments.append(f"source={list(self.sources)!r}")
        arguments += [f"{name}={_date(value)}" for name, value in self._days()]
        if self.every and not self.as_of:
            arguments.append("all_versions=True")
        if self.newest:
            arguments.append("newest=True")
        lines = [
            "import datetime",
            "import permalien",
            "",
            f"with permalien.open({database!r}) as archive:",
            f"    for hit in archive.search({', '.join(arguments)}):",
            "        print(hit.title, hit.url)",
        ]
        return "\n".join(lines if self._days() else lines[1:])

    def _options(self) -> list[str]:
        options = [it for name in self.sources for it in ("--source", name)]
        for name, value in self._days():
            options += [f"--{name.replace('_', '-')}", value]
        return options

    def _days(self) -> list[tuple[str, str]]:
        return [
            (name, value)
            for name in ("since", "until", "as_of")
            if (value := str(getattr(self, name)))
        ]

    def _narrowing(self) -> list[str]:
        """Each facet as a part of a query: any of its values."""
        parts = []
        for facet in FACETS[1:]:
            values = [f'{facet}:"{value}"' for value in self.chosen(facet)]
            if values:
                parts.append(values[0] if len(values) == 1 else f"({' OR '.join(values)})")
        return parts


def search_request(parameters: Any, *others: str) -> SearchRequest:
    """What the parameters of an address ask for; of those beside it that are named `others`.
    Raises WrongRequest, for a name that none has too."""
    known = (*_PARAMETERS, *others)
    if unknown := sorted(set(parameters.keys()) - {*known, LANGUAGE}):
        message = N_("There is no parameter %(name)s; there are %(known)s.")
        raise WrongRequest(message, name=unknown[0][:100], known=", ".join(known))

    def one(name: str) -> str:
        return str(parameters.get(name, "")).strip()

    facets = []
    for name, value in parameters.multi_items():
        if name in FACETS and value.strip():
            if '"' in value or len(value) > 200:
                raise WrongRequest(N_("%(name)s can't be that."), name=name)
            facets.append((name, value.strip()))
    if len(facets) > 100:
        raise WrongRequest(N_("That is too much to ask for at once."))
    asked = SearchRequest(
        query=one("q"),
        facets=tuple(dict.fromkeys(facets)),
        since=one("since"),
        until=one("until"),
        as_of=one("as_of"),
        every=one("versions") == "all",
        newest=one("sort") == "newest",
    )
    _ = asked.options  # whether its days are days
    return asked


def _date(text: str) -> str:
    when = datetime.fromisoformat(text)
    if when.tzinfo is not None:
        return f"datetime.datetime.fromisoformat({text!r})"
    return f"datetime.date({when.year}, {when.month}, {when.day})"
