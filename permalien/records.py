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
