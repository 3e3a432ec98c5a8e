"""The desks of the demonstration site: one language, theme, feed and way of caching each."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from scripts.demo.articles import EDITIONS, SITE


@dataclass(frozen=True, slots=True)
class Section:
    name: str
    path: str


@dataclass(frozen=True, slots=True)
class About:
    title: str
    path: str
    text: str


@dataclass(frozen=True, slots=True)
class Desk:
    """`links` are the other desks' fronts by their names.

    `validators` says what is sent for conditional GET: any of `etag` and `last-modified`.
    """

    language: str
    name: str
    front: str
    about: About
    theme: str
    author_joint: str
    feed: str
    feed_format: str
    sections: Mapping[str, Section]
    links: Mapping[str, str]
    adverts: tuple[str, ...]
    validators: frozenset[str]
    amp: bool = False


@cache
def read_desks(edition: int = EDITIONS[0]) -> Mapping[str, Desk]:
    """The desks of site.toml by key, in the themes that they have in an edition."""
    tables = tomllib.loads((SITE / "site.toml").read_text(encoding="utf-8"))
    themes: dict[str, str] = {}
    for since, redesigned in tables["redesigns"].items():
        if int(since) <= edition:
            themes |= redesigned
    return {
        key: Desk(
            **{
                **table,
                "theme": themes.get(key, table["theme"]),
                "about": About(**table["about"]),
                "sections": {slug: Section(**one) for slug, one in table["sections"].items()},
                "adverts": tuple(tables["adverts"][key]),
                "validators": frozenset(table["validators"]),
            }
        )
        for key, table in tables["desks"].items()
    }
