"""The JSON that commands and the reader give, key by key: docs/json.md. Keys are added, never
renamed or removed."""

from datetime import datetime
from typing import Any, TypedDict

from storage.history.diffs import DiffOp
from storage.history.edits import EditKind
from storage.models import ArticleState
from storage.query.articles import CheckRecord
from storage.query.edits import EventKind
from storage.review.source_days import DayState


class Paragraph(TypedDict):
    """A paragraph of a text, and what it is."""

    kind: str
    text: str


class ApartBlock(TypedDict):
    """A part of an article that is shown beside its text, and how many paragraphs stand before."""

    kind: str
    text: str
    paragraphs_before: int
    picture_url: str | None


class LiveEntryDocument(TypedDict):
    """An entry of a live blog: the paragraph it begins with, from 1, and its time."""

    paragraph: int
    at: str


class Statement(TypedDict):
    """What a part of the page, or a listing, says of a field."""

    source: str
    value: Any


class LeftOut(TypedDict):
    """What was left out of a text, and why."""

    reason: str
    text: str


class RetractionDocument(TypedDict):
    """That a version is none, since when and why, and the one that counts in its stead."""

    at: datetime
    reason: str | None
    version: int
    version_id: str


class RedactionDocument(TypedDict):
    """That something of a version was taken out because the law asked for it."""

    redaction: int
    kind: str
    at: datetime
    by: str
    reason: str


class VersionDocument(TypedDict):
    """A version in its article's history."""

    version: int
    version_id: str
    title: str
    text: str
    authors: list[str]
    published_at: datetime | None
    modified_at: datetime | None
    first_seen_at: datetime
    last_seen_at: datetime
    payload_sha256: str
    retracted_at: datetime | None


class EditDocument(TypedDict):
    """The edit that made a version."""

    edit: list[EditKind]
    completes: bool
    declared: bool
    alternating: bool
    not_before: datetime | None
    not_after: datetime | None


class HistoryVersionDocument(VersionDocument, EditDocument):
    """A version with the edit that made it."""


class HistoryDocument(TypedDict):
    """An article's versions, the first one first, and its latest checks, the latest first."""

    id: int
    url: str
    state: ArticleState
    versions: list[HistoryVersionDocument]
    checks: list[CheckRecord]


class _RemovedText(TypedDict, total=False):
    removed: list[LeftOut]


class ArticleDocument(_RemovedText):
    """An article with one of its versions."""

    id: int
    source: str
    url: str
    title: str
    authors: list[str]
    published_at: datetime | None
    modified_at: datetime | None
    language: str | None
    text: str
    paragraphs: list[Paragraph]
    version: int
    version_id: str
    versions: int
    state: ArticleState
    first_seen_at: datetime
    last_seen_at: datetime
    retracted: RetractionDocument | None
    redacted: RedactionDocument | None
    payload_sha256: str
    extractor: str
    description: str | None
    section: str | None
    tags: list[str] | None
    image_url: str | None
    image_caption: str | None
    paywalled: bool | None
    partial: bool | None
    kind: str | None
    rights: dict[str, Any] | None
    apart: list[ApartBlock]
    live_entries: list[LiveEntryDocument]
    dismissed: str | None
    candidates: dict[str, list[Statement]]


class SentenceDocument(TypedDict):
    """A sentence that was changed: empty before or after, where it came or went."""

    part: EditKind
    before: str
    after: str


class SegmentDocument(TypedDict):
    """A piece of text that both sides have, or one has."""

    op: DiffOp
    text: str


# `from` is no name in Python.
_Between = TypedDict("_Between", {"from": int, "to": int})


class DiffDocument(_Between):
    """What lies between two versions of an article."""

    id: int
    url: str
    from_version_id: str
    to_version_id: str
    not_before: datetime | None
    not_after: datetime | None
    kinds: list[EditKind]
    declared: bool
    sentences: list[SentenceDocument]
    title: list[SegmentDocument]
    text: list[SegmentDocument]


class _Sentences(TypedDict, total=False):
    sentences: list[SentenceDocument]


class EventDocument(_Sentences):
    """An edit, removal or return; what an event of its kind does not have is null."""

    event: EventKind
    source: str
    article_id: int
    url: str
    from_version: int | None
    to_version: int | None
    from_version_id: str | None
    to_version_id: str | None
    not_before: datetime | None
    not_after: datetime
    kinds: list[EditKind]
    declared: bool | None
    alternating: bool | None
    words_deleted: int | None
    words_inserted: int | None
    title_before: str | None
    title_after: str | None
    confidence: float | None


class CitationDocument(TypedDict):
    """A version as it is cited."""

    version_id: str
    version: int
    title: str
    authors: list[str]
    source: str
    url: str
    language: str | None
    published_on: str | None
    first_seen_at: datetime
    last_seen_at: datetime
    page_sha256: str
    retracted: RetractionDocument | None
    redacted: RedactionDocument | None


class HeaderDocument(TypedDict):
    """A header of an answer; no value where it is withheld."""

    name: str
    value: str | None


class PageDocument(TypedDict):
    """A stored page, without its bytes."""

    fetch_id: int
    url: str
    fetched_at: datetime
    status: int | None
    headers: list[HeaderDocument]
    payload_sha256: str
    bytes: int
    cut: bool
    retracted: RetractionDocument | None


class DayDocument(TypedDict):
    """A day (UTC) of a source."""

    day: str
    state: DayState
    listed: int
    usual: int | None
    expected: int
    fetched: int
    extracted: int
    rest: dict[str, int]
    new_articles: int
    new_versions: int
    counts: dict[str, int]


class CoverageDocument(TypedDict):
    """How well a source was watched, the first day first."""

    source: str
    good_at: datetime | None
    days: list[DayDocument]
    remarks: list[str]


class ChangeDocument(TypedDict):
    """What changed in the archive, and the position behind it."""

    position: str
    change: str
    article_id: int | None
    version_id: int | None
    source_id: int | None
    recorded_at: datetime
