"""Everything about an article but its text, from whichever part of the page says it best."""

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field
from datetime import datetime

from lxml.html import HtmlElement

from crawler.extraction.article import NO_RIGHTS, Candidate, Precision, Rights
from crawler.extraction.metadata.authors import names_somebody, read_authors
from crawler.extraction.metadata.dates import read_dates
from crawler.extraction.metadata.labels import Label, labels_below
from crawler.extraction.metadata.language import read_language
from crawler.extraction.metadata.lead_image import read_lead_image
from crawler.extraction.metadata.paywall import read_paywalled
from crawler.extraction.metadata.rights import read_rights
from crawler.extraction.metadata.tdm_file import TdmRule
from crawler.extraction.metadata.titles import read_title
from crawler.extraction.metadata.topics import read_section, read_tags
from crawler.extraction.page.meta_tags import MetaTags, read_meta_tags
from crawler.extraction.page.structured import StructuredData
from crawler.extraction.page.surroundings import around_heading
from crawler.extraction.page.web_addresses import canonical_url, host_of
from crawler.extraction.page.wording import plain, squash

MAX_DESCRIPTION = 2_000
MAX_DESCRIPTIONS = 10

_DECLARED = ("json-ld:author", "json-ld:creator", "meta:")


@dataclass(frozen=True, slots=True)
class Metadata:
    """As the fields of `Article` that have the same names; `labels` are as in metadata.labels."""

    title: str = ""
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
    signed: bool = False
    paywalled: bool | None = None
    rights: Rights = NO_RIGHTS
    candidates: Mapping[str, tuple[Candidate, ...]] = field(default_factory=dict)
    labels: tuple[Label, ...] = ()

    @property
    def declares_authors(self) -> bool:
        """Whether the page's metadata, and not what it shows, name somebody as its author."""
        stated = self.candidates.get("authors", ())
        return self.signed and all(it.source.startswith(_DECLARED) for it in stated)


def read_metadata(
    tree: HtmlElement,
    structured: StructuredData,
    *,
    url: str | None = None,
    headers: Mapping[str, str] | None = None,
    tdm_rule: TdmRule | None = None,
) -> Metadata:
    """Read, never change, `tree`. `url` is where the page was found, for what is relative to it;
    of the answer's `headers` those count that tell of reuse, beside them the site's `tdm_rule`.

    `candidates` keeps what each part of the page said, by the name of the field.
    """
    meta = read_meta_tags(tree)
    url = url or meta.first("og:url")
    sites = site_names(structured, meta, url)
    language = read_language(tree, structured, meta)
    title, titles = read_title(tree, structured, meta, sites, url=url)
    near = around_heading(tree, title)
    dates = read_dates(tree, structured, meta, near, url=url, language=language)
    authors, named = read_authors(tree, structured, meta, near, sites)
    descriptions = (*_descriptions(structured, meta),)[:MAX_DESCRIPTIONS]
    image_url, image_caption = read_lead_image(tree, structured, meta, url)
    return Metadata(
        title=title,
        authors=authors,
        signed=names_somebody(authors, sites),
        published_at=dates.published_at,
        modified_at=dates.modified_at,
        published_precision=dates.publication and dates.publication.precision,
        modified_precision=dates.modification and dates.modification.precision,
        published_offset=dates.publication and dates.publication.offset,
        modified_offset=dates.modification and dates.modification.offset,
        language=language,
        canonical_url=canonical_url(structured, meta, url),
        description=descriptions[0].value if descriptions else None,
        section=read_section(structured, meta, title, sites),
        tags=read_tags(structured, meta),
        image_url=image_url,
        image_caption=image_caption,
        paywalled=read_paywalled(structured, meta),
        rights=read_rights(structured, meta, headers or {}, url, tdm_rule),
        candidates={
            "title": titles,
            "authors": named,
            "published_at": dates.published,
            "modified_at": dates.modified,
            "description": descriptions,
        },
        labels=labels_below(near, sites),
    )


def _descriptions(structured: StructuredData, meta: MetaTags) -> Iterator[Candidate]:
    """What the page says it is about; its standfirst is usually one of them."""
    given = [*meta.all(("og:description", "description", "twitter:description"))]
    for name, content in given[:2]:
        yield Candidate(plain(content)[:MAX_DESCRIPTION], f"meta:{name}")
    for node in structured.articles:
        for text in structured.texts(node, "description"):
            yield Candidate(plain(text)[:MAX_DESCRIPTION], "json-ld:description")
    for name, content in given[2:]:
        yield Candidate(plain(content)[:MAX_DESCRIPTION], f"meta:{name}")


def site_names(structured: StructuredData, meta: MetaTags, url: str | None) -> Set[str]:
    """What the site is called, by itself and by its host; squashed."""
    return {*map(squash, _site_names(structured, meta, url))} - {""}


def _site_names(structured: StructuredData, meta: MetaTags, url: str | None) -> Iterator[str]:
    for _, content in meta.all(("og:site_name", "application-name", "apple-mobile-web-app-title")):
        yield plain(content)
    yield from structured.site_names
    labels = host_of(url).removeprefix("www.").split(".")
    if len(labels) > 1:
        yield ".".join(labels)
        yield max(labels[:-1], key=len)
