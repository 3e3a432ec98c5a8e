"""Who wrote an article: people and bodies, as the page declares or shows them."""

import re
from collections.abc import Iterable, Iterator, Sequence, Set
from itertools import islice

from lxml import etree
from lxml.html import HtmlElement

from crawler.extraction.article import Candidate
from crawler.extraction.metadata.moments import find_moments
from crawler.extraction.metadata.person_names import (
    is_full_name,
    is_role,
    split_names,
    without_prefix,
)
from crawler.extraction.page.meta_tags import MetaTags
from crawler.extraction.page.structured import StructuredData
from crawler.extraction.page.surroundings import Surroundings, short_text
from crawler.extraction.page.wording import squash, squeeze, words

MAX_AUTHORS = 30
MAX_CANDIDATES = 30
MAX_BYLINE = 200
MAX_BYLINES = 40
MAX_PARAGRAPHS = 500
MAX_ROLE_WORDS = 8
# characters of a paragraph that is text and no label
MIN_PROSE = 120

_META = (
    "author", "article:author", "article:author_name", "parsely-author", "sailthru.author",
    "cxenseparse:author", "authors", "byl", "dc.creator", "dcterms.creator", "dc.creator.name",
    "citation_author", "article.author", "creator",
)  # fmt: skip
_WRITTEN_BY = re.compile(
    r"written by|by$|verfasst|écrit|escrito|scritto|auteur|autor|geschrieben|författ"
)
_AUTHOR_CLASS = re.compile(
    r"[Aa]uthor(?!i)|[Bb]y-?[Ll]ine|\b[Aa]utor|[Aa]uteur|[Ww]riter|[Cc]reator|[Vv]erfasser"
)
_ANOTHER_CLASS = re.compile(
    r"comment|related|avatar|image|bio(?![a-z])|descri|title|role|job(?![a-z])", re.I
)
_AUTHOR_PAGE = re.compile(
    r"/(?:authors?|autor(?:en|es)?|auteurs?|profiles?|staff|team|by|contributors?"
    r"|writers?|journalists?|users?)/([^/?#]+)",
    re.IGNORECASE,
)
_AFTER_NAME = re.compile(r",?\s+(?:on|at|in|am|um|updated|published|last)(?:\s.*)?$")
_BAR = re.compile(r"\s*[|•·]\s*")
# Far from the heading "by" alone is too little.
_ANNOUNCEMENT = re.compile(
    r"\s*(?:(?:article |story |words )?(?:written|posted|reported) by|geschrieben von|écrit par"
    r"|escrito por|scritto da|author:|autor:|auteur :)",
    re.IGNORECASE,
)
_BARS = re.compile(r"\s*[|•·]\s*|\s+[-–—]\s+|,\s+")
_NOT_THE_ARTICLE = frozenset({"aside", "footer", "nav"})
# What is found by wording and place alone; it doesn't overrule a declaration, however poor.
_WEAK = frozenset({"text", "json-ld:page"})
_HANDLE = re.compile(r"[a-z]+[\w.-]*|[A-Z][a-z]+[A-Z0-9]\w*")
# accounts that systems come with, and desks
_HOUSE = re.compile(
    r"admin(?:istrator)?|web ?(?:master|desk|admin)|root|user|guest|editors?|editorial(?: team)?"
    r"|staff(?: (?:writer|reporter))?|news ?(?:room|desk)|(?:la )?(?:redaktion|rédaction|redacción"
    r"|redazione|redação|redactie|redaktionen|redakcja)|team|unknown|anonymous|default",
    re.IGNORECASE,
)
_CONNECTORS = frozenset(
    {
        ",",
        "、",
        "，",
        "،",
        "・",
        "and",
        "und",
        "et",
        "y",
        "e",
        "og",
        "och",
        "&",
        "ja",
        "en",
        "i",
        "и",
    }
)


def read_authors(
    tree: HtmlElement,
    structured: StructuredData,
    meta: MetaTags,
    near: Surroundings,
    sites: Set[str],
) -> tuple[tuple[str, ...], tuple[Candidate, ...]]:
    """The authors, none twice, and what each part of the page said.

    What a page declares comes before what it shows. The site itself, a desk, or somebody's account
    name, is an author only where nobody is named better, be it by a signature.
    """
    candidates: list[Candidate] = []
    fallback: tuple[str, ...] = ()
    for source, texts in _statements(tree, structured, meta, near):
        if (fallback and source in _WEAK) or (not fallback and source == "signature"):
            continue
        candidates += [Candidate(text[:MAX_BYLINE], source) for text in texts]
        names = _distinct(name for text in texts for name in _without_employer(text, sites))
        others = tuple(n for n in names if not is_house(n, sites))
        if others and not all(_HANDLE.fullmatch(name) for name in others):
            # In one list a publisher may name itself beside a colleague; in tags it labels itself.
            found = names if source.startswith("json-ld") else others
            return found[:MAX_AUTHORS], tuple(candidates[:MAX_CANDIDATES])
        fallback = fallback or others or names
    return fallback[:MAX_AUTHORS], tuple(candidates[:MAX_CANDIDATES])


def names_somebody(authors: Iterable[str], sites: Set[str]) -> bool:
    """Whether one of the authors is neither the site itself nor a desk."""
    return not all(is_house(name, sites) for name in authors)


def is_house(name: str, sites: Set[str]) -> bool:
    """Whether a name is the site's, one of its stations' ("ARD Berlin" of the ARD), or a desk's."""
    initials = name.partition(" ")[0]
    return (
        squash(name) in sites
        or (initials.isupper() and len(initials) > 1 and squash(initials) in sites)
        or bool(_HOUSE.fullmatch(name))
    )


def _without_employer(text: str, sites: Set[str]) -> list[str]:
    """The names in one statement, the site's own aside where it stands behind a person's."""
    names = split_names(text)
    return [name for name in names if not is_house(name, sites)] or names


def _distinct(names: Iterable[str]) -> tuple[str, ...]:
    by_key: dict[str, str] = {}
    for name in names:
        by_key.setdefault(squash(name), name)
    by_key.pop("", None)
    return tuple(by_key.values())


def _statements(
    tree: HtmlElement, structured: StructuredData, meta: MetaTags, near: Surroundings
) -> Iterator[tuple[str, list[str]]]:
    """(source, texts), the most trusted first."""
    for name in ("author", "creator"):
        for node in structured.articles:
            yield f"json-ld:{name}", list(structured.texts(node, name))
    for name in _META:
        yield f"meta:{name}", [content for _, content in meta.all([name])]
    for number in ("1", "2"):
        if _WRITTEN_BY.search((meta.first(f"twitter:label{number}") or "").lower()):
            yield f"meta:twitter:data{number}", [meta.first(f"twitter:data{number}") or ""]
    yield "byline", _bylines(_marked(near)) or _bylines(_marked(tree.iter(etree.Element)))
    yield "text", _titled_name(near) or _names_in(_pieces(near.after), announced=False, strict=True)
    yield "link", _linked_names(near)
    yield "text", next(filter(None, map(_announced, _short_elements(tree))), [])
    yield "signature", _signatures(tree)
    for node in structured.pages:
        yield "json-ld:page", list(structured.texts(node, "author"))


def _marked(elements: Iterable[HtmlElement]) -> list[HtmlElement]:
    """Elements marked as holding an author: by relation or property first, then by class."""
    declared: list[HtmlElement] = []
    classed: list[HtmlElement] = []
    for element in elements:
        attributes = element.attrib
        if not attributes:
            continue
        if attributes.get("rel") == "author" or attributes.get("itemprop") == "author":
            declared.append(element)
            continue
        name = attributes.get("class")
        if name and _AUTHOR_CLASS.search(name) and not _ANOTHER_CLASS.search(name):
            classed.append(element)
    return [*filter(_is_the_articles, declared[:MAX_BYLINES] + classed[:MAX_BYLINES])]


def _names_author(element: HtmlElement) -> bool:
    """Whether an element is said to hold a name and nothing else."""
    return "author" in (element.get("rel"), element.get("itemprop")) or (
        "name" in (element.get("class") or "").lower()
    )


def _is_the_articles(element: HtmlElement) -> bool:
    return not any(
        ancestor.tag in _NOT_THE_ARTICLE or "comment" in (ancestor.get("class") or "")
        for ancestor in islice(element.iterancestors(), 10)
    )


def _pieces(elements: Iterable[HtmlElement]) -> Iterator[str]:
    for element in elements:
        for text in (element.text, element.tail):
            if text and len(text) < MAX_BYLINE:
                yield text


def _bylines(elements: Sequence[HtmlElement]) -> list[str]:
    """The names in the first element that has any, and in those made and placed like it."""
    for number, element in enumerate(elements):
        names = _names_in(element.itertext(), announced=_names_author(element))
        if names:
            place = _place(element)
            for other in elements[number + 1 :]:
                if _place(other) == place:
                    names += _names_in(other.itertext(), announced=_names_author(other))
            return names
    return []


def _place(element: HtmlElement) -> tuple[object, ...]:
    around = islice(element.iterancestors(), 2)
    return element.tag, element.get("class"), [*around][-1:]


def _signatures(tree: HtmlElement) -> list[str]:
    """The names that stand alone, in bold or set apart, above a text or below it."""
    paragraphs = [*islice(tree.iter("p"), MAX_PARAGRAPHS)]
    prose = [n for n, p in enumerate(paragraphs) if len(short_text(p, MIN_PROSE)) >= MIN_PROSE]
    if not prose:
        return []
    above = [p for p in paragraphs[max(0, prose[0] - 3) : prose[0]] if _is_bold(p)]
    below = [p for p in paragraphs[prose[-1] + 1 : prose[-1] + 3] if _is_bold(p)]
    for paragraph in (*above, *below):
        text = short_text(paragraph, MAX_BYLINE)
        names = [name for part in text.split("/") for name in split_names(part)]
        if names and all(is_full_name(name) and not is_role(name) for name in names):
            return names
    return []


def _is_bold(paragraph: HtmlElement) -> bool:
    """Whether a paragraph is one bold text and no more."""
    child = next(iter(paragraph), None)
    return (
        child is not None
        and child.getnext() is None
        and child.tag in ("strong", "b")
        and not (paragraph.text or "").strip()
        and not (child.tail or "").strip()
    )


def _titled_name(near: Surroundings) -> list[str]:
    """The name in "Ann Lee | Staff Writer | 3 May 2024": one with a role or a date behind it."""
    for piece in _pieces(near.after):
        parts = _BARS.split(" ".join(piece.split()))
        if len(parts) > 1 and is_full_name(parts[0]) and not is_role(parts[0]):
            # a clause behind a name is a sentence's
            rest = [part for part in parts[1:] if len(part.split()) <= MAX_ROLE_WORDS]
            if any(is_role(part) or next(find_moments(part), None) for part in rest):
                return [parts[0]]
    return []


def _short_elements(tree: HtmlElement) -> Iterator[HtmlElement]:
    for element in tree.iter("p", "div", "span", "h2", "h3", "h4", "strong", "em"):
        if element.text and _ANNOUNCEMENT.match(element.text) and _is_the_articles(element):
            yield element


def _announced(element: HtmlElement) -> list[str]:
    return _names_in(islice(element.itertext(), 10), announced=False, strict=True)


def _linked_names(near: Surroundings) -> list[str]:
    """The names by which pages of authors go that are linked: on the link, or beside it."""
    found: list[str] = []
    for element in near:
        page = _AUTHOR_PAGE.search(element.get("href") or "") if element.tag == "a" else None
        if page:
            names = _names_in(element.itertext(), announced=False)
            found += [
                name for name in names if any(word in page[1].lower() for word in words(name))
            ]
            if not found:
                own = squash(page[1])
                found += [text for text in map(squeeze, _pieces(near)) if squash(text) == own][:1]
    return found


def _names_in(pieces: Iterable[str], *, announced: bool, strict: bool = False) -> list[str]:
    """The names in a byline, cut into its text nodes; [] where it holds none plainly.

    Between two names must stand a comma or an "and": what follows a name otherwise is a role, a
    date, a biography. A single word is a name only where "by" or its like announces it; with
    `strict` a name in full must be announced as well.
    """
    names: list[str] = []
    marked = announced
    connected = True
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > MAX_BYLINE and not strict:
            break
        text, prefixed = without_prefix(" ".join(piece.split()))
        announced = announced or prefixed
        if not text or text in _CONNECTORS:
            connected = connected or bool(text)
            continue
        # of "By" and "Wednesday, 21 Sep" apart the weekday is no name
        short = announced and (prefixed or not any(find_moments(text)))
        found = (
            names_in_piece(text, announced=announced, short=short, strict=strict)
            if connected
            else []
        )
        if names:
            found = [name for name in found if not is_role(name)]
            if not found and not is_role(text):
                break
            connected = False
        elif not found:
            announced = marked
        if not found:
            continue
        names += found
        connected = text.endswith((",", " and", " und", "&"))
    return names


def names_in_piece(text: str, *, announced: bool, short: bool, strict: bool = False) -> list[str]:
    """The names in the first part of a text node that has any: bars part a name from its role.
    They are names in full, or with `short` of a single word."""
    for part in _BAR.split(text):
        found = [
            name
            for name in split_names(_AFTER_NAME.sub("", part))
            if (
                is_full_name(name, declared=not strict)
                and (announced or not strict)
                and not is_role(name)
            )
            or (short and _is_short_name(name))
        ]
        if found:
            return found
    return []


def _is_short_name(text: str) -> bool:
    words_of = text.split()
    return (
        len(words_of) <= 3
        and 3 <= len(text) <= 40
        and (not text[0].islower() or words_of[0] == "the")
        and not any(word.strip(".,").isdigit() for word in words_of)
    )
