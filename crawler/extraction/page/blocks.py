"""The page as its reader meets it: a sequence of text blocks, each with its place in the structure.

One walk over the tree, without recursion, in time linear in the document. Every later decision
about what belongs to the article is made on this sequence.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlsplit

from lxml.html import HtmlElement

from crawler.extraction.errors import TooLarge
from crawler.extraction.page.pictures import picture_address
from crawler.extraction.page.wording import squeeze


def words(text: str) -> frozenset[str]:
    return frozenset(text.split())


UNREAD = words(
    "script style noscript template svg math head title iframe object embed canvas audio video "
    "picture select option textarea button input datalist map meta link dialog"
)
# an unclosed one of these swallows the rest of the page in libxml2's reading of it
SWALLOWING = words("button svg select object canvas audio video picture map dialog")
PICTURES = words("img picture video iframe svg")
INLINE = words(
    "a abbr acronym b bdi bdo big cite code data del dfn em font i img ins kbd label mark nobr q "
    "rb rp rt rtc ruby s samp small span strike strong sub sup time tt u var wbr"
)
STRONG = words("b strong")
HEADINGS = words("h1 h2 h3 h4 h5 h6")
FLOWS = words("ul ol dl table pre blockquote details")
MAXIMUM_BLOCKS = 20_000
MAXIMUM_SCOPES = 60_000
# a long novel; texts are compared several times over
MAXIMUM_CHARACTERS = 2_000_000
LABEL_CHARACTERS = 400
NAMING_ATTRIBUTES = ("itemprop", "role", "data-testid", "data-component")

_WORD = re.compile(r"[a-z]+|[A-Z][a-z]+|[A-Z]+(?![a-z])")
_UNNAMING = re.compile(r"(?:has|with|no|not|without)-|[^:]*:")
_UNSEEN = re.compile(
    r"(?:^| )(?:hidden|hide|sr-only|d-none|is-hidden|u-hidden|invisible)(?: |$)"
    r"|visually-?hidden|screen-?reader",
    re.IGNORECASE,
)
_SEEN_ON_SOME_SCREENS = re.compile(r"(?:^| )[\w-]{1,20}[:-](?:block|flex|inline|grid|contents)")
_DISPLAY_NONE = re.compile(r"display\s*:\s*none")
_INVISIBLE_CHARACTERS = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))


@dataclass(slots=True, eq=False)
class Scope:
    """A block-level element around text; `order` numbers them as the page opens them.

    `last` is the order of the last scope inside, its own where there is none.

    `names` are the words of its class, id and role, `classes` those of its class alone; `heading`
    and `flow` are the nearest heading, list, table or quotation it is or stands in.
    """

    parent: "Scope | None"
    tag: str
    names: frozenset[str]
    classes: frozenset[str]
    hidden: bool
    order: int
    heading: str | None
    flow: str | None
    last: int = 0


@dataclass(slots=True, eq=False)
class Block:
    """A run of text between two block boundaries.

    `linked` is the share of its characters that stand in links, `away` the share in links that
    leave the site or stay on the page; `names` are those of the inline elements around all of it;
    `pictured` blocks stand right after a picture or player, `picture` is its address; `strong`
    ones are bold throughout. `moment` is a time that the page gives in it or right before it, as
    `<time>` has it for machines.
    """

    text: str
    scope: Scope
    linked: float
    away: float
    names: frozenset[str]
    pictured: bool
    strong: bool
    index: int
    picture: str | None = None
    moment: str | None = None


def read_blocks(root: HtmlElement, url: str | None = None) -> list[Block]:
    """The text blocks of a document in page order; `url` tells which links stay on the site.

    Raises TooLarge past 20,000 blocks, 60,000 block-level elements or 2 million characters.
    """
    reader = _Reader(url)
    reader.read(root)
    return reader.blocks


@lru_cache(maxsize=8192)
def name_words(label: str) -> frozenset[str]:
    """The words in a class or id: `relatedPosts--small` gives related, posts and small.

    `has-sidebar` and `md:hidden` name what an element has or becomes, not what it is; in
    generated names such as `x9ad3` short words mean nothing.
    """
    tokens = [token for token in label.split() if not _UNNAMING.match(token)]
    found = {word.lower() for token in tokens for word in _WORD.findall(token)}
    segments = {segment.lower() for token in tokens for segment in re.split("[-_]+", token)}
    return frozenset(word for word in found if len(word) > 3 or word in segments)


@lru_cache(maxsize=8192)
def _inline_names(tag: str, label: str) -> frozenset[str]:
    return name_words(label) | {"<time>"} if tag == "time" else name_words(label)


@lru_cache(maxsize=8192)
def _is_hiding(label: str) -> bool:
    return bool(_UNSEEN.search(label)) and not _SEEN_ON_SOME_SCREENS.search(label)


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def _is_hidden(element: HtmlElement, label: str) -> bool:
    attributes = element.attrib
    if "hidden" in attributes or attributes.get("aria-hidden") == "true":
        return True
    style = attributes.get("style")
    return bool(style and "none" in style and _DISPLAY_NONE.search(style)) or (
        bool(label) and _is_hiding(label)
    )


class _Reader:
    """The state of one walk: where it stands, and the run of text it is in."""

    def __init__(self, url: str | None) -> None:
        self.url = url
        self.host = _host(url or "")
        self.blocks: list[Block] = []
        self.scope = Scope(None, "root", frozenset(), frozenset(), False, 0, None, None)
        self.scopes = self.characters = 0
        self.link_depth = self.bold_depth = 0
        self.leads_away = False
        self.pictured = False
        self.picture: str | None = None
        self.moment: str | None = None
        self.inline_names: list[frozenset[str]] = []
        self._start_run()

    def _start_run(self) -> None:
        self.parts: list[str] = []
        self.chars = self.linked = self.away = self.bold = 0
        self.run_names: frozenset[str] | None = None

    def read(self, root: HtmlElement) -> None:
        # what remains to be done: an element to enter, a text to add, or the tag of one to leave
        todo: list[tuple[HtmlElement | None, str | None, bool]] = [(root, None, False)]
        while todo:
            element, text, is_text = todo.pop()
            if element is not None:
                if element.tail and element is not root:
                    todo.append((None, element.tail, True))
                if isinstance(element.tag, str):
                    self._enter(element, todo)
            elif is_text:
                self._add(text or "")
            else:
                self._leave(text or "")
        self._leave("")

    def _enter(
        self, element: HtmlElement, todo: list[tuple[HtmlElement | None, str | None, bool]]
    ) -> None:
        tag = str(element.tag)
        if tag in PICTURES:
            self.pictured = True
            self.picture = picture_address(element, self.url)
        if tag in UNREAD and not (
            tag in SWALLOWING and next(element.iter("p", "article", "main"), None) is not None
        ):
            return
        if tag == "br":
            self._break(element)
            return
        attributes = element.attrib
        label = attributes.get("class", "")[:LABEL_CHARACTERS]
        hidden = _is_hidden(element, label)
        if tag in INLINE:
            if hidden:
                return
            if tag == "a":
                self.link_depth += 1
                self.leads_away = self._is_away(attributes.get("href", ""))
            elif tag in STRONG:
                self.bold_depth += 1
            elif tag == "time":
                self.moment = attributes.get("datetime", "")[:LABEL_CHARACTERS] or self.moment
            self.inline_names.append(_inline_names(tag, label))
            todo.append((None, tag, False))
        else:
            self._flush()
            self._open(element, tag, label, hidden)
            todo.append((None, "", False))
        todo.extend((child, None, False) for child in reversed(element))
        if element.text:
            self._add(element.text)

    def _open(self, element: HtmlElement, tag: str, label: str, hidden: bool) -> None:
        attributes = element.attrib
        names = classes = name_words(label) if label else frozenset()
        identifier = attributes.get("id")
        if identifier and len(identifier) <= 40 and len(found := name_words(identifier)) <= 4:
            names |= found
        for attribute in NAMING_ATTRIBUTES:
            value = attributes.get(attribute)
            if value:
                names |= name_words(value[:LABEL_CHARACTERS])
        outer = self.scope
        is_heading = tag in HEADINGS or attributes.get("role") == "heading"
        heading = (tag if tag in HEADINGS else "h2") if is_heading else outer.heading
        self.scopes += 1
        if self.scopes > MAXIMUM_SCOPES:
            raise TooLarge(f"more than {MAXIMUM_SCOPES} block-level elements")
        self.scope = Scope(
            outer,
            tag,
            names,
            classes,
            hidden,
            self.scopes,
            heading,
            tag if tag in FLOWS else outer.flow,
        )

    def _leave(self, tag: str) -> None:
        if tag:
            self.inline_names.pop()
            if tag == "a":
                self.link_depth -= 1
            elif tag in STRONG:
                self.bold_depth -= 1
            return
        self._flush()
        self.scope.last = self.scopes
        if self.scope.parent is not None:
            self.scope = self.scope.parent

    def _break(self, element: HtmlElement) -> None:
        self.parts.append(" ")
        following = element.getnext()
        if following is not None and following.tag == "br" and not (element.tail or "").strip():
            self._flush()

    def _add(self, text: str) -> None:
        self.parts.append(text)
        size = len("".join(text.split()))
        if not size:
            return
        self.chars += size
        if self.bold_depth:
            self.bold += size
        if self.link_depth:
            self.linked += size
            if self.leads_away:
                self.away += size
        here = frozenset().union(*self.inline_names) if self.inline_names else frozenset()
        self.run_names = here if self.run_names is None else self.run_names & here

    def _flush(self) -> None:
        if not self.parts:
            return
        if self.chars:
            text = squeeze("".join(self.parts).translate(_INVISIBLE_CHARACTERS))
            if text:
                if len(self.blocks) == MAXIMUM_BLOCKS:
                    raise TooLarge(f"more than {MAXIMUM_BLOCKS} blocks of text")
                self.characters += len(text)
                if self.characters > MAXIMUM_CHARACTERS:
                    raise TooLarge(f"more than {MAXIMUM_CHARACTERS} characters of text")
                self.blocks.append(
                    Block(
                        text,
                        self.scope,
                        self.linked / self.chars,
                        self.away / self.chars,
                        self.run_names or frozenset(),
                        self.pictured,
                        self.bold == self.chars,
                        len(self.blocks),
                        self.picture if self.pictured else None,
                        self.moment,
                    )
                )
                self.pictured = False
                self.moment = None
        self._start_run()

    def _is_away(self, href: str) -> bool:
        if href.startswith("#"):
            return True
        return href.startswith(("http:", "https:", "//")) and _host(href) != self.host != ""
