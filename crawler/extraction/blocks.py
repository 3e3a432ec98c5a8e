"""The page as its reader meets it: a sequence of text blocks, each with its place in the structure.

One walk over the tree, without recursion, in time linear in the document; every later decision
about what belongs to the article is made on this sequence.
"""

import re
from dataclasses import dataclass, field

from lxml.html import HtmlElement

from crawler.extraction.article import ParagraphKind

UNREAD = frozenset(
    "script style noscript template svg math head title iframe object embed canvas audio video "
    "picture select option textarea button input datalist map meta link dialog".split()
)
INLINE = frozenset(
    "a abbr acronym b bdi bdo big cite code data del dfn em font i img ins kbd label mark q rp rt "
    "ruby s samp small span strike strong sub sup time tt u var wbr amp-img nobr".split()
)
HEADINGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])
STRONG = frozenset(["b", "strong"])
EMPHASIS = frozenset(["i", "em", "cite"])

_WORD = re.compile(r"[a-z]+|[A-Z][a-z]+|[A-Z]+(?![a-z])")
_UNSEEN = re.compile(
    r"(?:^| )(?:hidden|hide|visually-?hidden|sr-only|screen-?reader-?(?:text|only)?|d-none|is-hidden|u-hidden|"
    r"invisible)(?: |$)", re.I)
_SHOWN_LATER = re.compile(r"(?:^| )(?:\w+[:-])+(?:block|flex|inline|grid|contents)")
_INVISIBLE = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))


@dataclass(slots=True, eq=False)
class Scope:
    """One open element on the way from the root to a block; `order` numbers them in page order."""

    parent: "Scope | None"
    tag: str
    label: str
    names: frozenset[str]
    states: frozenset[str]
    order: int
    depth: int
    heading: str | None = None


@dataclass(slots=True, eq=False)
class Block:
    """A run of text between two block boundaries, with the characters in links, bold, italic."""

    text: str
    scope: Scope
    linked: int
    bold: int
    italic: int
    named: frozenset[str] = field(default_factory=frozenset)
    heading: str | None = None
    index: int = 0


def name_words(label: str) -> frozenset[str]:
    """The words in a class or id: `relatedPosts--small` gives related, posts, small."""
    return frozenset(word.lower() for word in _WORD.findall(label[:400]))


class _Reader:
    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.parts: list[str] = []
        self.chars = self.linked = self.bold = self.italic = 0
        self.in_link = self.in_bold = self.in_italic = 0
        self.inline_names: list[frozenset[str]] = []
        self.run_names: frozenset[str] | None = None
        self.names_cache: dict[str, frozenset[str]] = {}

    def names(self, label: str) -> frozenset[str]:
        if not label:
            return frozenset()
        found = self.names_cache.get(label)
        if found is None:
            found = self.names_cache[label] = name_words(label)
        return found

    def text(self, text: str | None) -> None:
        if not text:
            return
        self.parts.append(text)
        size = len(text) - text.count(" ") - text.count("\n")
        if not size:
            return
        if self.in_link:
            self.linked += size
        if self.in_bold:
            self.bold += size
        if self.in_italic:
            self.italic += size
        self.chars += size
        here = frozenset().union(*self.inline_names) if self.inline_names else frozenset()
        self.run_names = here if self.run_names is None else self.run_names & here

    def flush(self, scope: Scope) -> None:
        if self.parts:
            if self.chars:
                text = " ".join("".join(self.parts).translate(_INVISIBLE).split())
                if text:
                    self.blocks.append(
                        Block(text, scope, self.linked, self.bold, self.italic, self.run_names or frozenset(), scope.heading, len(self.blocks))
                    )
            self.parts = []
            self.chars = self.linked = self.bold = self.italic = 0
            self.run_names = None

    def read(self, root: HtmlElement) -> None:
        scope = Scope(None, "root", "", frozenset(), frozenset(), 0, 0)
        order = 0
        stack: list[tuple[HtmlElement, Scope | None]] = []
        # explicit stack: entries are elements to enter, or (element, scope) to leave
        todo: list[tuple[str, object, object]] = [("enter", root, None)]
        while todo:
            action, element, extra = todo.pop()
            if action == "text":
                self.text(element)
                continue
            if action == "leave-block":
                self.flush(scope)
                scope = scope.parent
                continue
            if action == "leave-inline":
                tag = element
                if tag == "a":
                    self.in_link -= 1
                elif tag in STRONG:
                    self.in_bold -= 1
                elif tag in EMPHASIS:
                    self.in_italic -= 1
                if extra:
                    self.inline_names.pop()
                continue
            tag = element.tag
            if not isinstance(tag, str):
                if element.tail and element is not root:
                    self.text(element.tail)
                continue
            if element.tail and element is not root:
                todo.append(("text", element.tail, None))
            if tag in UNREAD:
                continue
            if tag == "br":
                self.parts.append("\n")
                self.parts.append(" ")
                nxt = element.getnext()
                if not (element.tail or "").strip() and nxt is not None and nxt.tag == "br":
                    self.flush(scope)
                continue
            attrib = element.attrib
            label = attrib.get("class", "")
            ident = attrib.get("id", "")
            if ident and len(ident) <= 40 and len(_WORD.findall(ident)) <= 4:
                label = f"{label} #{ident}"
            states = []
            if attrib.get("hidden") is not None or attrib.get("aria-hidden") == "true":
                states.append("hidden")
            if label and _UNSEEN.search(label) and not _SHOWN_LATER.search(label):
                states.append("hidden")
            style = attrib.get("style")
            if style and "none" in style and re.search(r"display\s*:\s*none", style):
                states.append("hidden")
            for a in ("itemprop", "role", "data-testid", "data-component"):
                v = attrib.get(a)
                if v:
                    label += f" {a}={v}"
            if tag in INLINE:
                if states:
                    continue
                names = self.names(label)
                if tag == "a":
                    self.in_link += 1
                elif tag in STRONG:
                    self.in_bold += 1
                elif tag in EMPHASIS:
                    self.in_italic += 1
                if names:
                    self.inline_names.append(names)
                todo.append(("leave-inline", tag, bool(names)))
            else:
                self.flush(scope)
                order += 1
                scope = Scope(scope, tag, label, self.names(label), frozenset(states), order, scope.depth + 1, tag if tag in HEADINGS else scope.heading)
                todo.append(("leave-block", None, None))
            children = list(element)
            todo.extend(("enter", child, None) for child in reversed(children))
            if element.text:
                self.text(element.text)
        self.flush(scope)


def read_blocks(root: HtmlElement) -> list[Block]:
    reader = _Reader()
    reader.read(root)
    return reader.blocks
