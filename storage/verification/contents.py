"""What is named by a digest of what it says: contents, details of readings, sets of headers."""

import hashlib
import json
from collections.abc import Callable
from functools import partial
from typing import Any, Final

from sqlalchemy import ColumnElement, select, true
from sqlalchemy.orm import Session

from storage.history.contents import content_row, detail_row
from storage.models import Content, Fetch, HeaderSet, Payload, Reading, ReadingDetail
from storage.verification.check import AnySelect, Check, Done, batches, count
from storage.verification.report import Report
from storage.verification.scope import Scope

_Digests = dict[str, bytes]


def _content(row: Content) -> _Digests:
    said = content_row(
        title=row.title,
        text=row.text,
        blocks=row.blocks,
        authors=row.authors,
        published=(row.published_at, row.published_offset, row.published_precision),
        modified=(row.modified_at, row.modified_offset, row.modified_precision),
        language=row.language,
        paywalled=row.paywalled,
        partial=row.partial,
    )
    return {name: said[name] for name in ("digest", "fingerprint")}


def _detail(row: ReadingDetail) -> _Digests:
    return {"digest": detail_row(row.details, row.removed)["digest"]}


def _headers(row: HeaderSet) -> _Digests:
    told = json.dumps(row.headers, ensure_ascii=False)
    return {"digest": hashlib.sha256(told.encode()).digest()}


def _of_contents(scope: Scope) -> ColumnElement[bool]:
    return Content.digest.in_(_of_readings(Reading.content_digest, scope))


def _of_details(scope: Scope) -> ColumnElement[bool]:
    return ReadingDetail.digest.in_(_of_readings(Reading.detail_digest, scope))


def _of_readings(column: Any, scope: Scope) -> AnySelect:
    pages = select(Payload.digest).where(scope.of_payloads())
    return select(column).where(Reading.digest.in_(pages))


def _of_headers(scope: Scope) -> ColumnElement[bool]:
    asked = select(Fetch.request_headers_id).where(scope.of_fetches())
    answered = select(Fetch.response_headers_id).where(scope.of_fetches())
    return HeaderSet.id.in_(asked) | HeaderSet.id.in_(answered)


def _check(
    name: str,
    table: Any,
    digests: Callable[[Any], _Digests],
    among: Callable[[Scope], ColumnElement[bool]],
    cost: float,
) -> Check:
    def query(scope: Scope) -> AnySelect:
        return select(table).where(true() if scope.whole else among(scope))

    def rows(session: Session, scope: Scope) -> int:
        return count(session, query(scope).with_only_columns(*table.__table__.primary_key))

    def run(session: Session, scope: Scope, report: Report, done: Done) -> None:
        for some in batches(session, query(scope)):
            for (row,) in some:
                _compare(report, table, row, digests)
            done(len(some))

    return Check(name, cost, rows, run)


def _compare(report: Report, table: Any, row: Any, digests: Callable[[Any], _Digests]) -> None:
    key = tuple(getattr(row, it.name) for it in table.__table__.primary_key)
    try:
        found = digests(row)
    except (TypeError, ValueError, AttributeError, KeyError) as error:
        told = f"what can't be digested ({type(error).__name__})"
        report.add(table.__tablename__, key, expected="what its digest is of", found=told)
        return
    for name, digest in found.items():
        if digest != getattr(row, name):
            report.add(
                table.__tablename__,
                key,
                expected=f"what has {name} {getattr(row, name).hex()}",
                found=f"what has {digest.hex()}",
            )


CHECKS: Final = tuple(
    partial(_check, cost=0.1)(*it)
    for it in (
        ("contents", Content, _content, _of_contents),
        ("details of extractions", ReadingDetail, _detail, _of_details),
        ("headers", HeaderSet, _headers, _of_headers),
    )
)
