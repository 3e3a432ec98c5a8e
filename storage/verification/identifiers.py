"""Permanent identifiers of versions, made again of what of a version never changes. A redacted one
has the identifier of what it was."""

from typing import Final

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from storage.database.identifiers import version_identifier
from storage.models import Article, RedactedVersion, Version, VersionState
from storage.verification.check import AnySelect, Check, Done, batches, count
from storage.verification.report import Report
from storage.verification.scope import Scope


def _query(scope: Scope) -> AnySelect:
    query = select(
        Version.id,
        Version.article_id,
        Version.number,
        Version.fetch_id,
        Version.digest,
        Version.recorded_content,
        Version.identifier,
    ).where(~exists().where(RedactedVersion.version_id == Version.id))
    if not scope.sources:
        return query
    own = select(VersionState.version_id).join(Article, Article.id == VersionState.article_id)
    return query.where(Version.id.in_(own.where(scope.of_articles())))


def _rows(session: Session, scope: Scope) -> int:
    return count(session, _query(scope))


def _run(session: Session, scope: Scope, report: Report, done: Done) -> None:
    for rows in batches(session, _query(scope)):
        for row in rows:
            made = version_identifier(
                row.article_id, row.number, row.fetch_id, row.digest, row.recorded_content
            )
            if made != row.identifier:
                told = f"identifier {made}, of its article, number, fetch, page and content"
                report.add("version", row.id, expected=told, found=row.identifier)
        done(len(rows))


CHECK: Final = Check("identifiers", 0.03, _rows, _run)
