"""What a replay's archive holds, held against what is known of the site.

An edit counts when it is a version at the look that showed it. Paths that differ in `index.html`,
`.html` or a slash at their end are one.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import unquote, urlsplit

from sqlalchemy import text
from sqlalchemy.orm import Session

from crawler.replaying.packs import Replayed

_END: Final = re.compile(r"(index)?\.html?$")


@dataclass(frozen=True, slots=True)
class Score:
    """Of one look, or of all: articles that are there and found, and live ones that are none as of
    then; edits to be found, found at once, a look late, not at this look; versions of nothing."""

    look: str
    at: datetime
    articles: int
    found: int
    others: int
    edits: int
    at_once: int
    late: int
    missed: int
    false: int
    missing_articles: tuple[str, ...] = ()
    other_pages: tuple[str, ...] = ()
    missed_edits: tuple[str, ...] = ()
    false_versions: tuple[str, ...] = ()


class Scorer:
    """Looks at the archive after each look of the replay, in order."""

    def __init__(self) -> None:
        self._versions: dict[str, int] = {}
        self._owed: set[str] = set()
        self.scores: list[Score] = []

    def look(self, session: Session, look: Replayed) -> Score:
        pages = _keys(look.articles)
        live = _live(session)
        shown = set[str]().union(*live)
        others = [min(names) for names in live if not names & pages]
        before, now = self._versions, _versions(session)
        new = {it for it in now if it in before and now[it] > before[it]} & pages
        want = {it for it in _keys(look.edits) if it in before}
        may = {it for it in _keys(look.may) if it in before} - want
        late = (new - want) & self._owed
        false, missed = new - want - self._owed - may, want - new
        self._owed, self._versions = missed | (may - new), now
        score = Score(
            look.name, look.at, len(pages), len(pages & shown), len(others),
            len(want), len(new & want), len(late), len(missed), len(false),
            *(tuple(sorted(it)) for it in (pages - shown, others, missed, false)),
        )  # fmt: skip
        self.scores.append(score)
        return score

    def total(self) -> Score:
        """Articles and other pages at the end, and all edits."""
        last = self.scores[-1]
        edits, at_once, late, missed, false = (
            sum(getattr(it, name) for it in self.scores)
            for name in ("edits", "at_once", "late", "missed", "false")
        )
        return Score(
            "all", last.at, last.articles, last.found, last.others,
            edits, at_once, late, missed, false, last.missing_articles, last.other_pages,
        )  # fmt: skip


def key(url: str) -> str:
    """One name for /a, /a/, /a.html and /a/index.html."""
    return _END.sub("", unquote(urlsplit(url).path).lstrip("/")).rstrip("/")


def _keys(paths: Iterable[str]) -> set[str]:
    return {key(f"/{path}") for path in paths}


def _live(session: Session) -> list[set[str]]:
    """The names of each article that readers can see."""
    names: dict[int, set[str]] = {
        row.id: {key(row.url)}
        for row in session.execute(text("SELECT id, url FROM articles WHERE state = 'live'"))
    }
    known = text("SELECT url, article_id FROM addresses WHERE article_id IS NOT NULL")
    for row in session.execute(known):
        if row.article_id in names:
            names[row.article_id].add(key(row.url))
    return list(names.values())


def _versions(session: Session) -> dict[str, int]:
    """How many versions there are of each article, by the name of its address."""
    query = text(
        "SELECT a.url, count(*) AS n FROM article_versions v JOIN articles a"
        " ON a.id = v.article_id GROUP BY a.url"
    )
    return {key(row.url): row.n for row in session.execute(query)}
