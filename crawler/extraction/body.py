"""Which of a page's blocks are the article: its place in the structure first, then block by block."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from crawler.extraction.article import Paragraph, ParagraphKind, Removed
from crawler.extraction.blocks import HEADINGS, Block, Scope

FURNITURE = frozenset(
    "author authors byline bio biography caption captions captioned credit credits copyright related recommended "
    "recommendation recommendations recirc share sharing social sharedaddy newsletter newsletters signup "
    "subscribe subscription paywall regwall promo promotion advert ad ads advertisement advertisment "
    "advertising sponsored outbrain taboola comment comments disqus respond footer "
    "nav navigation menu breadcrumb breadcrumbs pagination pager sidebar meta metadata date time "
    "timestamp published updated tags taglist toc popup modal overlay cookie cookies consent "
    "banner cta button buttons btn print rating vote poll tweet twitter instagram facebook whatsapp pinterest linkedin player "
    "disclaimer kicker eyebrow badge trending popular latest teaser teasers login contentinfo complementary "
    "dateline slideshow carousel avatar infobox factbox donate donation feedback correction topics keywords "
    "card cards placeholder fallback dropdown price robots nocontent video email likes".split()
)
FURNITURE_TAGS = frozenset(
    ["nav", "footer", "aside", "form", "figcaption", "figure", "address", "time", "dialog"]
)
STANDFIRST = frozenset(
    "standfirst lead leadtext lede dek deck subtitle subhead subheadline summary intro introduction chapo "
    "description excerpt abstract vorspann sottotitolo entradilla bajada sapo preamble ingress subheading "
    "subtitulo strapline sub teaser summary".split()
)
FLOW = frozenset(["li", "td", "th", "dd", "dt", "pre", "blockquote", "caption", "summary"])
SENTENCE_END = tuple(".!?…。！？”\"»“:)।؟’;")

_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_NOT_WORD = re.compile(r"\W+")


def weight(text: str) -> int:
    """Length in characters, an ideograph or syllable counting as three."""
    size = len(text)
    return size if text.isascii() else size + 2 * len(_CJK.findall(text))


def fold(text: str) -> str:
    """Words in lower case between single spaces, for comparing texts."""
    return f" {_NOT_WORD.sub(' ', text.lower()).strip()} "


def is_furniture(scope: Scope) -> bool:
    return (
        scope.tag in FURNITURE_TAGS
        or not FURNITURE.isdisjoint(scope.names)
        or "hidden" in scope.states
    )


@dataclass(slots=True, eq=False)
class Seen:
    block: Block
    weight: int
    density: float
    prose: bool
    heading: bool
    furniture: bool = False
    signature: int = 0


class Layout:
    """The totals of a page's blocks over its structure."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        self.seen: list[Seen] = []
        for block in blocks:
            size = weight(block.text)
            density = block.linked / max(1, len(block.text) - block.text.count(" "))
            heading = block.scope.tag in HEADINGS
            prose = size >= 50 and density < 0.4 and not heading
            self.seen.append(Seen(block, size, density, prose, heading))
        self.scopes = self._scopes()
        self.prose_in = self._total([s.weight if s.prose else 0.0 for s in self.seen])
        self.total = max(1.0, self.prose_in[self.scopes[0]]) if self.scopes else 1.0
        self._mark_furniture()
        self.value_in = self._total([self._value(s) for s in self.seen])

    def _scopes(self) -> list[Scope]:
        found: dict[Scope, None] = {}
        for s in self.seen:
            scope: Scope | None = s.block.scope
            while scope is not None and scope not in found:
                found[scope] = None
                scope = scope.parent
        return sorted(found, key=lambda scope: scope.order)

    def _total(self, values: Sequence[float]) -> dict[Scope, float]:
        total = dict.fromkeys(self.scopes, 0.0)
        for s, value in zip(self.seen, values, strict=True):
            total[s.block.scope] += value
        for scope in reversed(self.scopes):
            if scope.parent is not None:
                total[scope.parent] += total[scope]
        return total

    def _mark_furniture(self) -> None:
        inherited: dict[Scope, bool] = {}
        signatures: dict[tuple[int, str, frozenset[str]], int] = {}
        signature_of: dict[Scope, int] = {}
        for scope in self.scopes:
            parent = scope.parent
            inherited[scope] = (parent is not None and inherited[parent]) or (
                self.prose_in[scope] < 0.4 * self.total and is_furniture(scope)
            )
            above = signature_of[parent] if parent is not None else 0
            key = (above, scope.tag, scope.names)
            signature_of[scope] = signatures.setdefault(key, len(signatures))
        for s in self.seen:
            s.signature = signature_of[s.block.scope]
            s.furniture = inherited[s.block.scope] or (
                s.weight < 200 and not FURNITURE.isdisjoint(s.block.named)
            )

    @staticmethod
    def _value(s: Seen) -> float:
        if s.furniture:
            return -0.3 * min(s.weight, 60)
        if s.prose:
            return s.weight
        return 0.0 if s.heading else -min(s.weight, 60)

    def container(self) -> Scope | None:
        """The deepest scope whose blocks are worth most."""
        best = None
        for scope in self.scopes:
            if best is None or self.value_in[scope] >= self.value_in[best]:
                best = scope
        return best


def is_inside(scope: Scope | None, container: Scope) -> bool:
    while scope is not None and scope.order > container.order:
        scope = scope.parent
    return scope is container


def common_scope(scopes: Sequence[Scope]) -> Scope:
    shared = scopes[0]
    for scope in scopes[1:]:
        while not is_inside(scope, shared):
            assert shared.parent is not None
            shared = shared.parent
    return shared


@dataclass(slots=True)
class Body:
    blocks: list[Block]
    removed: list[Removed]


def find_body(
    blocks: Sequence[Block], *, descriptions: Sequence[str] = (), article_body: str | None = None
) -> list[Block]:
    layout = Layout(blocks)
    top = layout.container()
    if top is None:
        return []
    seen = layout.seen
    inside = [i for i, s in enumerate(seen) if is_inside(s.block.scope, top)]
    shares: dict[int, float] = {}
    total = 1.0
    for i in inside:
        s = seen[i]
        if s.prose and not s.furniture:
            shares[s.signature] = shares.get(s.signature, 0) + s.weight
            total += s.weight
    big = {sig for sig, w in shares.items() if w >= 0.1 * total}
    trunk = [i for i in inside if seen[i].prose and not seen[i].furniture and seen[i].signature in big]
    if not trunk:
        return []
    core = common_scope([seen[i].block.scope.parent if seen[i].block.scope.tag == "p" else seen[i].block.scope for i in trunk])
    first, last = trunk[0], trunk[-1]
    witness = fold(article_body) if article_body and len(article_body) > 200 else ""
    folded_descriptions = [fold(d) for d in descriptions if d]

    kept: list[int] = []
    start = max((i for i, s in enumerate(seen[:first]) if s.block.scope.tag == "h1"), default=None)
    for i in range(start if start is not None else first, first):
        s = seen[i]
        if s.block.scope.tag == "h1":
            continue
        if is_standfirst(s, folded_descriptions):
            kept.append(i)
        elif is_inside(s.block.scope, core) and accept(s, shares, total, witness):
            kept.append(i)
    for i in range(first, len(seen)):
        s = seen[i]
        if not is_inside(s.block.scope, core):
            if i > last:
                continue
        if accept(s, shares, total, witness):
            kept.append(i)
    while kept and seen[kept[-1]].heading:
        kept.pop()
    return [seen[i].block for i in kept]


def is_standfirst(s: Seen, descriptions: Sequence[str]) -> bool:
    if s.weight < 30 or s.density > 0.5:
        return False
    text = fold(s.block.text)
    if any(text == d or (len(d) > 60 and (text.startswith(d[:60]) or d.startswith(text[:60]))) for d in descriptions):
        return True
    if s.furniture:
        return False
    scope: Scope | None = s.block.scope
    for _ in range(3):
        if scope is None:
            break
        if not STANDFIRST.isdisjoint(scope.names):
            return True
        scope = scope.parent
    return s.prose and s.block.text.endswith(SENTENCE_END)


def accept(s: Seen, shares: dict[int, float], total: float, witness: str) -> bool:
    if s.furniture or s.block.scope.tag == "h1":
        return False
    share = shares.get(s.signature, 0) / total
    if s.density > 0.8 and s.weight < 250:
        return False
    if s.heading:
        return s.density < 0.5
    if s.prose:
        return share >= 0.1 or not witness or s.block.scope.tag in FLOW or fold(s.block.text) in witness
    if share > 0.05 or s.block.scope.tag in FLOW or s.block.scope.tag == "p":
        return True
    return s.weight >= 50 and s.density < 0.6
