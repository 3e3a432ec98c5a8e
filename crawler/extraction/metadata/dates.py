"""When an article was published and last modified, and which part of the page says so."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from lxml.html import HtmlElement

from crawler.extraction.article import Candidate
from crawler.extraction.metadata.moments import Moment, find_moments, parse_moment
from crawler.extraction.page.meta_tags import MetaTags
from crawler.extraction.page.structured import StructuredData
from crawler.extraction.page.surroundings import NOT_SHOWN, Surroundings, short_text
from crawler.extraction.page.web_addresses import path_of

MAX_CANDIDATES = 20
MAX_MARKED = 200
MAX_SHOWN = 150
MAX_LABEL = 60

_PUBLISHED_META = (
    "article:published_time", "article:published", "og:published_time", "og:article:published_time",
    "datepublished", "parsely-pub-date", "sailthru.date", "dcterms.created", "dcterms.issued",
    "dcterms.date", "dc.date.issued", "dc.date.created", "dc.date", "pubdate", "publish-date",
    "publish_date", "publishdate", "publication_date", "publicationdate", "published_at",
    "date_published", "published_time", "article.published", "cxenseparse:recs:publishtime",
    "originalpublicationdate", "citation_publication_date", "citation_date", "displaydate",
    "article_date_original", "vr:published_time", "published", "date", "article:create_date",
    "creation_date",
)  # fmt: skip
_MODIFIED_META = (
    "article:modified_time", "article:modified", "og:updated_time", "article:updated_time",
    "datemodified", "dcterms.modified", "dc.date.modified", "last-modified", "lastmod",
    "modified_time", "updated_time", "article.updated", "revised", "updated date",
)  # fmt: skip

_NOT_THE_ARTICLE = frozenset({"aside", "footer", "nav", "li"})
_UPDATED = re.compile(
    r"updat|modif|edited|revis|aktuali|actuali|ge(?:ä|ae)ndert|mis(?:e)? à jour|bijgewerkt|oppdater"
    r"|opdater|aggiorn|atuali|muokattu|güncel|обновл|更新|수정",
    re.IGNORECASE,
)
_DIGIT = re.compile(r"\d")
_URL_DAY = re.compile(
    r"(?<!\d)((?:19|20)\d\d)([/_-]?)(0[1-9]|1[0-2])\2(0[1-9]|[12]\d|3[01])"
    r"(?:(?!\d)|(?=(?:[01]\d|2[0-3])[0-5]\d))"
)
_TEXT_ELEMENTS = (
    "span", "div", "p", "small", "li", "em", "i", "b", "strong", "dd", "a", "h4", "h5", "h6",
)  # fmt: skip
_HATOM = frozenset({"published", "updated"})
_DATE_CLASS = re.compile(r"[Dd]ate|[Tt]ime|[Pp]ublish|[Pp]osted|[Mm]eta|[Bb]y-?[Ll]ine")


@dataclass(frozen=True, slots=True)
class Dates:
    publication: Moment | None
    modification: Moment | None
    published: tuple[Candidate, ...]
    modified: tuple[Candidate, ...]

    @property
    def published_at(self) -> datetime | None:
        return self.publication and self.publication.value

    @property
    def modified_at(self) -> datetime | None:
        return self.modification and self.modification.value


@dataclass(frozen=True, slots=True)
class _Stated:
    moment: Moment
    candidate: Candidate


def read_dates(
    tree: HtmlElement,
    structured: StructuredData,
    meta: MetaTags,
    near: Surroundings,
    *,
    url: str | None = None,
    language: str | None = None,
) -> Dates:
    """The page's own dates: what it declares before what it shows, its address in between.

    A page that dates only its latest edit is taken to be published then: it is the latest it can
    have been, and the candidate says where it comes from. Nothing depends on the clock.
    """
    month_first = language is None or language.lower() in ("en", "en-us")
    published = [*_declared(structured, meta, "datePublished", _PUBLISHED_META, month_first)]
    modified = [*_declared(structured, meta, "dateModified", _MODIFIED_META, month_first)]
    if not published:
        published += _read(_created(structured), month_first)
    for is_update, stated in _time_elements(tree, near, month_first):
        (modified if is_update else published).append(stated)
    published += _in_address(url, "url")
    for texts in (_texts_near(near), _texts_marked(tree)):
        if not published:
            for is_update, stated in _shown(texts, month_first):
                (modified if is_update else published).append(stated)
    if not published and not modified:
        published += _in_address(meta.first("og:image"), "meta:og:image")
    return Dates(
        _choose(published or modified),
        _choose(modified),
        tuple(s.candidate for s in (published or modified)[:MAX_CANDIDATES]),
        tuple(s.candidate for s in modified[:MAX_CANDIDATES]),
    )


def _choose(stated: list[_Stated]) -> Moment | None:
    """The first statement's moment, with the time or zone that a later one gives it."""
    if not stated:
        return None
    best = stated[0].moment
    for other in (one.moment for one in stated[1:]):
        if not best.has_zone and _is_fuller(other, best):
            best = other
    return best


def _is_fuller(other: Moment, best: Moment) -> bool:
    """Whether `other` is the same reading of calendar and clock, with more of it."""
    if other.value.date() != best.value.date():
        return False
    if not best.has_time:
        return other.has_time
    same_minute = other.value.replace(second=0, microsecond=0, tzinfo=None) == best.value.replace(
        second=0, microsecond=0, tzinfo=None
    )
    return other.has_zone and same_minute


def _read(texts: Iterable[tuple[str, str]], month_first: bool) -> Iterator[_Stated]:
    for text, source in texts:
        moment = parse_moment(text, month_first=month_first)
        if moment:
            yield _Stated(moment, Candidate(text[:100], source))


def _declared(
    structured: StructuredData,
    meta: MetaTags,
    name: str,
    meta_names: Iterable[str],
    month_first: bool,
) -> Iterator[_Stated]:
    nodes = structured.articles or structured.pages
    texts = [(text, f"json-ld:{name}") for node in nodes for text in structured.texts(node, name)]
    texts += [(text, f"meta:{meta_name}") for meta_name, text in meta.all(meta_names)]
    return _read(texts, month_first)


def _created(structured: StructuredData) -> Iterator[tuple[str, str]]:
    for name in ("dateCreated", "uploadDate"):
        for node in structured.articles or structured.pages:
            for text in structured.texts(node, name):
                yield text, f"json-ld:{name}"


def _time_elements(
    tree: HtmlElement, near: Surroundings, month_first: bool
) -> Iterator[tuple[bool, _Stated]]:
    """The article's `<time>` elements and hAtom's `<abbr class="published">`, if possible near its
    heading; and which tell of updates."""
    elements = [e for e in near if _is_time(e)] or [
        element
        for element in islice(filter(_is_time, tree.iter("time", "abbr")), MAX_CANDIDATES)
        if not any(a.tag in _NOT_THE_ARTICLE for a in islice(element.iterancestors(), 8))
    ]
    for element in elements:
        declared = element.get("datetime" if element.tag == "time" else "title")
        text = declared or short_text(element, MAX_SHOWN)
        for stated in _read([(text, "time")], month_first):
            yield _tells_update(element), stated


def _is_time(element: HtmlElement) -> bool:
    if element.tag == "abbr":
        return not _HATOM.isdisjoint((element.get("class") or "").split())
    return bool(element.tag == "time")


def _tells_update(element: HtmlElement) -> bool:
    """Whether the words on or shortly before a `<time>` are those of an update."""
    label = [element.get("class"), element.get("itemprop"), element.text]
    before, parent = element.getprevious(), element.getparent()
    if before is not None:
        label += [before.tail, short_text(before, MAX_LABEL)]
    elif parent is not None:
        label.append(parent.text)
    return any(text and _UPDATED.search(text[-MAX_LABEL:]) for text in label)


def _in_address(url: str | None, source: str) -> Iterator[_Stated]:
    match = _URL_DAY.search(path_of(url))
    if match:
        yield from _read([("-".join(match.group(1, 3, 4)), source)], month_first=True)


def _shown(texts: Iterable[str], month_first: bool) -> Iterator[tuple[bool, _Stated]]:
    """Dates in short texts, and which tell of an update: in "3 May, updated 5 May" the second."""
    for text in texts:
        if len(text) < MAX_SHOWN and _DIGIT.search(text):
            update = _UPDATED.search(text)
            at = update.start() if update else len(text)
            found = [
                (is_update, _Stated(moment, Candidate(part.strip(), "text")))
                for is_update, part in ((False, text[:at]), (True, text[at:]))
                for moment in islice(find_moments(part, month_first=month_first), 1)
            ]
            if update and len(found) == 1:
                found = [(True, stated) for _, stated in found]
            yield from found


def _texts_near(near: Surroundings) -> Iterator[str]:
    for element in near:
        own = element.tag not in NOT_SHOWN and not (
            element.tag == "time" and _tells_update(element)
        )
        for text in (element.text if own else None, element.tail):
            if text:
                yield " ".join(text[: 2 * MAX_SHOWN].split())


def _texts_marked(tree: HtmlElement) -> Iterator[str]:
    marked = (
        element
        for element in tree.iter(*_TEXT_ELEMENTS)
        if _DATE_CLASS.search(element.get("class") or "")
    )
    for element in islice(marked, MAX_MARKED):
        yield short_text(element, MAX_SHOWN)
