"""What listings tell of a page only after it was fetched: that it was modified before. And what
tells nothing: that all were, at one time."""

from collections.abc import Iterable, Set
from datetime import timedelta

from sqlalchemy.orm import Session

from crawler.sessions.findings import Seen
from storage.frontier.listings import modified_by_kind, other_articles, said_modified
from storage.history.looks import looks_before

_MANY = 5  # pages
_ONE_TIME = timedelta(minutes=10)  # that a site takes to be built
_OTHERS = 50  # articles that are asked about besides
_NEARLY_ALL = 0.9  # of these


def announced_late(session: Session, pages: Iterable[Seen]) -> set[int]:
    """Of these pages, by address, those that listings say were modified since what is known of
    them, and by the time that they were fetched."""
    pages = list(pages)
    said = said_modified(session, [page.address_id for page in pages])
    announced = set()
    for page in pages:
        at = said.get(page.address_id)
        if at is None or at > page.fetched_at:
            continue
        before = looks_before(session, page.address_id, page.fetch_id).fetched_at
        if before is not None and before < at:
            announced.add(page.address_id)
    return announced


def built_at_once(session: Session, source_id: int, pages: Set[int]) -> set[int]:
    """Of these pages of a source, by address, those of which a kind of listing says that they were
    modified at one time, as nearly all its other articles were: when the site was built, which
    tells nothing of a page. What was corrected at one time on some articles is told from others."""
    by_kind = modified_by_kind(session, sorted(pages))
    if pages - set[int]().union(*by_kind.values()):
        return set()  # it tells them from others
    others = other_articles(session, source_id, without=pages, limit=_OTHERS)
    by_others = modified_by_kind(session, others)
    at_once: set[int] = set()
    for kind, said in by_kind.items():
        first, last = min(said.values()), max(said.values())
        if len(said) < _MANY or last - first > _ONE_TIME:
            continue
        times = by_others.get(kind, {}).values()
        built = sum(first - _ONE_TIME <= at <= last + _ONE_TIME for at in times)
        if built >= _NEARLY_ALL * len(others):
            at_once |= said.keys()
    return at_once
