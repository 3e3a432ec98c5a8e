"""The title a page shows its readers, without the name of its site.

A page states its title several times: in a heading, in JSON-LD, for social networks, for the
browser's tab. Each place is wrong on some sites: the heading is the logo or a kicker, the tab has
the site's name in it, the card is a shorter or a louder wording. So they vote, and the heading has
most votes.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from lxml import etree
from lxml.html import HtmlElement

from crawler.extraction.article import Candidate
from crawler.extraction.page.meta_tags import MetaTags
from crawler.extraction.page.structured import StructuredData
from crawler.extraction.page.web_addresses import absolute, is_front_page
from crawler.extraction.page.wording import plain, squash, squeeze, words

MAX_TITLE = 500
# with the white space that markup is indented by
MAX_SHOWN = 2_000
MAX_HEADINGS = 100
MAX_ELEMENTS = 100
MAX_SEPARATORS = 50
MAX_HEADLINES = 4

SEPARATOR = re.compile(r"\s+(?:[|｜ㅣᅵ·•»«›‹]|[-–—]{1,2}|::|\|\|)\s+|[|｜ㅣᅵ]")
# where a title has quotations, their marks divide nothing
_SEPARATOR_OF_QUOTING = re.compile(r"\s+(?:[|｜ㅣᅵ·•]|[-–—]{1,2}|::|\|\|)\s+|[|｜ㅣᅵ]")
_QUOTING = re.compile(r"«[^»]*»|»[^«]+«|‹[^›]*›")
_QUOTATION_MARK = re.compile(r"\s*(?:[\"“”„«‘’']|»(?!\s))")
_ANY_SEPARATOR = re.compile(r"\s*[^\w\s'\"’”“„]{1,2}\s+|\s+[^\w\s'\"’”“„]{1,2}\s*|[-–—|｜ㅣᅵ]")
_DASH = re.compile(r"[-–—]")
_MAX_SITE_WORDS = 4
_BARE = frozenset({"h1", "h2", "json-ld", "h1 in navigation"})
# meta tags for systems that want an article's own headline
_HEADLINE_META = (
    "headline", "hdl", "parsely-title", "sailthru.title", "cxenseparse:title", "article:title",
    "dcterms.title", "dc.title", "citation_title",
)  # fmt: skip
_UP = frozenset({".", "./", "..", "../"})
_NAVIGATION = frozenset({"nav", "footer", "aside"})
_CONTENT = frozenset({"header", "article", "main", "body"})
_BREAKING = frozenset({"br", "div", "p", "li", "h2", "h3"})

# What a place is worth. A heading is what the reader sees: it outweighs the others together, if
# it shares a telling word with one of them at all.
_WEIGHTS = {
    "h1": 10.0,
    "h2": 5.0,
    "json-ld": 4.0,
    "meta:og:title": 2.0,
    "meta:headline": 0.0,
    "title": 2.0,
    "meta:twitter:title": 1.0,
    "h1 in navigation": 0.5,
    "logo": 0.0,
}
# The share of a shorter title's words found in a longer one from which the two support each other.
_NEAR = 0.7
_SUPPORT = 0.5
_TELLING_LETTERS = 5


@dataclass(frozen=True, slots=True)
class _Stated:
    text: str
    source: str
    words: frozenset[str]
    key: str


def read_title(
    tree: HtmlElement,
    structured: StructuredData,
    meta: MetaTags,
    site_names: Sequence[str],
    *,
    url: str | None = None,
) -> tuple[str, tuple[Candidate, ...]]:
    """The title, empty where there is none, and what each place said. `url` is the page's own."""
    sites = {squash(name) for name in site_names} - {""}
    first = islice(tree.iter("h1"), MAX_HEADINGS)
    sites |= {squash(_shown(it)) for it in first if _is_logo(it, url)}
    sites -= {""}
    declared = [*_declared(tree, structured, meta)]
    keys = {squash(_without_site(text, sites, {})) for text, _ in declared}
    shown = [*_headings(tree, keys, url)]
    raw = shown + declared
    candidates = tuple(Candidate(text, source) for text, source in raw)
    whole = [one for one in raw if not _breaks_off(one[0], raw)]
    known = {squash(text) for text, source in whole if source != "meta:headline"}
    headings = {
        key: text
        for text, source in reversed(whole)
        if (key := squash(text))
        and (source in _BARE or (source == "meta:headline" and key not in known))
    }
    stated = [_state(_without_site(text, sites, headings), source) for text, source in whole]
    stated = [one for one in stated if one.key and one.key not in sites] or [
        _state(text, source) for text, source in whole
    ]
    if not stated:
        return "", candidates
    best = max(stated, key=lambda one: _votes(one, stated))
    return _spelling(best, stated), candidates


def _declared(
    tree: HtmlElement, structured: StructuredData, meta: MetaTags
) -> Iterator[tuple[str, str]]:
    for node in structured.articles[:1]:
        for name in ("headline", "name"):
            headline = plain(next(structured.texts(node, name), ""))
            if headline:
                yield headline[:MAX_TITLE], "json-ld"
                break
    for source in ("og:title", "twitter:title"):
        for _, content in islice(meta.all([source]), 1):
            yield plain(content)[:MAX_TITLE], f"meta:{source}"
    for _, content in islice(meta.all(_HEADLINE_META), MAX_HEADLINES):
        yield plain(content)[:MAX_TITLE], "meta:headline"
    title = next(tree.iter("title"), None)
    text = plain(title.text or "")[:MAX_TITLE] if title is not None else ""
    if text:
        yield text, "title"


def _headings(tree: HtmlElement, declared: set[str], url: str | None) -> Iterator[tuple[str, str]]:
    """The page's headings of the first rank; of the second, if it puts its h1 in a breadcrumb.

    Some sites give search engines an h1 there and show their readers an h2. It counts only where
    the page declares the same title elsewhere: other articles have an h2 as well.
    """
    shown = False
    for heading in islice(tree.iter("h1"), MAX_HEADINGS):
        text = _shown(heading)
        if text and _is_logo(heading, url):
            yield text, "logo"
        elif text and _in_navigation(heading):
            yield text, "h1 in navigation"
        elif text:
            shown = True
            yield _declared_part(heading, declared) or text, "h1"
    if not shown:
        for heading in islice(tree.iter("h2"), MAX_HEADINGS):
            part = _declared_part(heading, declared)
            if part:
                yield part, "h2"
                return


def _declared_part(heading: HtmlElement, declared: set[str]) -> str | None:
    """The heading, or the element inside it, that the page declares as a title.

    Where it is an element inside, the rest of the heading is a kicker or a label.
    """
    for element in islice(heading.iter(etree.Element), 10):
        text = _shown(element)
        if squash(text) in declared:
            return text
    return None


def _in_navigation(heading: HtmlElement) -> bool:
    for ancestor in islice(heading.iterancestors(), 8):
        if ancestor.tag in _CONTENT:
            return False
        if ancestor.tag in _NAVIGATION or "crumb" in (ancestor.get("class") or "").lower():
            return True
    return False


def _is_logo(heading: HtmlElement, url: str | None) -> bool:
    """Whether a heading is one link to the front page, as the name of a site is."""
    link = next(heading.iter("a"), None)
    if link is None:
        link = next((a for a in islice(heading.iterancestors(), 2) if a.tag == "a"), None)
    href = "" if link is None else (link.get("href") or "").strip()
    if not href:
        return False
    if url is None and href in _UP:
        return True  # most sites' names are linked so
    return href == "/" or is_front_page(absolute(href, url))


def _breaks_off(text: str, stated: Sequence[tuple[str, str]]) -> bool:
    """Whether a title ends where another goes on with a quotation: its mark ended the attribute."""
    start = text.rstrip("\\ ")
    return any(
        len(other) > len(start) > 0
        and other.startswith(start)
        and _QUOTATION_MARK.match(other, len(start))
        for other, _ in stated
    )


def _shown(heading: HtmlElement) -> str:
    """The text of a heading, words kept apart where a reader sees them apart."""
    parts: list[str] = []
    size = 0
    for piece in _pieces(heading):
        parts.append(piece[:MAX_SHOWN])
        size += len(piece)
        if size > MAX_SHOWN:
            break
    return squeeze("".join(parts))[:MAX_TITLE]


def _pieces(heading: HtmlElement) -> Iterator[str]:
    for element in islice(heading.iter(), MAX_ELEMENTS):
        if element.tag in _BREAKING:
            yield " "
        if element.tag not in ("script", "style", "svg", "noscript"):
            yield element.text or ""
        if element is not heading:
            if element.tag in _BREAKING:
                yield " "
            yield element.tail or ""


def _state(text: str, source: str) -> _Stated:
    found = words(text)
    return _Stated(text.strip(), source, frozenset(found), "".join(found))


def _votes(one: _Stated, stated: Iterable[_Stated]) -> float:
    votes = 0.0
    counted: set[str] = set()
    for other in stated:
        if other.source in counted:  # the second heading of a page has no second vote
            continue
        if other.key == one.key:
            counted.add(other.source)
            votes += _WEIGHTS[other.source]
        elif _alike(one, other):
            counted.add(other.source)
            votes += _WEIGHTS[other.source] * _SUPPORT
    if one.source == "h1" and not any(_share_a_word(one, other) for other in stated):
        return _WEIGHTS["h1 in navigation"]  # nothing says that it is the page's
    return votes


def _share_a_word(one: _Stated, other: _Stated) -> bool:
    return other.source != "h1" and (
        other.key in one.key
        or one.key in other.key
        or any(len(word) >= _TELLING_LETTERS for word in one.words & other.words)
    )


def _alike(one: _Stated, other: _Stated) -> bool:
    """Two wordings of one title: one holds most of the other's words, or all of its letters."""
    shorter, longer = sorted((one.key, other.key), key=len)
    if len(shorter) * 3 > len(longer) and shorter in longer:
        return True
    shared = len(one.words & other.words)
    return shared > 1 and shared >= _NEAR * min(len(one.words), len(other.words))


def _spelling(best: _Stated, stated: Iterable[_Stated]) -> str:
    """Of one title's spellings the one with most spaces: markup swallows some."""
    same = [one.text for one in stated if one.key == best.key]
    return max(same, key=lambda text: sum(map(str.isspace, text)))


def _without_site(text: str, sites: set[str], headings: Mapping[str, str]) -> str:
    """`text` without the parts that name the site. `headings` are the page's, by `squash`.

    What stands beside a heading of the page is no part of its title; nor is the site's name; nor
    a few words after a bar, which nobody writes inside a sentence.
    """
    for separator in islice(_ANY_SEPARATOR.finditer(text), MAX_SEPARATORS):
        for part in (text[: separator.start()], text[separator.end() :]):
            if (key := squash(part)) in headings:
                return text if key == squash(text) else headings[key]
    if squash(text) in headings:
        return text
    end = len(text)
    pattern = _SEPARATOR_OF_QUOTING if _QUOTING.search(text) else SEPARATOR
    for separator in reversed([*pattern.finditer(text)]):
        tail = text[separator.end() : end]
        head_words, tail_words = len(text[: separator.start()].split()), len(tail.split())
        barred = end == len(text) and not _DASH.search(separator[0])
        if not _names_site(tail, sites) and not (
            barred and tail_words <= min(head_words, _MAX_SITE_WORDS)
        ):
            break
        end = separator.start()
    first = pattern.search(text, 0, end)
    start = first.end() if first and squash(text[: first.start()]) in sites else 0
    return text[start:end]


def _names_site(part: str, sites: set[str]) -> bool:
    key = squash(part)
    return any(key == site or (len(site) > 3 and (key in site or site in key)) for site in sites)
