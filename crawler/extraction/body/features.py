"""What each block of a page is like, in numbers: shape, place, links and neighbours.

Nothing here knows what the rules of `body` make of a block, and little knows a language: a model
taught on these numbers is a second opinion. An unknown number is -1.
"""

import string
from collections import Counter, defaultdict
from collections.abc import Sequence
from functools import cached_property
from math import log1p

from crawler.extraction.body.claims import Claims
from crawler.extraction.body.containers import (
    PROSE_LINKED,
    PROSE_WEIGHT,
    WITNESS_CHARACTERS,
)
from crawler.extraction.body.scope_distances import Distances, levels
from crawler.extraction.page.blocks import Block, Scope
from crawler.extraction.page.scopes import scopes_around, text_container
from crawler.extraction.page.wording import fold

Row = list[float]

LEVELS = 4
SAMPLE_CHARACTERS = 200
SAMPLE_WORDS = 40
LONG_WORD = 5
REACH = 6

_TAGS = {
    tag: float(number)
    for number, tag in enumerate(
        [
            "p",
            "div",
            "li",
            "td",
            "h1",
            "h2",
            "h3",
            "h4",
            "h5",
            "h6",
            "span",
            "section",
            "article",
            "main",
            "blockquote",
            "th",
            "dt",
            "dd",
            "pre",
            "figcaption",
            "figure",
            "aside",
            "footer",
            "header",
            "body",
            "root",
        ]
    )
}
_FLOWS = {"ul": 1.0, "ol": 2.0, "dl": 3.0, "table": 4.0, "pre": 5.0, "blockquote": 6.0}
_ENDS = {".": 1.0, "。": 1.0, "!": 2.0, "！": 2.0, "?": 3.0, "？": 3.0, "…": 4.0, ":": 5.0}
_ENDS |= {"：": 5.0, ";": 6.0, ",": 7.0, ")": 8.0, "]": 8.0}
_QUOTES = '"“”„«»‘’‚‹›「」'
_ENDS |= dict.fromkeys(_QUOTES, 10.0)
_LETTERS, _DIGITS = string.ascii_letters.encode(), string.digits.encode()
_CAPITALS = string.ascii_uppercase.encode()
_INSIDE = ("figure", "figcaption", "table", "form", "aside")


class _Totals:
    """Weights of the blocks in an element, of their prose, of their links; how many blocks."""

    __slots__ = ("blocks", "linked", "prose", "size")

    def __init__(self) -> None:
        self.size = self.prose = self.linked = self.blocks = 0.0

    def add(self, size: float, prose: float, linked: float) -> None:
        self.size += size
        self.prose += prose
        self.linked += linked
        self.blocks += 1.0

    def add_all(self, other: "_Totals") -> None:
        self.size += other.size
        self.prose += other.prose
        self.linked += other.linked
        self.blocks += other.blocks


class PageFeatures:
    """The numbers of a page's blocks, of which it has one at least."""

    def __init__(self, blocks: Sequence[Block], claims: Claims) -> None:
        self.blocks = blocks
        self.repeats = Counter(block.text for block in blocks)
        self.sizes = [float(block.weight) for block in blocks]
        self.log_sizes = list(map(log1p, self.sizes))
        self.linked = [block.linked for block in blocks]
        self.ends = [_ENDS.get(block.text[-1], 0.0) for block in blocks]
        self.prose = [
            size
            if size >= PROSE_WEIGHT and block.linked < PROSE_LINKED and not block.scope.heading
            else 0.0
            for block, size in zip(blocks, self.sizes, strict=True)
        ]
        self.page_prose = max(1.0, sum(self.prose))
        self.title_words = frozenset(fold(claims.title).split())
        self.described = frozenset(" ".join(map(fold, claims.descriptions)).split())
        self.authors = [fold(author) for author in claims.authors if author.strip()]
        self.witness = fold((claims.article_body or "")[:WITNESS_CHARACTERS]).strip()
        self._known_around: dict[Scope | None, Row] = {}
        self._total()
        self._find_anchors()
        self._look_back_and_ahead()

    def fold(self, i: int) -> str:
        """The words of a block."""
        return self.blocks[i].folded

    def _total(self) -> None:
        self.scopes = scopes_around(self.blocks)
        self.inside: dict[Scope, frozenset[str]] = {}
        for scope in self.scopes:
            inside = self.inside[scope.parent] if scope.parent is not None else frozenset()
            if scope.tag in _INSIDE:
                inside |= {scope.tag}
            self.inside[scope] = inside | {"hidden"} if scope.hidden else inside
        self.totals = {scope: _Totals() for scope in self.scopes}
        self.alike = defaultdict[int, _Totals](_Totals)
        self.held = defaultdict[Scope, float](float)
        for block, size, prose in zip(self.blocks, self.sizes, self.prose, strict=True):
            self.totals[block.scope].add(size, prose, size * block.linked)
            self.alike[block.scope.signature].add(size, prose, size * block.linked)
            self.held[text_container(block.scope)] += prose
        for scope in reversed(self.scopes):
            if scope.parent is not None:
                self.totals[scope.parent].add_all(self.totals[scope])

    def _find_anchors(self) -> None:
        """The element with most prose as its children, and the headline."""
        main = max(self.held, key=lambda scope: (self.held[scope], -scope.order))
        in_main = [
            i
            for i, block in enumerate(self.blocks)
            if self.prose[i] and text_container(block.scope) is main
        ]
        self.main_share = self.held[main] / self.page_prose
        self.first, self.last = (in_main[0], in_main[-1]) if in_main else (0, len(self.blocks) - 1)
        self.headline = self._find_headline()
        self.around_main = levels(main)
        self._from_main = Distances(self.around_main)
        self._from_headline = Distances(levels(self.blocks[self.headline].scope))

    def _find_headline(self) -> int:
        best, found = 0.6, self.first
        for i, block in enumerate(self.blocks):
            if block.scope.heading is not None:
                shared = len(self.title_words.intersection(self.fold(i).split()))
                value = shared / max(1, len(self.title_words))
                value += 0.5 if block.scope.heading == "h1" else 0.0
                if value > best:
                    best, found = value, i
        return found

    def _look_back_and_ahead(self) -> None:
        """Prose above each block, and what stands between it and the headings around it."""
        self.before: list[float] = []
        above = 0.0
        for prose in self.prose:
            self.before.append(above)
            above += prose
        self.since = self._since_heading(range(len(self.blocks)))
        self.until = self._since_heading(range(len(self.blocks) - 1, -1, -1))

    def _since_heading(self, order: range) -> dict[int, tuple[float, float, float, int]]:
        """Of what stands between a block and the next heading against `order`: how many blocks,
        the mean of their links, their prose; and the heading, or -1."""
        found = {}
        blocks = linked = prose = 0.0
        heading = -1
        for i in order:
            found[i] = (blocks, linked / blocks if blocks else -1.0, log1p(prose), heading)
            if self.blocks[i].scope.heading is not None:
                blocks = linked = prose = 0.0
                heading = i
            else:
                blocks += 1
                linked += self.blocks[i].linked
                prose += self.prose[i]
        return found

    @cached_property
    def vocabulary(self) -> Counter[str]:
        """In how many paragraphs of prose each word stands."""
        counts: Counter[str] = Counter()
        for i, prose in enumerate(self.prose):
            if prose:
                counts.update(frozenset(self.fold(i).split()))
        return counts

    def rows(self, blocks: Sequence[int]) -> list[Row]:
        """The numbers of some blocks, all but what their elements are named."""
        return [
            [
                *self._text(i),
                *self._wording(i),
                *self._structure(i),
                *self._position(i),
                *self._neighbours(i),
            ]
            for i in blocks
        ]

    def _text(self, i: int) -> Row:
        block = self.blocks[i]
        sample = block.text[:SAMPLE_CHARACTERS]
        parts = sample.split()
        letters, digits, capitals = _counts(sample)
        colon = sample.find(":", 0, 60)
        return [
            self.log_sizes[i],
            float(len(parts)),
            block.linked,
            block.away,
            float(block.pictured),
            float(block.scope.heading[1]) if block.scope.heading else 0.0,
            _FLOWS.get(block.scope.flow or "", 0.0),
            _TAGS.get(block.scope.tag, -1.0),
            self.ends[i],
            _opens(sample[0]),
            digits / len(sample),
            capitals / (letters or 1),
            sum([part[0].isupper() for part in parts]) / (len(parts) or 1),
            (len(sample) - letters - sample.count(" ")) / len(sample),
            float(colon),
        ]

    def _wording(self, i: int) -> Row:
        text = self.fold(i)
        own = text.split()[:SAMPLE_WORDS]
        count = len(own) or 1
        titled = sum(map(self.title_words.__contains__, own))
        long_words = [word for word in own if len(word) >= LONG_WORD]
        mine = 1 if self.prose[i] else 0
        found_in = self.vocabulary
        shared = sum([found_in[word] > mine for word in long_words])
        return [
            titled / count,
            titled / (len(self.title_words) or 1),
            sum(map(self.described.__contains__, own)) / count,
            float(any(author in text for author in self.authors)),
            float(bool(self.authors)),
            float(min(self.repeats[self.blocks[i].text], 5)),
            shared / len(long_words) if long_words else -1.0,
            float(text.strip() in self.witness) if self.witness else -1.0,
        ]

    def _structure(self, i: int) -> Row:
        scope = self.blocks[i].scope
        held_by = text_container(scope)
        alike = self.alike[scope.signature]
        held = self.held[held_by]
        inside = self.inside[scope]
        row = [
            *self._from_main.of(scope),
            *self._from_headline.of(scope),
            held / self.page_prose,
            held / self.totals[held_by].size,
            log1p(self.totals[held_by].blocks),
            alike.prose / self.page_prose,
            alike.linked / alike.size,
            log1p(alike.blocks),
            log1p(alike.size),
            *(float(sign in inside) for sign in (*_INSIDE, "hidden")),
        ]
        row += self._around(scope.parent)
        return row

    def _around(self, scope: Scope | None) -> Row:
        """What the elements around hold, level by level."""
        if scope in self._known_around:
            return self._known_around[scope]
        row: Row = []
        outer = scope
        for _ in range(LEVELS):
            if outer is None:
                row += [-1.0] * 4
                continue
            total = self.totals[outer]
            row += [
                total.prose / self.page_prose,
                total.linked / total.size,
                log1p(total.blocks),
                total.prose / total.size,
            ]
            outer = outer.parent
        return self._known_around.setdefault(scope, row)

    def _position(self, i: int) -> Row:
        amid = max(1.0, self.before[self.last] - self.before[self.first])
        _, linked, prose, heading = self.since[i]
        blocks_below, linked_below, prose_below, _ = self.until[i]
        return [
            _signed(i - self.first),
            _signed(i - self.last),
            _signed(i - self.headline),
            self.before[i] / self.page_prose,
            (self.before[i] - self.before[self.headline]) / self.page_prose,
            (self.before[i] - self.before[self.first]) / amid,
            log1p(len(self.blocks)),
            log1p(self.page_prose),
            self.main_share,
            linked,
            prose,
            self.sizes[heading] if heading >= 0 else -1.0,
            blocks_below,
            linked_below,
            prose_below,
        ]

    def _neighbours(self, i: int) -> Row:
        row: Row = []
        signature = self.blocks[i].scope.signature
        for at in (i - 1, i + 1, i + 2):
            if not 0 <= at < len(self.blocks):
                row += [-1.0] * 4
                continue
            row += [
                self.log_sizes[at],
                self.linked[at],
                float(self.blocks[at].scope.signature == signature),
                self.ends[at],
            ]
        for low, high in ((max(0, i - REACH), i), (i + 1, min(len(self.blocks), i + 1 + REACH))):
            prose = sum(self.prose[low:high])
            linked = sum(self.linked[low:high])
            row += [log1p(prose), linked / (high - low) if high > low else -1.0]
        return row


def _counts(text: str) -> tuple[int, int, int]:
    """How many letters, digits and capitals a text has."""
    plain = text.encode("ascii", "ignore")
    size = len(plain)
    letters = size - len(plain.translate(None, _LETTERS))
    digits = size - len(plain.translate(None, _DIGITS))
    capitals = size - len(plain.translate(None, _CAPITALS))
    if size != len(text):
        others = [character for character in text if character > "\x7f"]
        letters += sum(map(str.isalpha, others))
        digits += sum(map(str.isdigit, others))
        capitals += sum(map(str.isupper, others))
    return letters, digits, capitals


def _opens(character: str) -> float:
    """What a text begins with: a small letter, a capital, a digit, a quotation, another sign."""
    if character.isalpha():
        return 1.0 if character.islower() else 2.0 if character.isupper() else 4.0
    if character.isdigit():
        return 3.0
    return 5.0 if character in _QUOTES else 6.0


def _signed(distance: float) -> float:
    return log1p(distance) if distance >= 0 else -log1p(-distance)
