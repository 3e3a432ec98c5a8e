"""Reads a payload: what a worker process does with the bytes of one page.

Runs in processes of its own (crawler.reading.pool), so everything here is importable and
everything that crosses is plain data. They start often: nothing of the database is loaded here.
"""

import pickle
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from functools import lru_cache
from urllib.parse import urlsplit
from zlib import compress, decompress

from lxml.html import HtmlElement

from crawler.answers.foreign import foreign_site_of
from crawler.extraction import (
    EXTRACTOR_VERSION,
    Article,
    ExtractionError,
    PageInput,
    PageKind,
    Rights,
)
from crawler.extraction.draft import Draft
from crawler.extraction.extract import draft_of
from crawler.extraction.kind.evidence import NeedsPage
from crawler.extraction.page import decode
from crawler.extraction.template.book import TemplateBook
from crawler.extraction.template.samples import PageSample
from crawler.extraction.template.template import Decision
from crawler.judging.pages import PageText
from storage.frontier.domains import registered_domain
from storage.history.new_reading import NewReading
from storage.outcome import Outcome

_OUTCOMES = {
    PageKind.LISTING: Outcome.NOT_ARTICLE,
    PageKind.STATIC: Outcome.NOT_ARTICLE,
    PageKind.MEDIA: Outcome.NOT_ARTICLE,
    PageKind.CONSENT: Outcome.BLOCKED,
    PageKind.PAYWALL: Outcome.PAYWALL,
    PageKind.GATE: Outcome.BLOCKED,
    PageKind.NEEDS_JAVASCRIPT: Outcome.BLOCKED,
    PageKind.CHALLENGE: Outcome.CHALLENGE,
    PageKind.SOFT_404: Outcome.NOT_FOUND,
    PageKind.ERROR: Outcome.FAILED,
}


@dataclass(frozen=True, slots=True)
class Templates:
    """A source's templates as they travel: a TemplateBook in canonical JSON, empty for none."""

    json: str = ""

    @property
    def book(self) -> TemplateBook:
        return _parsed(self.json)


@dataclass(frozen=True, slots=True)
class NoArticle:
    """The page holds no article: what it is instead."""

    outcome: Outcome
    detail: str


@dataclass(frozen=True, slots=True)
class Read:
    """What a page says, what it teaches of its template, and how it is to be judged; `draft` is
    what `clean` makes the same of with other templates."""

    reading: NewReading
    sample: PageSample
    text: PageText
    draft: bytes = field(default=b"", compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class _Extracted:
    """All that is made of one page, whatever its site's template, as it travels without it."""

    draft: Draft
    digest: bytes
    input: bytes
    fetched_at: datetime | None


def read(page: PageInput, templates: Templates) -> Read | NoArticle:
    """The article of the page, or why there is none. Pure: same arguments, same result."""
    book = templates.book.at(page.fetched_at)
    extracted = _extracted(page, book)
    if isinstance(extracted, NoArticle):
        return extracted
    draft = extracted.draft
    result = _result(extracted, draft.article(book))
    if isinstance(result, NoArticle):
        return result
    if not result.text.layout:
        draft.read_for_any_template()
    return replace(result, draft=compress(pickle.dumps(extracted, pickle.HIGHEST_PROTOCOL), 1))


def extract(page: PageInput, templates: Templates) -> NewReading | NoArticle:
    """The reading that `read` makes, and nothing that is made for a crawl alone."""
    book = templates.book.at(page.fetched_at)
    extracted = _extracted(page, book)
    if isinstance(extracted, NoArticle):
        return extracted
    article = extracted.draft.article(book)
    if (outcome := _OUTCOMES.get(article.kind)) is not None:
        return NoArticle(outcome, article.kind.value)
    return _reading(article, extracted)


def _extracted(page: PageInput, book: TemplateBook) -> _Extracted | NoArticle:
    try:
        tree = decode.parse(page.body, page.headers)
        draft = draft_of(page, tree, book)
    except ExtractionError as error:
        return NoArticle(Outcome.UNREADABLE, f"{type(error).__name__}: {error}"[:300])
    named = draft.evidence.metadata.canonical_url
    if (site := _other_site(named, tree, page.url or "")) is not None:
        return NoArticle(Outcome.NOT_ARTICLE, f"another site's: {site}")
    return _Extracted(draft, page.body_digest, page.digest, page.fetched_at)


def clean(draft: bytes, templates: Templates) -> Read | NoArticle | None:
    """What `read` makes of the page of that draft with these templates; None where that takes the
    page itself."""
    # `read` made it, in a process of this run
    extracted: _Extracted = pickle.loads(decompress(draft))  # noqa: S301
    try:
        article = extracted.draft.article(templates.book.at(extracted.fetched_at))
    except NeedsPage:
        return None
    result = _result(extracted, article)
    return replace(result, draft=draft) if isinstance(result, Read) else result


def _result(extracted: _Extracted, article: Article) -> Read | NoArticle:
    if (outcome := _OUTCOMES.get(article.kind)) is not None:
        return NoArticle(outcome, article.kind.value)
    sample = PageSample(
        article.skeleton,
        article.outline,
        extracted.fetched_at,
        new=True,  # until it is sampled again
        title=article.title,
        modified_at=article.modified_at,
        bylines=article.bylines,
    )
    text = PageText(
        article.title,
        article.blocks,
        article.layout,
        article.published_at,
        article.modified_at,
        article.partial,
        article.repeating,
    )
    return Read(_reading(article, extracted), sample, text)


def _other_site(named: str | None, tree: HtmlElement, url: str) -> str | None:
    """As foreign_site, which needs not look at a page that goes by an address of its own."""
    if named is not None and (
        urlsplit(named).netloc == urlsplit(url).netloc
        or registered_domain(named) == registered_domain(url)
    ):
        return None
    return foreign_site_of(tree, url)


def learn(
    templates: Templates, samples: Sequence[PageSample], decisions: Mapping[str, str]
) -> Templates:
    """The templates after these pages too, with an operator's decisions by key."""
    known = {key: Decision(decision) for key, decision in decisions.items()}
    return Templates(templates.book.refreshed(samples, known).to_json())


@lru_cache(maxsize=64)
def _parsed(json: str) -> TemplateBook:
    return TemplateBook.from_json(json) if json else TemplateBook()


def _reading(article: Article, extracted: _Extracted) -> NewReading:
    return NewReading(
        digest=extracted.digest,
        input=extracted.input,
        extractor=EXTRACTOR_VERSION,
        template=article.template,
        title=article.title,
        text=article.text,
        authors=list(article.authors),
        # Of an edit alone it would move with every edit, and hide what a feed says.
        published_at=None if article.is_dated_by_edit else article.published_at,
        published_offset=None if article.is_dated_by_edit else article.published_offset,
        published_precision=None if article.is_dated_by_edit else article.published_precision,
        modified_at=article.modified_at,
        modified_offset=article.modified_offset,
        modified_precision=article.modified_precision,
        language=article.language,
        canonical_url=article.canonical_url,
        paragraphs=[[paragraph.kind.value, paragraph.text] for paragraph in article.paragraphs],
        details={
            "kind": article.kind.value,
            "description": article.description,
            "section": article.section,
            "tags": list(article.tags),
            "image_url": article.image_url,
            "image_caption": article.image_caption,
            "paywalled": article.paywalled,
            "partial": article.partial,
            # nobody but the publisher, or a desk of it, is named
            **({} if article.signed else {"unsigned": True}),
            **_rights(article.rights),
            **_apart(article),
            # the numbers of the paragraphs that entries of a live blog begin at, and their times
            "live_entries": [[it.paragraph, it.at.isoformat()] for it in article.live_entries],
            "candidates": {
                name: [[candidate.source, candidate.value] for candidate in candidates]
                for name, candidates in article.candidates.items()
                if not (name == "published_at" and article.is_dated_by_edit)
            },
        },
        removed=[[removed.reason, removed.text] for removed in article.removed],
    )


def _apart(article: Article) -> dict[str, object]:
    """The article's parts beside its text: kind, text, how many paragraphs stand before it, and of
    a caption the picture; nothing where it has none."""
    blocks = [[it.kind.value, it.text, it.after, it.picture] for it in article.apart]
    return {"apart": blocks} if blocks else {}


def _rights(said: Rights) -> dict[str, object]:
    """What the page says of its reuse; nothing where it says nothing, as most do. That it is the
    site's file that says it is told where it is so: details before there was such a thing stay."""
    if said == Rights():
        return {}
    rights = {**asdict(said), "directives": list(said.directives)}
    if not said.by_site:
        del rights["by_site"]
    return {"rights": rights}
