"""What the archive answers with. Times are UTC and aware."""

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Source:
    """A site. docs/python.md tells what each column means."""

    name: str
    url: str
    enabled: bool
    added_at: datetime
    articles: int
    checked_at: datetime | None
    terms: str | None
    notes: str | None
    removed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Version:
    """What an article's readers could see from one time to the next.

    `version_id` is permanent and to be cited; `version` is its number in the article's history.
    """

    version_id: str
    article_id: int
    source: str
    url: str
    version: int
    state: str
    title: str
    authors: list[str]
    published_at: datetime | None
    published_offset: int | None
    published_precision: str | None
    modified_at: datetime | None
    modified_offset: int | None
    modified_precision: str | None
    first_seen_at: datetime
    last_seen_at: datetime
    language: str | None
    primary_language: str | None
    section: str | None
    tags: list[str]
    description: str | None
    paywalled: bool | None
    partial: bool
    text: str = field(repr=False)
    paragraph_kinds: list[str]
    extractor: str
    payload_sha256: str
    content_sha256: str
    retracted_at: datetime | None
    mining_reserved: bool | None
    mining_policy: str | None
    robots_directives: list[str]
    license: str | None
    apart: str = field(repr=False)
    live_entries: str

    @property
    def paragraphs(self) -> list[tuple[str, str]]:
        """Each paragraph's kind and text; `paragraph` where the kind is not known."""
        lines, kinds = self.text.split("\n"), self.paragraph_kinds
        known = len(kinds) == len(lines)
        return list(zip(kinds if known else ["paragraph"] * len(lines), lines, strict=True))


@dataclass(frozen=True, slots=True)
class Article(Version):
    """An article in its current version, or in the one that stood at the time asked for."""

    @property
    def id(self) -> int:
        return self.article_id


@dataclass(frozen=True, slots=True)
class OwnReading:
    """What an extractor of one's own read of a version's page; `own` is JSON."""

    extractor: str
    version_id: str
    article_id: int
    source: str
    url: str
    version: int
    title: str
    authors: list[str]
    published_at: datetime | None
    modified_at: datetime | None
    language: str | None
    text: str = field(repr=False)
    own: str
    recorded_at: datetime | None


@dataclass(frozen=True, slots=True)
class Fetch:
    """A request and what it found."""

    id: int
    source: str
    url: str
    kind: str
    article_id: int | None
    fetched_at: datetime
    status: int | None
    outcome: str
    finding: str | None
    version: int | None
    reason: str | None
    payload_sha256: str | None


@dataclass(frozen=True, slots=True)
class Edit:
    """An edit, a removal or a return: it happened after `not_before` and no later than
    `not_after`."""

    event: str
    source: str
    article_id: int
    url: str
    from_version: int | None
    to_version: int | None
    from_version_id: str | None
    to_version_id: str | None
    not_before: datetime | None
    not_after: datetime
    kinds: list[str]
    declared: bool | None
    alternating: bool | None
    words_deleted: int | None
    words_inserted: int | None
    title_before: str | None
    title_after: str | None
    confidence: float | None


@dataclass(frozen=True, slots=True)
class Hit:
    """A version that a search found."""

    version_id: str
    article_id: int
    source: str
    url: str
    version: int
    title: str
    published_at: datetime | None
    first_seen_at: datetime
    language: str | None
    snippet: str
    rank: float


@dataclass(frozen=True, slots=True)
class Page:
    """A page as it was fetched: the answer's `headers`, None for a value that is withheld; its
    `body`, content encodings undone, of which `sha256` is the digest; `cut` says that only its
    beginning was kept."""

    fetch_id: int
    url: str
    fetched_at: datetime
    status: int | None
    headers: tuple[tuple[str, str | None], ...] = field(repr=False)
    sha256: str
    cut: bool
    body: bytes = field(repr=False)
