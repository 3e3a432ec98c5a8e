"""An operator who decides which addresses are one article, and what the archive says of them."""

from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import func, select

from storage.database.archive import Archive
from storage.history.identity_decisions import merge, split
from storage.history.identity_undoing import undo
from storage.models import (
    Address,
    Article,
    ArticleState,
    Version,
    VersionState,
)
from tests.support.archiving import Desk

BRIDGE = "The council has voted for the new bridge over the river after a long night"
GAME = "Three goals before the break made an easy evening for all who came to watch"


class Editor:
    """An operator's decisions on what a desk archived, each a minute later."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk

    def merge(self, keep: str, other: str) -> int:
        with self._deciding() as session:
            return merge(session, self._url(keep), self._url(other), now=self.desk.now).id

    def split(self, path: str) -> int:
        with self._deciding() as session:
            return split(session, self._url(path), now=self.desk.now).id

    def undo(self, decision_id: int | None = None) -> int:
        with self._deciding() as session:
            return undo(session, decision_id, now=self.desk.now).id

    def _deciding(self) -> Any:
        self.desk.now += timedelta(minutes=1)
        return self.desk.archive.writing()

    def _url(self, name: str) -> str:
        return self.desk.site + name.removeprefix("/") if name.startswith("/") else name


def titles(desk: Desk, path: str) -> list[str]:
    return [record.title for record in desk.history(path)]


class Told(NamedTuple):
    """What the archive says of an article. `history` is (number, version id) in order."""

    url: str
    state: ArticleState
    current: int | None
    first_seen_at: datetime
    history: list[tuple[int, int]]
    addresses: list[int]


def articles_of(archive: Archive) -> dict[int, Told]:
    """The articles that have something left, by id."""
    with archive.reading() as session:
        histories: dict[int, list[tuple[int, int]]] = {}
        for state in session.scalars(select(VersionState).order_by(VersionState.number)):
            histories.setdefault(state.article_id, []).append((state.number, state.version_id))
        addresses: dict[int, list[int]] = {}
        for address in session.scalars(
            select(Address).where(Address.article_id.is_not(None)).order_by(Address.id)
        ):
            addresses.setdefault(address.article_id or 0, []).append(address.id)
        return {
            article.id: Told(
                article.url,
                article.state,
                article.current_version_id,
                article.first_seen_at,
                histories.get(article.id, []),
                addresses.get(article.id, []),
            )
            for article in session.scalars(select(Article))
            if article.merged_into_id is None
        }


def assert_whole(archive: Archive) -> None:
    """Every version is in the history of an article that is there, numbered without a gap."""
    with archive.reading() as session:
        articles = {article.id: article for article in session.scalars(select(Article))}
        states = session.scalars(select(VersionState).order_by(VersionState.number)).all()
        assert len(states) == session.scalar(select(func.count()).select_from(Version))
        numbers: dict[int, list[int]] = {}
        versions: dict[int, set[int]] = {}
        for state in states:
            numbers.setdefault(state.article_id, []).append(state.number)
            versions.setdefault(state.article_id, set()).add(state.version_id)
        for article_id, given_numbers in numbers.items():
            assert given_numbers == list(range(1, len(given_numbers) + 1))
            assert articles[article_id].merged_into_id is None
        for article in articles.values():
            known = versions.get(article.id, set())
            assert article.current_version_id in known or not known
        led_to = set(
            session.scalars(select(Address.article_id).where(Address.article_id.is_not(None)))
        )
        assert all(articles[it or 0].merged_into_id is None for it in led_to)
