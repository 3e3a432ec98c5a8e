"""The JSON documents of what the archive holds (docs/json.md), as commands and the reader give
them."""

from dataclasses import asdict

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.history.diffs import DiffSegment
from storage.history.edit_history import Edit, edits_of
from storage.history.edit_rows import REACH
from storage.history.lookup import find_article
from storage.history.retractions import Retraction
from storage.history.sentences import SentenceChange
from storage.history.version_records import VersionRecord, versions_of
from storage.ledger.changes import LoggedChange
from storage.ledger.day_counts import Measure
from storage.models import VersionState
from storage.query.articles import ArticleRecord, article_checks
from storage.query.citation import Citation
from storage.query.comparison import Comparison
from storage.query.document_types import (
    ArticleDocument,
    ChangeDocument,
    CitationDocument,
    CoverageDocument,
    DayDocument,
    DiffDocument,
    EditDocument,
    EventDocument,
    HistoryDocument,
    HistoryVersionDocument,
    PageDocument,
    RedactionDocument,
    RetractionDocument,
    SegmentDocument,
    SentenceDocument,
    Statement,
    VersionDocument,
)
from storage.query.edits import EditEvent, sentences_of
from storage.query.stored_page import PageRecord
from storage.redaction.notices import Notice
from storage.review.health_findings import health_findings
from storage.review.source_days import Day, SourceDays


def article_document(record: ArticleRecord, *, removed: bool = False) -> ArticleDocument:
    """An article with one of its versions; with what was left out of its text if asked for."""
    shown = record.shown
    details = shown.details
    document = ArticleDocument(
        id=record.id,
        source=record.source,
        url=record.url,
        title=shown.title,
        authors=shown.authors,
        published_at=shown.published_at,
        modified_at=shown.modified_at,
        language=shown.language,
        text=shown.text,
        paragraphs=[{"kind": kind, "text": text} for kind, text in shown.paragraphs],
        version=shown.version,
        version_id=shown.identifier,
        versions=record.versions,
        state=record.state,
        first_seen_at=shown.first_seen_at,
        last_seen_at=shown.last_seen_at,
        retracted=retraction_document(record.retraction),
        redacted=redaction_document(record.redaction),
        payload_sha256=shown.digest.hex(),
        extractor=shown.extractor,
        description=details.get("description"),
        section=details.get("section"),
        tags=details.get("tags"),
        image_url=details.get("image_url"),
        image_caption=details.get("image_caption"),
        paywalled=details.get("paywalled"),
        partial=details.get("partial"),
        kind=details.get("kind"),
        rights=details.get("rights"),
        apart=[
            {"kind": kind, "text": text, "paragraphs_before": after, "picture_url": picture}
            for kind, text, after, picture in details.get("apart", ())
        ],
        live_entries=[
            {"paragraph": number + 1, "at": at} for number, at in details.get("live_entries", ())
        ],
        dismissed=record.dismissed_as,
        candidates=_candidates(record),
    )
    if removed:
        document["removed"] = [{"reason": reason, "text": text} for reason, text in shown.removed]
    return document


def _candidates(record: ArticleRecord) -> dict[str, list[Statement]]:
    """What each part of the page says of a field, and then what listings say of it."""
    stated: dict[str, list[Statement]] = {
        name: [{"source": source, "value": value} for source, value in candidates]
        for name, candidates in record.shown.details.get("candidates", {}).items()
    }
    for hints in record.hints:
        for name in ("title", "published_at", "modified_at"):
            if name not in hints:
                continue
            source = hints.get(f"{name.removesuffix('_at')}_in", "listing")
            stated.setdefault(name, []).append({"source": source, "value": hints[name]})
    return stated


def history_document(
    session: Session,
    name: str,
    *,
    checks: int,
    after: int = 0,
    limit: int | None = None,
    retracted: bool = False,
) -> HistoryDocument:
    """The versions of an article that stand, with `retracted` the others too, and its latest
    checks; of the versions at most `limit` that follow number `after`. Raises NotFound."""
    article = find_article(session, name)
    wanted = _numbers(session, article.id, after, limit, retracted=retracted)
    versions = versions_of(session, article.id, VersionState.number.in_(wanted))
    edits = edits_of(session, versions)
    return {
        "id": article.id,
        "url": article.url,
        "state": article.state,
        "versions": [
            _history_version(version, edit)
            for version, edit in zip(versions, edits, strict=True)
            if version.version > after
        ],
        "checks": article_checks(session, article.id, checks),
    }


def _numbers(
    session: Session, article_id: int, after: int, limit: int | None, *, retracted: bool
) -> list[int]:
    """The numbers of these versions, and of those before them that their edits are told by."""
    query = (
        select(VersionState.number, VersionState.retracted_at)
        .where(VersionState.article_id == article_id)
        .order_by(VersionState.number)
    )
    rows = session.execute(query).all()
    stand = [number for number, retracted_at in rows if retracted_at is None]
    known = [number for number, _ in rows] if retracted else stand
    before = [number for number in stand if number <= after][-REACH:]
    return before + [number for number in known if number > after][:limit]


def _history_version(version: VersionRecord, edit: Edit | None) -> HistoryVersionDocument:
    return {**version_document(version), **edit_document(edit)}


def version_document(version: VersionRecord) -> VersionDocument:
    """One version in an article's history."""
    return {
        "version": version.version,
        "version_id": version.identifier,
        "title": version.title,
        "text": version.text,
        "authors": version.authors,
        "published_at": version.published_at,
        "modified_at": version.modified_at,
        "first_seen_at": version.first_seen_at,
        "last_seen_at": version.last_seen_at,
        "payload_sha256": version.digest.hex(),
        "retracted_at": version.retracted_at,
    }


def retraction_document(retraction: Retraction | None) -> RetractionDocument | None:
    """Why a version is none; None for one that stands."""
    if retraction is None:
        return None
    return {
        "at": retraction.at,
        "reason": retraction.reason,
        "version": retraction.version,
        "version_id": retraction.counts_as,
    }


def redaction_document(notice: Notice | None) -> RedactionDocument | None:
    """Why something of a version was taken out; None where nothing was."""
    if notice is None:
        return None
    return {
        "redaction": notice.redaction,
        "kind": notice.kind.value,
        "at": notice.at,
        "by": notice.asked_by,
        "reason": notice.reason,
    }


def edit_document(edit: Edit | None) -> EditDocument:
    """The edit that made a version, None for the first."""
    return {
        "edit": [] if edit is None else list(edit.kinds),
        "completes": edit is not None and edit.completes,
        "declared": edit is not None and edit.declared,
        "alternating": edit is not None and edit.alternating,
        "not_before": None if edit is None else edit.not_before,
        "not_after": None if edit is None else edit.not_after,
    }


def diff_document(compared: Comparison) -> DiffDocument:
    """What lies between two versions."""
    edit = compared.edit
    return {
        "id": compared.article_id,
        "url": compared.url,
        "from": edit.old.version,
        "to": edit.new.version,
        "from_version_id": edit.old.identifier,
        "to_version_id": edit.new.identifier,
        "not_before": edit.not_before,
        "not_after": edit.not_after,
        "kinds": list(edit.kinds),
        "declared": edit.declared,
        "sentences": [_sentence(it) for it in compared.sentences()],
        "title": [_segment(it) for it in compared.title()],
        "text": [_segment(it) for it in compared.text()],
    }


def _sentence(change: SentenceChange) -> SentenceDocument:
    return {"part": change.part, "before": change.before, "after": change.after}


def _segment(segment: DiffSegment) -> SegmentDocument:
    return {"op": segment.op, "text": segment.text}


def event_document(session: Session, event: EditEvent, *, words: bool = False) -> EventDocument:
    """An edit, removal or return; with what it changed, sentence by sentence, if asked for."""
    document: EventDocument = asdict(event)  # type: ignore[assignment]
    document["kinds"] = list(event.kinds)
    if words:
        document["sentences"] = [_sentence(it) for it in sentences_of(session, event)]
    return document


def citation_document(cited: Citation) -> CitationDocument:
    """A version as it is cited."""
    return {
        "version_id": cited.version_id,
        "version": cited.version,
        "title": cited.title,
        "authors": cited.authors,
        "source": cited.source,
        "url": cited.url,
        "language": cited.language,
        "published_on": cited.published_on,
        "first_seen_at": cited.first_seen_at,
        "last_seen_at": cited.last_seen_at,
        "page_sha256": cited.page_sha256,
        "retracted": retraction_document(cited.retraction),
        "redacted": redaction_document(cited.redaction),
    }


def page_document(record: PageRecord) -> PageDocument:
    """A stored page, without its bytes."""
    return {
        "fetch_id": record.fetch_id,
        "url": record.url,
        "fetched_at": record.fetched_at,
        "status": record.status,
        "headers": [{"name": name, "value": value} for name, value in record.headers],
        "payload_sha256": record.sha256,
        "bytes": len(record.body),
        "cut": record.cut,
        "retracted": retraction_document(record.retraction),
    }


def coverage_document(told: SourceDays) -> CoverageDocument:
    """How well a source was watched, day by day."""
    return {
        "source": told.source.name,
        "good_at": told.source.good_at,
        "days": [day_document(day) for day in told.days],
        "remarks": health_findings(told),
    }


def day_document(day: Day) -> DayDocument:
    """A day of a source."""
    return {
        "day": day.day.isoformat(),
        "state": day.state,
        "listed": day.listed,
        "usual": day.usual,
        "expected": day.expected,
        "fetched": day.fetched,
        "extracted": day.extracted,
        "rest": day.rest,
        "new_articles": day.counts[Measure.ARTICLES],
        "new_versions": day.counts[Measure.EDITS],
        "counts": {
            measure.value: day.counts[measure] for measure in Measure if day.counts[measure]
        },
    }


def change_document(change: LoggedChange) -> ChangeDocument:
    """What changed in the archive, and the position behind it."""
    return {
        "position": str(change.position),
        "change": change.kind.value,
        "article_id": change.article_id,
        "version_id": change.version_id,
        "source_id": change.source_id,
        "recorded_at": change.recorded_at,
    }
