"""The result of extraction: an article as its readers see it, and what was left out of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final


class PageKind(StrEnum):
    """What a page is. Only ARTICLE and LIVE_BLOG are ever archived as articles.

    STATIC is a page that a site has once (about it, contact, terms, shop). PAYWALL, CONSENT and
    GATE (log-in, age, region) stand in an article's place until the reader does something.
    """

    ARTICLE = "article"
    LIVE_BLOG = "live-blog"
    LISTING = "listing"
    STATIC = "static"
    MEDIA = "media"
    CONSENT = "consent"
    PAYWALL = "paywall"
    GATE = "gate"
    CHALLENGE = "challenge"
    NEEDS_JAVASCRIPT = "needs-javascript"
    SOFT_404 = "soft-404"
    ERROR = "error"


class ParagraphKind(StrEnum):
    """What a part of an article is. The last five are shown apart from its text, not in it."""

    STANDFIRST = "standfirst"
    KEY_POINT = "key-point"
    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LIST_ITEM = "list-item"
    QUOTATION = "quotation"
    TABLE_ROW = "table-row"
    CORRECTION = "correction"
    SIGN_OFF = "sign-off"
    HEADLINE = "headline"
    PULL_QUOTE = "pull-quote"
    EMBEDDED_POST = "embedded-post"
    CAPTION = "caption"
    FACT_BOX = "fact-box"


class Precision(StrEnum):
    """How much of a time the publisher gave."""

    DAY = "day"
    MINUTE = "minute"
    SECOND = "second"


@dataclass(frozen=True, slots=True)
class Paragraph:
    kind: ParagraphKind
    text: str


@dataclass(frozen=True, slots=True)
class ApartBlock:
    """A part of an article that is shown apart from its text: `after` is how many paragraphs stand
    before it, `picture` the address of the picture that a caption is of."""

    kind: ParagraphKind
    text: str
    after: int
    picture: str | None = None


@dataclass(frozen=True, slots=True)
class TextBlock:
    """A block of an article's text as it stands on its page: `key` and `place` as in outlines."""

    key: str
    place: str
    text: str


@dataclass(frozen=True, slots=True)
class LiveEntry:
    """An entry of a live blog: the number of the paragraph it begins at, and its aware time."""

    paragraph: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Candidate:
    """What some part of the page gave for a field, and which part: `json-ld`, `meta:og:title`."""

    value: str
    source: str


@dataclass(frozen=True, slots=True)
class Removed:
    """A block that was taken out of the text, and why.

    `reason` is a ParagraphKind where the block is a part of the article that is shown apart from
    its text: a headline, a pull quote, an embedded post, a caption or a fact box. Else it is
    `template`, or the name of a rule.
    """

    text: str
    reason: str


@dataclass(frozen=True, slots=True)
class Rights:
    """What a page says of its reuse; `reserved` is None where it says nothing of mining, `by_site`
    says that it is the site's tdmrep.json that does.

    `directives` are those of noindex, noarchive, nosnippet, noai and noimageai that it gives."""

    reserved: bool | None = None
    policy: str | None = None
    directives: tuple[str, ...] = ()
    license: str | None = None
    by_site: bool = False


NO_RIGHTS: Final = Rights()


@dataclass(frozen=True, slots=True)
class Article:
    """One page, read by one extractor version with one template.

    `text` is the paragraphs' texts joined by newlines, in page order. Times are aware, in the
    publisher's zone where the page tells it and UTC where it does not: an offset, in minutes east
    of UTC, is None there. A day alone is its midnight. `partial` is a text that a wall cuts short.
    `apart` is of what was removed what is the article's, each at its place.
    `outline` is what a template is learned from (template.samples): the fingerprints of the page's
    blocks. `skeleton` is the page's (template.skeleton), `bylines` are where its authors stand
    (template.byline), `layout` the key of its layout,
    `template` names what was applied (template.book.reading_name), `blocks` are what the
    paragraphs were made of, and `repeating` what the template took out.
    """

    kind: PageKind
    title: str
    paragraphs: tuple[Paragraph, ...]
    authors: tuple[str, ...] = ()
    published_at: datetime | None = None
    modified_at: datetime | None = None
    published_precision: Precision | None = None
    modified_precision: Precision | None = None
    published_offset: int | None = None
    modified_offset: int | None = None
    language: str | None = None
    canonical_url: str | None = None
    description: str | None = None
    section: str | None = None
    tags: tuple[str, ...] = ()
    image_url: str | None = None
    image_caption: str | None = None
    signed: bool = True
    paywalled: bool | None = None
    rights: Rights = NO_RIGHTS
    partial: bool = False
    candidates: Mapping[str, tuple[Candidate, ...]] = field(default_factory=dict)
    removed: tuple[Removed, ...] = ()
    apart: tuple[ApartBlock, ...] = ()
    live_entries: tuple[LiveEntry, ...] = ()
    outline: tuple[str, ...] = ()
    skeleton: tuple[int, ...] = ()
    bylines: tuple[str, ...] = ()
    layout: str = ""
    template: str = ""
    blocks: tuple[TextBlock, ...] = ()
    repeating: tuple[TextBlock, ...] = ()

    @property
    def is_dated_by_edit(self) -> bool:
        """Whether `published_at` is the time of the latest edit, the only one the page gives."""
        published = self.candidates.get("published_at")
        return bool(published) and published == self.candidates.get("modified_at")

    @property
    def text(self) -> str:
        return "\n".join(paragraph.text for paragraph in self.paragraphs)
