"""The page as its reader meets it: a sequence of text blocks, each with its place in the structure.

One walk over the tree, without recursion, in time linear in the document. Every later decision
about what belongs to the article is made on this sequence.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from urllib.parse import urlsplit

from lxml import etree
from lxml.html import HtmlElement

from crawler.extraction.errors import TooLarge
from crawler.extraction.page.attributes import (
    LABEL_CHARACTERS,
    is_hidden,
    name_words,
    names_of,
)
from crawler.extraction.page.pictures import picture_address
from crawler.extraction.page.wording import fold, squeeze, weight


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
_APART = UNREAD | PICTURES | {"br"}

_AUTHORITY = re.compile(r"(?:https?:)?//([^/?#\s]*)(?=[/?#]|\Z)[^\t\r\n]*\Z")
_INVISIBLE_CHARACTERS = re.compile("[\u00ad\u200b\u200c\u200d\u2060\ufeff]+")

_TIME = frozenset({"<time>"})


@dataclass(slots=True, eq=False)
class Scope:
    """A block-level element around text; `order` numbers them as the page opens them.

    `last` is the order of the last scope inside, its own where there is none. `signature` is the
    same for scopes that have the same tags and classes, and all around them too.

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
    signature: int = -1


@dataclass(slots=True, eq=False)
class Block:
    """A run of text between two block boundaries.

    `linked` is the share of its characters that stand in links, `away` the share in links that
    leave the site or stay on the page; `names` are those of the inline elements around all of it;
    `pictured` blocks stand right after a picture or player; `strong` ones are bold throughout.
    `moment` is a time that the page gives in it or right before it, as `<time>` has it for
    machines.
    """

    text: str
    scope: Scope
    linked: float
    away: float
    names: frozenset[str]
    pictured: bool
    strong: bool
    index: int
    moment: str | None = None
    pictured_by: HtmlElement | None = field(default=None, repr=False)
    url: str | None = field(default=None, repr=False)
    _folded: str | None = field(default=None, init=False, repr=False)
    _weight: int | None = field(default=None, init=False, repr=False)

    @property
    def folded(self) -> str:
        """The words of the text (wording.fold)."""
        if self._folded is None:
            self._folded = fold(self.text)
        return self._folded

    @property
    def picture(self) -> str | None:
        """The address of the picture that the block stands right after."""
        return None if self.pictured_by is None else picture_address(self.pictured_by, self.url)

    @property
    def weight(self) -> int:
        """How long the text is (wording.weight)."""
        if self._weight is None:
            self._weight = weight(self.text)
        return self._weight


def read_blocks(root: HtmlElement, url: str | None = None) -> list[Block]:
    """The text blocks of a document in page order; `url` tells which links stay on the site.

    Raises TooLarge past 20,000 blocks, 60,000 block-level elements or 2 million characters.
    """
    reader = _Reader(url)
    reader.read(root)
    return reader.blocks


def _characters(text: str) -> int:
    """How many characters of a text are no white space."""
    return len("".join(text.split()))


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.")
    except ValueError:
        return ""


@lru_cache(maxsize=8192)
def _host_of_authority(authority: str) -> str:
    return _host(f"//{authority}")


def _host_of_link(href: str) -> str:
    """The host of a link that begins with http:, https: or //."""
    # a host that is known is known whatever page of it is meant
    found = _AUTHORITY.match(href)
    return _host_of_authority(found[1]) if found else _host(href)


class _Reader:
    """The state of one walk: where it stands, and the run of text it is in."""

    def __init__(self, url: str | None) -> None:
        self.url = url
        self.host = _host(url or "")
        self.blocks: list[Block] = []
        self.scope = Scope(None, "root", frozenset(), frozenset(), False, 0, None, None)
        self.scopes = self.characters = 0
        self.signatures: dict[tuple[int, str, frozenset[str]], int] = {}
        self.link_depth = self.bold_depth = 0
        self.leads_away = False
        self.pictured_by: HtmlElement | None = None
        self.moment: str | None = None
        self.inline_names = [frozenset[str]()]  # of all elements around, innermost last
        self._start_run()

    def _start_run(self) -> None:
        self.parts: list[str] = []
        self.linked = self.away = self.bold = 0
        self.run_names: frozenset[str] | None = None

    def read(self, root: HtmlElement) -> None:
        # of each element around: None for a block, else an inline element's tag, "" for one that
        # is passed over
        around: list[str | None] = []
        walk = etree.iterwalk(root, events=("start", "end", "comment", "pi"))
        for event, element in walk:
            if event == "start":
                handled = self._enter(element)
                around.append(handled)
                if handled == "":
                    walk.skip_subtree()
                elif text := element.text:
                    self._add(text)
                continue
            if event == "end":
                handled = around.pop()
                if handled is None:
                    self._leave_block()
                elif handled:
                    self._leave_inline(handled)
            if (tail := element.tail) and element is not root:
                self._add(tail)
        self._leave_block()

    def _enter(self, element: HtmlElement) -> str | None:
        """How an element that begins is handled: see `read`."""
        tag = element.tag
        if tag in _APART:
            if tag in PICTURES:
                self.pictured_by = element
            if tag in UNREAD and not (
                tag in SWALLOWING and next(element.iter("p", "article", "main"), None) is not None
            ):
                return ""
            if tag == "br":
                self._break(element)
                return ""
        elif not isinstance(tag, str):
            return ""
        attributes = dict(element.items())
        label, hidden = "", False
        if attributes:
            label = attributes.get("class", "")[:LABEL_CHARACTERS]
            hidden = is_hidden(attributes, label)
        if tag in INLINE:
            if hidden:
                return ""
            if tag == "a":
                self.link_depth += 1
                self.leads_away = self._is_away(attributes.get("href", ""))
            elif tag in STRONG:
                self.bold_depth += 1
            elif tag == "time":
                self.moment = attributes.get("datetime", "")[:LABEL_CHARACTERS] or self.moment
            names = self.inline_names[-1]
            if label:
                names |= name_words(label)
            self.inline_names.append(names | _TIME if tag == "time" else names)
            return tag
        if self.parts:
            self._flush()
        self._open(attributes, tag, label, hidden)
        return None

    def _open(self, attributes: Mapping[str, str], tag: str, label: str, hidden: bool) -> None:
        classes = name_words(label) if label else frozenset()
        outer = self.scope
        heading = tag if tag in HEADINGS else outer.heading
        if attributes.get("role") == "heading" and tag not in HEADINGS:
            heading = "h2"
        self.scopes += 1
        if self.scopes > MAXIMUM_SCOPES:
            raise TooLarge(f"more than {MAXIMUM_SCOPES} block-level elements")
        self.scope = Scope(
            outer,
            tag,
            names_of(attributes, classes),
            classes,
            hidden,
            self.scopes,
            heading,
            tag if tag in FLOWS else outer.flow,
            signature=self.signatures.setdefault(
                (outer.signature, tag, classes), len(self.signatures)
            ),
        )

    def _leave_inline(self, tag: str) -> None:
        self.inline_names.pop()
        if tag == "a":
            self.link_depth -= 1
        elif tag in STRONG:
            self.bold_depth -= 1

    def _leave_block(self) -> None:
        if self.parts:
            self._flush()
        self.scope.last = self.scopes
        if self.scope.parent is not None:
            self.scope = self.scope.parent

    def _break(self, element: HtmlElement) -> None:
        if not self.parts:
            return
        self.parts.append(" ")
        following = element.getnext()
        if following is not None and following.tag == "br" and not (element.tail or "").strip():
            self._flush()

    def _add(self, text: str) -> None:
        if text.isspace():
            if self.parts:
                self.parts.append(text)
            return
        self.parts.append(text)
        if self.bold_depth or self.link_depth:
            size = _characters(text)
            if self.bold_depth:
                self.bold += size
            if self.link_depth:
                self.linked += size
                if self.leads_away:
                    self.away += size
        here = self.inline_names[-1]
        self.run_names = here if self.run_names is None else self.run_names & here

    def _flush(self) -> None:
        text = "".join(self.parts)
        chars = _characters(text) if self.linked or self.bold else 1
        if not text.isascii():
            text = _INVISIBLE_CHARACTERS.sub("", text)
        text = squeeze(text)
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
                    self.linked / chars,
                    self.away / chars,
                    self.run_names or frozenset(),
                    self.pictured_by is not None,
                    self.bold == chars,
                    len(self.blocks),
                    self.moment,
                    self.pictured_by,
                    self.url,
                )
            )
            self.pictured_by = self.moment = None
        self._start_run()

    def _is_away(self, href: str) -> bool:
        if href.startswith("#"):
            return True
        return href.startswith(("http:", "https:", "//")) and _host_of_link(href) != self.host != ""
