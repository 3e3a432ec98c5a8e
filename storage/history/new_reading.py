"""An article as an extractor read it from one page, on its way to the archive.

Worker processes make them, which load no database.
"""

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from storage.database.storable import storable
from storage.history.contents import ContentRow, DetailRow, content_row, detail_row


@dataclass(frozen=True)
class NewReading:
    """An article as an extractor read it from one page, ready to be stored.

    `digest` is the payload's, `input` that of all that extraction used of the page. `template` is
    the digest of the template that was applied, empty for none. `paragraphs` are [kind, text] and
    `removed` [reason, text] pairs. Times are aware; offsets are minutes east of UTC, None where the
    publisher gave no zone. `left_out` are the fields of which the extractor says nothing.
    """

    digest: bytes
    extractor: str
    template: str
    title: str
    text: str
    input: bytes
    authors: list[str] = field(default_factory=list)
    published_at: datetime | None = None
    published_offset: int | None = None
    published_precision: str | None = None
    modified_at: datetime | None = None
    modified_offset: int | None = None
    modified_precision: str | None = None
    language: str | None = None
    canonical_url: str | None = None
    paragraphs: list[list[str]] = field(default_factory=list)
    details: dict[str, Any] = field(default_factory=dict)
    removed: list[list[str]] = field(default_factory=list)
    left_out: frozenset[str] = frozenset()

    @property
    def key(self) -> "ReadingKey":
        return self.input, self.extractor, self.template

    @cached_property
    def content(self) -> ContentRow:
        """What is kept of it once for all readings that say the same."""
        paragraphs = [(kind, storable(text)) for kind, text in self.paragraphs]
        text = "\n".join(text for _, text in paragraphs) if paragraphs else storable(self.text)
        return content_row(
            title=storable(self.title),
            text=text,
            blocks=[[kind, len(text)] for kind, text in paragraphs],
            authors=[storable(author) for author in self.authors],
            published=(self.published_at, self.published_offset, self.published_precision),
            modified=(self.modified_at, self.modified_offset, self.modified_precision),
            language=self.language,
            paywalled=self.details.get("paywalled"),
            partial=bool(self.details.get("partial")),
        )

    @cached_property
    def detail(self) -> DetailRow:
        """What else is kept of it once for all readings that made the same."""
        return detail_row({**self.details, "canonical_url": self.canonical_url}, self.removed)


ReadingKey = tuple[bytes, str, str]
"""(digest of the page's input, extractor version, template digest)"""
