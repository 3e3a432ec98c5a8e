"""Templates: each is what its digests say, and each layout has its revisions."""

import hashlib
from itertools import pairwise
from typing import Any, Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from crawler.extraction.template.template import Template as Learned
from storage.models import Layout, Template
from storage.redaction.rest import REDACTED_TEMPLATE
from storage.verification.check import Check, Done, count
from storage.verification.report import RESTORE_MISSING, Report
from storage.verification.scope import Scope


def _layouts(scope: Scope) -> Any:
    among = Layout.source_id.in_(scope.sources) if scope.sources else Layout.id.is_not(None)
    return select(Layout.id).where(among).order_by(Layout.id)


def _rows(session: Session, scope: Scope) -> int:
    return count(session, _layouts(scope))


def _run(session: Session, scope: Scope, report: Report, done: Done) -> None:
    for layout_id in session.scalars(_layouts(scope)).all():
        query = select(Template).where(Template.layout_id == layout_id).order_by(Template.revision)
        _check(report, session.scalars(query).all())
        session.expunge_all()
        done(1)


def _check(report: Report, revisions: Any) -> None:
    for expected, it in enumerate(revisions, start=1):
        if it.revision != expected:
            report.add(
                "template",
                f"revision {expected} of layout {it.layout_id}",
                expected=f"a revision before {it.revision} of layout {it.layout_id}",
                found="none",
                advice=RESTORE_MISSING,
            )
            break
        try:
            found = Learned.from_json(it.template).digest
        except ValueError:
            found = "no template"
        if found != it.digest and not it.digest.startswith(REDACTED_TEMPLATE):
            told = f"a template with digest {it.digest or 'of none'}"
            report.add("template", it.id, expected=told, found=found or "one that removes nothing")
        sha256 = hashlib.sha256(it.template.encode()).digest()
        if sha256 != it.sha256:
            told = f"a template with SHA-256 {it.sha256.hex()}"
            report.add("template", it.id, expected=told, found=f"one with {sha256.hex()}")
    for before, it in pairwise(revisions):
        if it.learned_at < before.learned_at:
            told = f"learned after revision {before.revision}, {before.learned_at.isoformat()}"
            report.add("template", it.id, expected=told, found=it.learned_at.isoformat())


CHECK: Final = Check("templates", 5.0, _rows, _run)
