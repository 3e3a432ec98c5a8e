"""Which part of a page's structure holds the article, and which parts are furniture."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import islice

from crawler.extraction.page.blocks import Block, Scope, words
from crawler.extraction.page.scopes import is_inside, scopes_around, text_container, with_outer
from crawler.extraction.page.wording import fold

# notices about cookies, and what the managers of consent call theirs
CONSENT = words(
    "cookie cookies consent gdpr rgpd dsgvo didomi onetrust usercentrics cookiebot cookieyes "
    "borlabs iubenda quantcast axeptio tarteaucitron klaro osano truste trustarc complianz"
)
FURNITURE_NAMES = CONSENT | words(
    # who and when
    "author byline bio date dateline time <time> timestamp updated meta metadata "
    # pictures and players
    "caption credit image images picture gallery carousel video "
    # elsewhere on the site
    "related recommended recommendation recommendations popular teaser card kicker eyebrow badge "
    "keywords toc nav navigation menu breadcrumb pagination pager sidebar footer "
    # asking the reader for something
    "share social twitter tweet facebook instagram whatsapp linkedin newsletter signup subscribe "
    "register identity paywall cta button btn print rating poll feedback comment comments "
    # advertising and law
    "ad ads pub sponsored promo affiliate price banner popup modal overlay "
    "tooltip placeholder copyright disclaimer disclosure infobox factbox nocontent complementary "
    # what other languages and systems call readers' comments
    "commentlist comentarios commentaires kommentare disqus"
)
FURNITURE_TAGS = words("nav footer aside form figcaption figure address time")
COMMENT = words("comment comments commentlist comentarios commentaires kommentare disqus")
CERTAIN = (
    COMMENT
    | CONSENT
    | words(
        "footer nav navigation menu related recommended sidebar newsletter popup modal overlay "
        "caption <figcaption> <form>"
    )
)
PICTURE = words("<figure> <figcaption> caption credit image images picture")
CARD = words("card")
MEANINGLESS_SHARE = 0.45
CERTAIN_MEANINGLESS_SHARE = 0.85
NEVER_TEXT = COMMENT | CONSENT | words("hidden footer <footer> nav <nav> navigation")
PROSE_WEIGHT = 50
PROSE_LINKED = 0.4
WITNESS_CHARACTERS = 60_000
WITNESS_BLOCKS = 2_000
MAIN_SHARE = 0.1
LEAST_TEXT_SHARE = 0.2
LEAST_TEXT = 2 * PROSE_WEIGHT
# beside so much other text a sign of these means what it says
_BESIDE = dict.fromkeys(COMMENT, LEAST_TEXT) | dict.fromkeys(CONSENT, PROSE_WEIGHT)


@dataclass(slots=True, eq=False)
class Reading:
    """What the layout makes of a block; `declared` blocks stand in the article body the page's
    structured data gives."""

    block: Block
    weight: int
    prose: bool
    heading: bool
    furniture: frozenset[str] = frozenset()
    declared: bool = False


class Layout:
    """A page's blocks totalled over its structure."""

    def __init__(
        self,
        blocks: Sequence[Block],
        article_body: str | None = None,
        elsewhere: Set[int] = frozenset(),
    ) -> None:
        """`elsewhere` are the indexes of blocks that are certainly not of the article."""
        self.readings = [self._read(block) for block in blocks]
        self.scopes = scopes_around(blocks)
        self._prose = self._total([r.weight if r.prose else 0.0 for r in self.readings])
        self._page_prose = max(1.0, self._prose[self.scopes[0]]) if self.scopes else 1.0
        self._mark_furniture()
        for i in elsewhere:
            self.readings[i].furniture |= CARD
        self.witness = ""
        if article_body:
            self._mark_declared(fold(article_body[:WITNESS_CHARACTERS]))

    @staticmethod
    def _read(block: Block) -> Reading:
        size = block.weight
        heading = block.scope.heading is not None
        prose = size >= PROSE_WEIGHT and block.linked < PROSE_LINKED and not heading
        return Reading(block, size, prose, heading)

    def _total(self, values: Sequence[float]) -> dict[Scope, float]:
        total = dict.fromkeys(self.scopes, 0.0)
        for reading, value in zip(self.readings, values, strict=True):
            total[reading.block.scope] += value
        for scope in reversed(self.scopes):
            if scope.parent is not None:
                total[scope.parent] += total[scope]
        return total

    def _mark_furniture(self) -> None:
        """A name or tag that stands on much of a page's prose says nothing on that page.

        Comments outweigh many a short text, and notices about cookies too: what is named so means
        nothing only around a headline, or where there is no text but it.
        """
        above: dict[Scope, frozenset[str]] = {}
        covered: dict[str, float] = {}
        headed = {
            name
            for reading in self.readings
            if reading.block.scope.heading == "h1"
            for scope in with_outer(reading.block.scope)
            for name in scope.names & _BESIDE.keys()
        }
        for scope in self.scopes:
            inherited = above[scope.parent] if scope.parent is not None else frozenset()
            if scope.tag in ("table", "pre", "blockquote"):
                inherited -= {"<figure>"}
            own = furniture_signs(scope)
            if own:
                for sign in own - inherited:
                    covered[sign] = covered.get(sign, 0.0) + self._prose[scope]
                inherited |= own
            above[scope] = inherited
        for reading in self.readings:
            if reading.prose:
                for name in (reading.block.names & FURNITURE_NAMES) - above[reading.block.scope]:
                    covered[name] = covered.get(name, 0.0) + reading.weight
        meaningless = {
            sign
            for sign, prose in covered.items()
            if prose >= self._page_prose * _meaningless_share(sign)
            and (sign not in _BESIDE or sign in headed or self._page_prose - prose < _BESIDE[sign])
        }
        for reading in self.readings:
            reading.furniture = above[reading.block.scope] - meaningless
            if reading.weight < 4 * PROSE_WEIGHT:
                reading.furniture |= (reading.block.names & FURNITURE_NAMES) - meaningless
        self._pass_over_what_leaves_nothing()

    def _pass_over_what_leaves_nothing(self) -> None:
        """Where nearly all that may be text looks like furniture, its commonest sign is none."""
        prose = [r for r in self.readings if r.prose and r.furniture.isdisjoint(NEVER_TEXT)]
        total = sum(r.weight for r in prose)
        if sum(r.weight for r in prose if not r.furniture) >= LEAST_TEXT_SHARE * total:
            return
        weights: dict[str, int] = {}
        for reading in prose:
            for sign in reading.furniture:
                weights[sign] = weights.get(sign, 0) + reading.weight
        commonest = {min(weights, key=lambda sign: (-weights[sign], sign))}
        for reading in self.readings:
            reading.furniture -= commonest

    def _mark_declared(self, witness: str) -> None:
        """Believe the structured data's article body if it is most of an article on the page."""
        prose = (r for r in self.readings if r.prose)
        declared = [r for r in islice(prose, WITNESS_BLOCKS) if r.block.folded in witness]
        size = sum(r.weight for r in declared)
        top = self.container()
        if top is None or size < 0.5 * len(witness) or size < 0.3 * self._prose[top]:
            return
        self.witness = witness
        for reading in declared:
            reading.declared = True
            reading.furniture = frozenset()

    def _value(self, reading: Reading) -> float:
        if reading.furniture:
            return -0.3 * min(reading.weight, 60)
        if reading.prose:
            return reading.weight * (1.0 if reading.declared or not self.witness else 0.2)
        return 0.0 if reading.heading else -float(min(reading.weight, 60))

    def container(self) -> Scope | None:
        """The deepest scope whose blocks are worth most; None on a page without text."""
        values = self._total([self._value(reading) for reading in self.readings])
        return max(reversed(self.scopes), key=lambda scope: values[scope], default=None)

    def main_blocks(self) -> list[int]:
        """The indexes of the paragraphs that make up the article's running text."""
        container = self.container()
        if container is None:
            return []
        prose = [
            i
            for i, r in enumerate(self.readings)
            if r.prose and not r.furniture and is_inside(r.block.scope, container)
        ]
        shares = self.shares(prose)
        common = {i for i in prose if shares[self.readings[i].block.scope.signature] >= MAIN_SHARE}
        if self.witness:
            common = {i for i in prose if self.readings[i].declared}
        containers = {text_container(self.readings[i].block.scope) for i in common or prose}
        return [
            i
            for i in prose
            if i in common or text_container(self.readings[i].block.scope) in containers
        ]

    def shares(self, indexes: Sequence[int]) -> Mapping[int, float]:
        """The share of each signature in the weight of some blocks."""
        weights: dict[int, float] = {}
        for i in indexes:
            reading = self.readings[i]
            signature = reading.block.scope.signature
            weights[signature] = weights.get(signature, 0.0) + reading.weight
        total = sum(weights.values())
        return {signature: value / total for signature, value in weights.items()}


def _meaningless_share(sign: str) -> float:
    return CERTAIN_MEANINGLESS_SHARE if sign in CERTAIN else MEANINGLESS_SHARE


def furniture_signs(scope: Scope) -> frozenset[str]:
    """What makes a scope look like furniture: names, a tag as `<tag>`, `hidden`."""
    signs = scope.names & FURNITURE_NAMES
    if scope.tag in FURNITURE_TAGS:
        signs |= {f"<{scope.tag}>"}
    if scope.hidden:
        signs |= {"hidden"}
    return signs


def notices(blocks: Sequence[Block]) -> frozenset[str]:
    """What notices about cookies say on a page, folded."""
    return frozenset(fold(block.text) for block in blocks if _is_noticed(block.scope))


def _is_noticed(scope: Scope) -> bool:
    around = (it for it in with_outer(scope) if it.tag not in ("html", "body"))
    return any(not it.names.isdisjoint(CONSENT) for it in around)
