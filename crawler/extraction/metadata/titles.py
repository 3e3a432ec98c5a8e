"""The title a page shows its readers, without the name of its site.

A page states its title several times: in a heading, in JSON-LD, for social networks, for the
browser's tab. Each place is wrong on some sites: the heading is the logo or a kicker, the tab has
the site's name in it, the card is a shorter or a louder wording. Each of them, and each part of one
between separators, is an option; a model that `tests/benchmark/title_training.py` teaches chooses.
"""

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from lxml import etree
from lxml.html import HtmlElement

from crawler.extraction.article import Candidate
from crawler.extraction.learned import read_model
from crawler.extraction.page.meta_tags import MetaTags
from crawler.extraction.page.structured import StructuredData
from crawler.extraction.page.web_addresses import absolute, is_front_page
from crawler.extraction.page.wording import plain, squash, squeeze, words

MODEL = Path(__file__).with_name("titles.json")

MAX_TITLE = 500
# with the white space that markup is indented by
MAX_SHOWN = 2_000
MAX_HEADINGS = 100
MAX_ELEMENTS = 100
MAX_HEADLINES = 4
MAX_STATED = 24
MAX_SEPARATORS = 20
MAX_PARTS = 4

SEPARATOR = re.compile(r"\s+(?:[|｜ㅣᅵ·•»«›‹]|[-–—]{1,2}|::|\|\|)\s+|[|｜ㅣᅵ]")
_WEAK_SEPARATOR = r"|\s*[:：]\s+|(?<=\w)[-–—](?=\w)"
_ANY_SEPARATOR = re.compile(SEPARATOR.pattern + _WEAK_SEPARATOR)
# where a title has quotations, their marks divide nothing
_QUOTING_SEPARATOR = re.compile(re.sub("[»«›‹]", "", SEPARATOR.pattern) + _WEAK_SEPARATOR)
_QUOTING = re.compile(r"«[^»]*»|»[^«]+«|‹[^›]*›")
_QUOTATION_MARK = re.compile(r"\s*(?:[\"“”„«‘’']|»(?!\s))")
_COLONS = frozenset(":：")
_BARS = frozenset("|｜ㅣᅵ")
# meta tags for systems that want an article's own headline
_HEADLINE_META = (
    "headline", "hdl", "parsely-title", "sailthru.title", "cxenseparse:title", "article:title",
    "dcterms.title", "dc.title", "citation_title",
)  # fmt: skip
_UP = frozenset({".", "./", "..", "../"})
_NAVIGATION = frozenset({"nav", "footer", "aside"})
_CONTENT = frozenset({"header", "article", "main", "body"})
_BREAKING = frozenset({"br", "div", "p", "li", "h2", "h3"})

SOURCES = (
    "h1", "h1 inside", "later h1", "h1 in navigation", "logo", "h2", "json-ld", "meta:og:title",
    "meta:twitter:title", "meta:headline", "title",
)  # fmt: skip
# what many things beside the title are in; no part of these is a title
_WEAK = frozenset({"h2", "h1 inside", "later h1"})
_CUT = ("h1", "json-ld", "meta:og:title", "title")
_JUDGES = (*_CUT, "meta:twitter:title", "meta:headline")
_EXPECTED = ("json-ld", "meta:og:title", "meta:headline")
_SHORT_NAME = 3
_MANY_WORDS = 30
_TELLING_LETTERS = 5


@dataclass(frozen=True, slots=True)
class Stated:
    """What one place of a page gives as its title; `key` is its letters and digits."""

    text: str
    source: str
    key: str
    words: frozenset[str]


@dataclass(frozen=True, slots=True)
class Cut:
    """A part of a title, and what is cut away: behind it where it is the first, at a bar or not.
    A weak separator stands in titles as well: it makes no option, and tells of one."""

    part: str
    rest: str
    first: bool
    barred: bool
    weak: bool


@dataclass(slots=True)
class Option:
    """A title to choose: the sources that state it, and what is cut away of those it is part of."""

    text: str
    key: str
    words: frozenset[str]
    sources: set[str] = field(default_factory=set)
    cut: dict[str, Cut] = field(default_factory=dict)


def read_title(
    tree: HtmlElement,
    structured: StructuredData,
    meta: MetaTags,
    sites: Set[str],
    *,
    url: str | None = None,
) -> tuple[str, tuple[Candidate, ...]]:
    """The title, empty where there is none, and what each place said. `url` is the page's own,
    `sites` are the names of its site, squashed."""
    stated = stated_titles(tree, structured, meta, url)
    candidates = tuple(Candidate(it.text, it.source) for it in stated if it.source != "h1 inside")
    options = options_of(stated, sites)
    if not options:
        return "", candidates
    likely = read_model(MODEL).trees.probabilities(rows(options, stated, sites))
    return options[likely.index(max(likely))].text, candidates


def _state(text: str, source: str) -> Stated:
    found = words(text)
    return Stated(text.strip(), source, "".join(found), frozenset(found))


def stated_titles(
    tree: HtmlElement, structured: StructuredData, meta: MetaTags, url: str | None
) -> list[Stated]:
    """Every title that the page states, headings first; none is empty."""
    declared = [*_declared(tree, structured, meta)]
    keys = {
        squash(part) for text, _ in declared for part in (text, *(it.part for it in _cuts(text)))
    }
    given = [*islice(_headings(tree, url, keys - {""}), MAX_STATED), *declared]
    return [one for one in (_state(text, source) for text, source in given) if one.key]


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
    if title is not None:
        yield plain(title.text or "")[:MAX_TITLE], "title"


def _headings(tree: HtmlElement, url: str | None, declared: Set[str]) -> Iterator[tuple[str, str]]:
    """The page's headings of the first rank, what stands in an element inside them, and its first
    heading of the second: some sites give search engines an h1 and show their readers an h2."""
    first = True
    for heading in islice(tree.iter("h1"), MAX_HEADINGS):
        text = _shown(heading)
        if not text:
            continue
        if _is_logo(heading, url):
            yield text, "logo"
        elif _in_navigation(heading):
            yield text, "h1 in navigation"
        else:
            yield text, "h1" if first else "later h1"
            if first:
                for element in islice(heading.iterdescendants(etree.Element), 5):
                    yield _shown(element), "h1 inside"
            first = False
    for heading in islice(tree.iter("h2"), MAX_HEADINGS):
        for element in islice(heading.iter(etree.Element), 10):
            text = _shown(element)
            if squash(text) in declared:
                yield text, "h2"
                return


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


def options_of(stated: Sequence[Stated], sites: Set[str]) -> list[Option]:
    """The titles to choose among, the first stated first; `sites` are the site's names, squashed.

    A site's name is none, where there is another, and what has it at an end goes without.
    """
    options: dict[str, Option] = {}
    sites = {*sites, *(one.key for one in stated if one.source == "logo")}
    stated = [one for one in stated if not _breaks_off(one.text, stated)] or stated
    for one in stated:
        text = _without_site(one.text, sites)
        _option(options, text).sources.add(one.source)
    for one in stated:
        if one.source not in _WEAK:
            whole = _without_site(one.text, sites)
            for cut in _cuts(whole):
                key = squash(cut.part)
                if key in options or (key and not cut.weak):
                    _option(options, cut.part).cut.setdefault(one.source, cut)
    named = [it for it in options.values() if it.key not in sites]
    return named or [*options.values()]


def _breaks_off(text: str, stated: Sequence[Stated]) -> bool:
    """Whether a title ends where another goes on with a quotation: its mark ended the attribute."""
    start = text.rstrip("\\ ")
    return any(
        len(one.text) > len(start) > 0
        and one.text.startswith(start)
        and _QUOTATION_MARK.match(one.text, len(start))
        for one in stated
    )


def _option(options: dict[str, Option], text: str) -> Option:
    found = words(text)
    key = "".join(found)
    known = options.setdefault(key, Option(text.strip(), key, frozenset(found)))
    # of one title's spellings the one with most spaces: markup swallows some
    if text.strip().count(" ") > known.text.count(" "):
        known.text = text.strip()
    return known


def _without_site(text: str, sites: Set[str]) -> str:
    """`text` less the site's name at its beginning or its end."""
    for cut in _cuts(text):
        if squash(cut.rest) in sites and squash(cut.part):
            return _without_site(cut.part, sites)
    return text


def _cuts(text: str) -> Iterator[Cut]:
    """What is left at each of some separators."""
    separators = _QUOTING_SEPARATOR if _QUOTING.search(text) else _ANY_SEPARATOR
    found = [*islice(separators.finditer(text), MAX_SEPARATORS)]
    sides = [(it, True) for it in found[-MAX_PARTS:]] + [(it, False) for it in found[:MAX_PARTS]]
    for separator, first in sides:
        halves = text[: separator.start()], text[separator.end() :]
        part, rest = halves if first else halves[::-1]
        yield Cut(part, rest, first, separator[0].strip() in _BARS, _is_weak(separator[0]))
    strong = [it for it in found if not _is_weak(it[0])]
    if len(strong) > 1:
        part = text[strong[0].end() : strong[-1].start()]
        rest = f"{text[: strong[0].start()]} {text[strong[-1].end() :]}"
        yield Cut(part, rest, first=False, barred=False, weak=False)


def _is_weak(separator: str) -> bool:
    mark = separator.strip()
    return mark in _COLONS or (separator == mark and mark not in _BARS)


FEATURES = (
    *(f"stated by {source}" for source in SOURCES),
    *(f"in part by {source}" for source in _CUT),
    *(f"like {source}" for source in _JUDGES),
    *(f"there is {source}" for source in _EXPECTED),
    "places that state it", "share that hold it", "share that it holds", "is a site's name",
    "holds a site's name", "words", "share of the longest's words", "a site's name cut away",
    "words cut away", "the first part", "a later part", "a bar cuts it",
    "what is cut away goes on in lower case", "words of its last part",
    "a site's name is its last part", "begins another", "begun by another",
    "shares a word with another", "one h1", "h1 shares a word", "likeness of h1 and another",
)  # fmt: skip


def rows(options: Sequence[Option], stated: Sequence[Stated], sites: Set[str]) -> list[list[float]]:
    """The FEATURES of each option; `sites` are the site's names, squashed."""
    by_source: dict[str, Stated] = {}
    for one in stated:
        by_source.setdefault(one.source, one)
    told = [one for one in stated if one.source not in _WEAK]
    sites = {*sites, *(one.key for one in stated if one.source == "logo")}
    long_names = [site for site in sites if len(site) > _SHORT_NAME]
    longest = max(len(option.words) for option in options)
    h1 = by_source.get("h1")
    others = [] if h1 is None else [one for one in told if one is not h1]
    page = (
        sum(one.source in ("h1", "later h1") for one in stated) == 1,
        h1 is not None and any(_share_a_word(h1, one) for one in others),
        max((_likeness(h1, one) for one in others), default=0.0) if h1 is not None else 0.0,
    )

    def names_site(text: str) -> bool:
        key = squash(text)
        return key in sites or any(it in key or key in it for it in long_names if key)

    def row(option: Option) -> Iterator[float]:
        key = option.key
        yield from (source in option.sources for source in SOURCES)
        yield from (source in option.cut for source in _CUT)
        for source in _JUDGES:
            yield _likeness(option, by_source[source]) if source in by_source else 0.0
        yield from (source in by_source for source in _EXPECTED)
        yield len(option.sources - _WEAK)
        yield sum(key in one.key for one in told) / max(1, len(told))
        yield sum(one.key in key for one in told) / max(1, len(told))
        yield key in sites
        yield any(site in key for site in long_names)
        yield min(len(option.words), _MANY_WORDS)
        yield len(option.words) / longest
        yield any(names_site(cut.rest) for cut in option.cut.values())
        yield min((len(cut.rest.split()) for cut in option.cut.values()), default=0)
        yield any(cut.first for cut in option.cut.values())
        yield any(not cut.first for cut in option.cut.values())
        yield any(cut.barred for cut in option.cut.values())
        yield any(cut.rest[:1].islower() for cut in option.cut.values())
        tail = _last_part(option.text)
        yield len(tail.split())
        yield bool(tail) and names_site(tail)
        yield any(one.key != key and one.key.startswith(key) for one in told)
        yield any(one.key != key and key.startswith(one.key) for one in told)
        yield any(_share_a_word(option, one) for one in told if one.source not in option.sources)
        yield from page

    return [[*map(float, row(option))] for option in options]


def _last_part(text: str) -> str:
    separators = [*islice(SEPARATOR.finditer(text), MAX_SEPARATORS)]
    return text[separators[-1].end() :] if separators else ""


def _likeness(one: Option | Stated, other: Option | Stated) -> float:
    """The share of words that two titles have in common."""
    if one.key == other.key:
        return 1.0
    both = len(one.words | other.words)
    return len(one.words & other.words) / both if both else 0.0


def _share_a_word(one: Option | Stated, other: Stated) -> bool:
    return (
        other.key in one.key
        or one.key in other.key
        or any(len(word) >= _TELLING_LETTERS for word in one.words & other.words)
    )
