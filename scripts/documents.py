"""The JSON that commands print, documented in docs/json.md: keys are added, never changed."""

from typing import Any

from storage.history.edit_history import Edit
from storage.history.version_records import VersionRecord
from storage.query.articles import ArticleRecord


def article_document(record: ArticleRecord, *, removed: bool = False) -> dict[str, Any]:
    """An article with one of its versions."""
    shown = record.shown
    document = {
        "id": record.id,
        "source": record.source,
        "url": record.url,
        "title": shown.title,
        "authors": shown.authors,
        "published_at": shown.published_at,
        "modified_at": shown.modified_at,
        "language": shown.language,
        "text": shown.text,
        "paragraphs": [{"kind": kind, "text": text} for kind, text in shown.paragraphs],
        "version": shown.version,
        "version_id": shown.identifier,
        "versions": record.versions,
        "state": record.state.value,
        "first_seen_at": shown.first_seen_at,
        "last_seen_at": shown.last_seen_at,
        "payload_sha256": shown.digest.hex(),
        "extractor": shown.extractor,
        **{name: shown.details.get(name) for name in _DETAILS},
        "candidates": _candidates(record),
    }
    if removed:
        document["removed"] = [{"reason": reason, "text": text} for reason, text in shown.removed]
    return document


def _candidates(record: ArticleRecord) -> dict[str, list[dict[str, str]]]:
    """What each part of the page says of a field, and then what listings say of it."""
    stated = {
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


def version_document(version: VersionRecord) -> dict[str, Any]:
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
    }


def edit_document(edit: Edit | None) -> dict[str, Any]:
    """The edit that made a version, None for the first."""
    if edit is None:
        none = dict.fromkeys(("not_before", "not_after"))
        return {
            "edit": [],
            "completes": False,
            "declared": False,
            "alternating": False,
            **none,
        }
    return {
        "edit": [kind.value for kind in edit.kinds],
        "completes": edit.completes,
        "declared": edit.declared,
        "alternating": edit.alternating,
        "not_before": edit.not_before,
        "not_after": edit.not_after,
    }


_DETAILS = (
    "description", "section", "tags", "image_url", "image_caption", "paywalled", "partial", "kind",
    "rights",
)  # fmt: skip
