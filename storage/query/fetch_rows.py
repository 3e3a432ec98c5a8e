"""Fetches as rows, streamed: the values of FETCH_FIELDS, in the order of time."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, func, literal, select
from sqlalchemy.orm import Session

from storage.frontier.sources import find_source
from storage.ledger.fetch_ids import first_id_at
from storage.ledger.findings import of_fetch, outcome_of_fetch, reason_of_fetch
from storage.models import Address, Fetch, Finding, Source, VersionState

Row = tuple[Any, ...]

_BATCH: Final = 500


def fetch_rows(
    session: Session,
    *,
    source: str | None = None,
    article_id: int | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Iterator[Row]:
    """Every fetch, or those of a source or an article, from `since` and before `until`. Raises
    NotFound for a source that is not there."""
    statement: Select[*tuple[Any, ...]] = (
        select(
            Fetch.id,
            Source.name,
            func.coalesce(Fetch.url, literal("https:") + Address.key),
            Address.kind,
            Address.article_id,
            Fetch.fetched_at,
            Fetch.status,
            outcome_of_fetch(),
            Finding.meaning,
            VersionState.number,
            reason_of_fetch(),
            Fetch.digest,
        )
        .join(Address, Address.id == Fetch.address_id)
        .join(Source, Source.id == Address.source_id)
        .outerjoin(Finding, of_fetch())
        .outerjoin(VersionState, VersionState.version_id == Finding.version_id)
        .order_by(Fetch.id)
    )
    if source is not None:
        statement = statement.where(Address.source_id == find_source(session, source).id)
    if article_id is not None:
        statement = statement.where(Address.article_id == article_id)
    if since is not None:
        statement = statement.where(Fetch.id >= first_id_at(since))
    if until is not None:
        statement = statement.where(Fetch.id < first_id_at(until))
    with session.execute(statement, execution_options={"yield_per": _BATCH}) as result:
        for *some, kind, article, at, status, outcome, meaning, version, why, digest in result:
            finding = None if meaning is None else meaning.value
            seen = None if digest is None else digest.hex()
            yield (
                *some, kind.value, article, at, status, outcome.value, finding, version, why, seen
            )  # fmt: skip
