"""What becomes of a text, a page, a document and a content that is redacted."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from storage.frontier.addresses import InvalidURL, normalize
from storage.history.contents import ContentRow, DetailRow, content_row, detail_row
from storage.ledger.headers import TELLS_NOTHING, Headers
from storage.models import Content, ReadingDetail
from storage.withholding.markup import Inseparable, redacted_body
from storage.withholding.phrases import (
    LINE,
    MARK,
    Phrase,
    find,
    redacted_document,
    redacted_text,
    replaced,
    replacements,
)
from storage.withholding.rules import stand_in

_KEPT_DETAILS: Final[tuple[str, ...]] = ("kind", "partial", "paywalled")


@dataclass(frozen=True)
class Eraser:
    """Takes `phrases` out, or all where it is `whole`. `urls` has what stands instead of URLs that
    are replaced."""

    redaction_id: int
    phrases: Sequence[Phrase] = ()
    whole: bool = False
    urls: Mapping[str, str] = field(default_factory=dict)

    def text(self, text: str) -> str:
        """The text without the words, and without the URLs that are replaced."""
        for url, instead in self.urls.items():
            text = text.replace(url, instead)
        return redacted_text(text, self.phrases)

    def document(self, value: Any) -> Any:
        return redacted_document(value, self.text)

    def body(self, body: bytes, charset: str | None = None) -> bytes:
        """The page as it may be kept; the same bytes where nothing has to go."""
        if self.whole:
            return stand_in(self.redaction_id)
        try:
            return redacted_body(body, self.phrases, charset)
        except Inseparable:
            return stand_in(self.redaction_id)

    def url(self, url: str) -> str:
        """The URL with something random where it had the words; with a path that is random where
        all is to go."""
        instead = f"redacted-{secrets.token_hex(4)}"
        if self.whole:
            scheme, _, rest = url.partition("//")
            return f"{scheme}//{rest.partition('/')[0]}/{instead}"
        erased = redacted_body(url.encode(), self.phrases).decode()
        if erased == url:
            return url
        changed = erased.replace(MARK, instead)
        try:
            return normalize(changed)
        except InvalidURL:
            return changed

    def headers(self, headers: Headers, *, of_redacted: bool) -> Headers:
        """The headers as they may be kept, in the same order; `of_redacted` where the body that
        they came with is not kept as it was."""
        return Headers((name, self._header(name, value, of_redacted)) for name, value in headers)

    def _header(self, name: str, value: str | None, of_redacted: bool) -> str | None:
        if value is None:
            return None
        if of_redacted and name.lower() not in TELLS_NOTHING:
            return MARK
        return redacted_body(self.text(value).encode(), self.phrases).decode()

    def content(self, content: Content) -> ContentRow:
        """The row of the content as it may be kept, with its digests."""
        published = (
            content.published_at,
            content.published_offset,
            content.published_precision,
        )
        modified = content.modified_at, content.modified_offset, content.modified_precision
        if self.whole:
            return content_row(
                title=MARK,
                text=MARK,
                blocks=[["paragraph", len(MARK)]],
                authors=[],
                language=content.language,
                published=published,
                modified=modified,
            )
        text, blocks = self._blocks(content.text, content.blocks)
        return content_row(
            title=self.text(content.title),
            text=text,
            blocks=blocks,
            authors=[self.text(author) for author in content.authors],
            language=content.language,
            paywalled=content.paywalled,
            partial=content.partial,
            published=published,
            modified=modified,
        )

    def _blocks(self, text: str, blocks: Sequence[Sequence[Any]]) -> tuple[str, list[list[Any]]]:
        gone = replacements(text, find(text, self.phrases), LINE)
        if not blocks:
            return replaced(text, gone, 0, len(text)), []
        parts, start = [], 0
        for kind, characters in blocks:
            parts.append((kind, replaced(text, gone, start, start + characters)))
            start += characters + 1
        return "\n".join(it for _, it in parts), [[kind, len(it)] for kind, it in parts]

    def detail(self, detail: ReadingDetail) -> DetailRow:
        """The row of the detail as it may be kept, with its digest."""
        if self.whole:
            kept: dict[str, Any] = {
                name: detail.details[name] for name in _KEPT_DETAILS if name in detail.details
            }
            return detail_row(kept, [])
        return detail_row(self.document(detail.details), self.document(detail.removed))
