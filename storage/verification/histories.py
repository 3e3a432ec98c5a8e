"""Articles' histories made again from fetches and findings: versions, their order, bounds and
pointers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import groupby, pairwise
from operator import attrgetter
from typing import Any, Final

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, aliased

from storage.history.presence import state_of
from storage.ledger.fetch_ids import first_id_at
from storage.ledger.findings import is_latest
from storage.models import (
    Address,
    Article,
    ArticleState,
    Fetch,
    Finding,
    Frontier,
    IdentityDecision,
    Meaning,
    Outcome,
    Reading,
    Version,
    VersionState,
)
from storage.verification.check import AnySelect, Check, Done, count
from storage.verification.edits import articles_of
from storage.verification.report import DERIVED, RESTORE_MISSING, Report
from storage.verification.scope import Scope

_CHUNK: Final = 200  # articles that are in memory at a time
_MOST: Final = 500  # rows in doubt that are looked up
_THERE: Final = frozenset({ArticleState.LIVE, ArticleState.WALLED})
_AROUND: Final = first_id_at(datetime(1970, 1, 1, 0, 0, 10, tzinfo=UTC))  # ten seconds, in ids


@dataclass(slots=True)
class _Known:
    """What else is known of some articles, by id."""

    versions: dict[int, list[Any]]
    seen: dict[int, tuple[int, datetime]]  # by version id the fetch that showed it last, and when
    shown: dict[int, set[int]]  # versions that addresses show
    urls: dict[int, set[str]]
    decided: set[int]  # articles that a decision moved something of
    doubtful: set[int | None]  # articles of which a fetch, or what was found of it, is blamed


def _rows(session: Session, scope: Scope) -> int:
    return count(session, select(Article.id).where(scope.of_articles()))


def _run(session: Session, scope: Scope, report: Report, done: Done) -> None:
    _tell_moved(session, report)
    after = 0
    query = select(Article).where(scope.of_articles()).order_by(Article.id).limit(_CHUNK)
    while articles := session.scalars(query.where(Article.id > after)).all():
        known = _known(session, report, [it.id for it in articles])
        for article in articles:
            _check(session, report, article, known)
        after = articles[-1].id
        session.expunge_all()
        done(len(articles))


def _tell_moved(session: Session, report: Report) -> None:
    """A version stands in the article that it was made in, but for decisions."""
    articles = (Version.article_id, VersionState.article_id)
    decided = exists().where(
        IdentityDecision.from_article_id.in_(articles)
        | IdentityDecision.to_article_id.in_(articles)
    )
    query = (
        select(Version.id, *articles)
        .join(VersionState, VersionState.version_id == Version.id)
        .where(articles[0] != articles[1], ~decided)
        .limit(_MOST)
    )
    for version_id, born_in, stands_in in session.execute(query):
        if not report.doubts("version", version_id):
            told = f"article {born_in}: no decision moved version {version_id}"
            found = f"article {stands_in}"
            report.add("version_state", version_id, expected=told, found=found)


def _known(session: Session, report: Report, ids: Sequence[int]) -> _Known:
    rows = session.execute(_versions(ids)).all()
    last = (
        select(Finding.version_id, func.max(Fetch.id).label("fetch_id"))
        .select_from(Address)
        .join(Fetch, Fetch.address_id == Address.id)
        .join(Finding, (Finding.fetch_id == Fetch.id) & is_latest())
        .where(Address.article_id.in_(ids), Finding.version_id.is_not(None))
        .group_by(Finding.version_id)
        .subquery()
    )
    seen = session.execute(
        select(last.c.version_id, Fetch.id, Fetch.fetched_at).join(
            Fetch, Fetch.id == last.c.fetch_id
        )
    )
    leading = session.execute(
        select(Address.article_id, Address.url, Frontier.version_id)
        .outerjoin(Frontier, Frontier.address_id == Address.id)
        .where(Address.article_id.in_(ids))
    ).all()
    shown: dict[int, set[int]] = {it: set() for it in ids}
    urls: dict[int, set[str]] = {it: set() for it in ids}
    for article_id, url, version_id in leading:
        if article_id is None:
            continue
        urls[article_id].add(url)
        if version_id is not None:
            shown[article_id].add(version_id)
    decided = session.execute(
        select(IdentityDecision.from_article_id, IdentityDecision.to_article_id).where(
            IdentityDecision.from_article_id.in_(ids) | IdentityDecision.to_article_id.in_(ids)
        )
    )
    in_doubt = report.doubted("fetch", "finding")[:_MOST]
    doubtful: set[int | None] = set(
        session.scalars(
            select(Address.article_id)
            .join(Fetch, Fetch.address_id == Address.id)
            .where(Fetch.id.in_(in_doubt), Address.article_id.in_(ids))
        )
    ) | set(
        session.scalars(
            select(Finding.article_id).where(
                Finding.fetch_id.in_(in_doubt), Finding.article_id.in_(ids)
            )
        )
    )
    doubtful |= articles_of(session, report.doubted("version", "version_state")[:_MOST])
    return _Known(
        {key: list(group) for key, group in groupby(rows, key=attrgetter("stands_in"))},
        {version_id: (fetch_id, at) for version_id, fetch_id, at in seen},
        shown,
        urls,
        {article_id for pair in decided for article_id in pair},
        doubtful,
    )


def _versions(ids: Sequence[int]) -> AnySelect:
    recorded, best = aliased(Reading), aliased(Reading)
    return (
        select(
            Version.id,
            Version.number,
            Version.identifier,
            Version.digest,
            Version.recorded_content,
            Version.fetch_id,
            Version.first_seen_at,
            Version.reading_id,
            VersionState.article_id.label("stands_in"),
            VersionState.number.label("place"),
            VersionState.last_seen_at,
            VersionState.retracted_at,
            VersionState.best_reading,
            Fetch.fetched_at,
            Fetch.digest.label("fetched"),
            recorded.digest.label("read"),
            recorded.content_digest.label("said"),
            best.digest.label("best"),
        )
        .join(VersionState, VersionState.version_id == Version.id)
        .outerjoin(Fetch, Fetch.id == Version.fetch_id)
        .outerjoin(recorded, recorded.id == Version.reading_id)
        .outerjoin(best, best.id == VersionState.best_reading)
        .where(VersionState.article_id.in_(ids))
        .order_by(VersionState.article_id, VersionState.number)
    )


def _check(session: Session, report: Report, article: Article, known: _Known) -> None:
    versions = known.versions.get(article.id, [])
    if report.doubts("article", article.id):
        return
    for row in versions:
        _check_version(report, row, versions)
    decided = article.id in known.decided
    if not _check_places(report, article, versions, decided=decided):
        return
    _check_order(report, article, versions, decided=decided)
    if article.id in known.doubtful:
        return
    _check_sights(session, report, article, versions, known)
    _check_pointers(session, report, article, versions, known)


def _check_version(report: Report, row: Any, history: Sequence[Any]) -> None:
    if report.doubts("version", row.id):
        return
    if not report.doubts("fetch", row.fetch_id):
        if row.fetched_at is not None and row.fetched_at != row.first_seen_at:
            told = f"first seen when fetch {row.fetch_id} was, {row.fetched_at.isoformat()}"
            report.add("version", row.id, expected=told, found=row.first_seen_at.isoformat())
            return
        if row.fetched is not None and row.fetched != row.digest:
            told = f"a version whose page has SHA-256 {row.digest.hex()}, as its identifier says"
            report.add("fetch", row.fetch_id, expected=told, found=row.fetched)
            return
    # What came back is read as what it came back as: of another page.
    pages = {it.digest for it in history if it.recorded_content == row.recorded_content}
    if not report.doubts("reading", row.reading_id):
        if row.read is not None and row.read not in pages:
            told = f"a reading of page {row.digest.hex()}"
            report.add("version", row.id, expected=told, found=f"reading {row.reading_id}")
            return
        if row.said is not None and row.said != row.recorded_content and row.read == row.digest:
            told = f"content {row.recorded_content.hex()}, as version {row.id} recorded it"
            report.add("reading", row.reading_id, expected=told, found=row.said)
            return
    if row.best is not None and row.best not in pages:
        told = f"a reading of page {row.digest.hex()}"
        report.add("version_state", row.id, expected=told, found=f"reading {row.best_reading}")


def _check_places(
    report: Report, article: Article, versions: Sequence[Any], *, decided: bool
) -> bool:
    """Whether the history is whole."""
    if article.merged_into_id is not None:
        if versions:
            told = f"no version, since it is merged into {article.merged_into_id}"
            report.add("article", article.id, expected=told, found=f"{len(versions)}")
        return False
    if not versions:
        # Those of old that were never read show none.
        expected = article.current_version_id is not None
        if expected and not report.lacks("version", "version_state"):
            told = "a version"
            report.add("article", article.id, expected=told, found="none", advice=RESTORE_MISSING)
        return False
    ids = [it.id for it in versions]
    if report.doubts("version", *ids) or report.doubts("version_state", *ids):
        return False
    if {it.place for it in versions} == set(range(1, len(versions) + 1)):
        return True
    # A number that is none of the history's is that of the version that has another place in it.
    seen = versions if decided else sorted(versions, key=attrgetter("first_seen_at", "fetch_id"))
    place, row = next((place, it) for place, it in enumerate(seen, start=1) if it.place != place)
    if not report.lacks("version", "version_state"):
        told = f"number {place} in article {article.id}"
        report.add("version_state", row.id, expected=told, found=f"number {row.place}")
    return False


def _check_order(
    report: Report, article: Article, versions: Sequence[Any], *, decided: bool
) -> None:
    if decided:
        return
    for before, row in pairwise(versions):
        if row.first_seen_at < before.first_seen_at:
            told = f"a version after number {before.place}, first seen before it"
            report.add("version_state", row.id, expected=told, found=f"number {row.place}")
            return


def _check_sights(
    session: Session,
    report: Report,
    article: Article,
    versions: Sequence[Any],
    known: _Known,
) -> None:
    """A version was last seen when it was last found to be shown, or one for which it counts."""
    seen: dict[int, tuple[datetime, int]] = {}
    stands = versions[0]
    for row in versions:
        stands = row if row.retracted_at is None else stands
        fetch_id, at = known.seen.get(row.id, (row.fetch_id, row.first_seen_at))
        own = max((at, fetch_id), (row.first_seen_at, row.fetch_id))
        for it in {row.id, stands.id}:
            seen[it] = max(seen.get(it, own), own)
    # Those that were seen later than is found: a finding may be another version's by mistake.
    for row in sorted(versions, key=lambda it: it.last_seen_at <= seen[it.id][0]):
        last, fetch_id = seen[row.id]
        decided = article.id in known.decided
        if row.last_seen_at == last or (decided and row.last_seen_at > last):
            continue
        if report.doubts("finding_of", fetch_id) or report.doubts("fetch", fetch_id):
            continue
        if row.last_seen_at > last and _blame_finding(session, report, article, row):
            continue
        told = f"last seen at {last.isoformat()}, by fetch {fetch_id}"
        found = row.last_seen_at.isoformat()
        number = session.scalar(
            select(func.max(Finding.number)).where(Finding.fetch_id == fetch_id)
        )
        report.add(
            "version_state",
            row.id,
            expected=told,
            found=found,
            advice=DERIVED,
            named_by=[("finding", f"{fetch_id},{number}")],
        )


def _blame_finding(session: Session, report: Report, article: Article, row: Any) -> bool:
    """Whether there is a fetch of the time at which the version was seen last: then it showed it,
    and what was found of it is in doubt."""
    at = first_id_at(row.last_seen_at)
    found = session.execute(
        select(Finding.fetch_id, Finding.number, Finding.version_id)
        .join(Fetch, Fetch.id == Finding.fetch_id)
        .join(Address, Address.id == Fetch.address_id)
        .where(
            Address.article_id == article.id,
            Fetch.id.between(at - _AROUND, at + _AROUND),
            Fetch.fetched_at == row.last_seen_at,
            is_latest(),
        )
    ).first()
    if found is None:
        return False
    told = f"version {row.id}, which was last seen then"
    was = "none" if found.version_id is None else f"version {found.version_id}"
    report.add("finding", (found.fetch_id, found.number), expected=told, found=was)
    report.doubt("finding_of", found.fetch_id)
    return True


def _check_pointers(
    session: Session, report: Report, article: Article, versions: Sequence[Any], known: _Known
) -> None:
    stand = [it for it in versions if it.retracted_at is None]
    counts_as: dict[int, int] = {}
    stands = versions[0]
    for row in versions:
        stands = row if row.retracted_at is None else stands
        counts_as[row.id] = stands.id
    may = {stand[-1].id} if stand else set()
    shown = [it.id for it in versions if it.id in known.shown[article.id]]
    may |= {counts_as[it] for it in shown[-1:]}
    if article.id in known.decided:
        may |= {it.id for it in stand}
    if article.current_version_id not in may:
        told = f"version {' or '.join(map(str, sorted(may)))}, the last of its history that stands"
        found = f"version {article.current_version_id}"
        report.add("article", article.id, expected=told, found=found, advice=DERIVED)
    first = min(it.first_seen_at for it in versions)
    if article.first_seen_at != first and article.id not in known.decided:
        told = f"first seen at {first.isoformat()}, as its first version"
        found = article.first_seen_at.isoformat()
        report.add("article", article.id, expected=told, found=found, advice=DERIVED)
    if article.url not in known.urls[article.id] and not report.lacks("address"):
        told = "the URL of one of its addresses"
        report.add("article", article.id, expected=told, found=article.url)
    _check_state(session, report, article, decided=article.id in known.decided)


def _check_state(session: Session, report: Report, article: Article, *, decided: bool) -> None:
    """Its state is what the fetch meant that is the evidence for it."""
    if article.state_fetch_id is None or report.doubts("fetch", article.state_fetch_id):
        return
    meant = session.execute(
        select(Finding.outcome, Finding.reason, Finding.version_id, Finding.meaning)
        .where(Finding.fetch_id == article.state_fetch_id)
        .order_by(Finding.number)
    ).all()
    here = session.scalar(
        select(
            exists().where(
                Fetch.id == article.state_fetch_id,
                Fetch.address_id == Address.id,
                Address.article_id == article.id,
            )
        )
    )
    states = {state_of(it.outcome, it.reason) for it in meant}
    if any(it.version_id is not None or it.outcome is Outcome.UNCHANGED for it in meant):
        states |= {ArticleState.LIVE, ArticleState.WALLED}
    if (article.state in states and (here or report.lacks("address"))) or not meant:
        removed = any(it.meaning is Meaning.REMOVED for it in meant)
        if meant and article.state not in _THERE and not removed and not decided:
            report.add(
                "finding",
                (article.state_fetch_id, len(meant) + 1),
                expected=f"that article {article.id} was found removed",
                found="none",
                advice=RESTORE_MISSING,
            )
        return
    said = " or ".join(sorted(it.value for it in states if it is not None)) or "nothing"
    told = f"{said}, as fetch {article.state_fetch_id} says"
    report.add("article", article.id, expected=told, found=article.state.value, advice=DERIVED)


CHECK: Final = Check("histories", 1.0, _rows, _run)
