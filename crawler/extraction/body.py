"""Which of a page's blocks are the article: its place in the structure first, then block by block."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

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
    "card cards placeholder fallback dropdown price robots nocontent video email likes tooltip affiliate "
    "image images photo photos foto bild picture lightbox slide slider gallery "
    "promo promote most identity blocker register registration jobs shopping hinweis permission".split()
)
STRONG_FURNITURE = frozenset(
    "comment comments disqus respond footer nav navigation menu related newsletter cookie consent sidebar "
    "recommended".split()
)
VOID_SHARE = 0.35
STRONG_VOID_SHARE = 0.8
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


def furniture_words(scope: Scope) -> frozenset[str]:
    """What makes a scope look like furniture: words of its names, `<tag>`, `@hidden`."""
    words = scope.names & FURNITURE
    if scope.tag in FURNITURE_TAGS:
        words |= {f"<{scope.tag}>"}
    if "hidden" in scope.states:
        words |= {"@hidden"}
    return words


@dataclass(slots=True, eq=False)
class Seen:
    block: Block
    weight: int
    density: float
    prose: bool
    heading: bool
    furniture: bool = False
    signature: int = 0
    attested: bool = False


class Layout:
    """The totals of a page's blocks over its structure."""

    def __init__(self, blocks: Sequence[Block], witness: str = "") -> None:
        self.seen: list[Seen] = []
        self.witness = witness
        for block in blocks:
            size = weight(block.text)
            density = block.linked / max(1, len(block.text) - block.text.count(" "))
            heading = block.heading is not None
            prose = size >= 50 and density < 0.4 and not heading
            self.seen.append(Seen(block, size, density, prose, heading))
        self.scopes = self._scopes()
        self.prose_in = self._total([s.weight if s.prose else 0.0 for s in self.seen])
        self.total = max(1.0, self.prose_in[self.scopes[0]]) if self.scopes else 1.0
        self._mark_furniture()
        if witness:
            for s in self.seen:
                s.attested = s.prose and fold(s.block.text) in witness
                if s.attested:
                    s.furniture = False
            if sum(s.weight for s in self.seen if s.attested) < 0.5 * len(witness):
                self.witness = ""
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
        """A word that stands on much of the page's prose says nothing on this page."""
        own = {scope: words for scope in self.scopes if (words := furniture_words(scope))}
        covered: dict[str, float] = {}
        above: dict[Scope, frozenset[str]] = {}
        for scope in self.scopes:
            inherited = above[scope.parent] if scope.parent is not None else frozenset()
            words = own.get(scope)
            if words:
                for word in words - inherited:
                    covered[word] = covered.get(word, 0.0) + self.prose_in[scope]
                inherited |= words
            above[scope] = inherited
        void = {
            word
            for word, prose in covered.items()
            if prose >= self.total * (STRONG_VOID_SHARE if word in STRONG_FURNITURE else VOID_SHARE)
        }
        self.void = void
        marked = {scope: bool(words - void) for scope, words in above.items()}
        signatures: dict[tuple[int, str, frozenset[str]], int] = {}
        signature_of: dict[Scope, int] = {}
        for scope in self.scopes:
            outer = signature_of[scope.parent] if scope.parent is not None else 0
            key = (outer, scope.tag, scope.names)
            signature_of[scope] = signatures.setdefault(key, len(signatures))
        for s in self.seen:
            s.signature = signature_of[s.block.scope]
            s.furniture = marked[s.block.scope] or (
                s.weight < 200 and not (FURNITURE - void).isdisjoint(s.block.named)
            )

    def _value(self, s: Seen) -> float:
        if s.furniture:
            return -0.3 * min(s.weight, 60)
        if s.prose:
            return s.weight if s.attested or not self.witness else 0.2 * s.weight
        return 0.0 if s.heading else -min(s.weight, 60)

    def causes(self, s):
        out=set()
        scope=s.block.scope
        while scope is not None:
            out|=furniture_words(scope)-self.void
            scope=scope.parent
        return out or {"inline "+w for w in s.block.named&FURNITURE}

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


_COPYRIGHT = re.compile(r"(?:©|\(c\)|copyright\b|alle rechte vorbehalten|all rights reserved|tous droits)", re.I)


@dataclass(frozen=True, slots=True)
class Body:
    """The blocks of the article, and those among them that were left out, with the rule's name."""

    kept: list[Block]
    removed: list[tuple[Block, str]]


def find_body(
    blocks: Sequence[Block],
    *,
    title: str = "",
    authors: Sequence[str] = (),
    descriptions: Sequence[str] = (),
    article_body: str | None = None,
) -> Body:
    witness = fold(article_body) if article_body and len(article_body) > 200 else ""
    layout = Layout(blocks, witness)
    witness = layout.witness
    top = layout.container()
    if top is None:
        return Body([], [])
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
        return Body([], [])
    trunk_parents = {holder(seen[i].block.scope) for i in trunk}
    core = common_scope([holder(seen[i].block.scope) for i in trunk])
    first, last = trunk[0], trunk[-1]
    folded_descriptions = [fold(d) for d in descriptions if d]
    folded_title = fold(title)
    folded_authors = {fold(author) for author in authors}

    def drop(i: int, zone: int) -> str | None:
        s = seen[i]
        text = s.block.text
        if not any(c.isalnum() for c in text):
            return "rule"
        if s.block.heading == "h1":
            return "title"
        standfirst = zone < 0 and is_standfirst(s, folded_descriptions)
        if standfirst:
            return None
        if not is_inside(s.block.scope, core):
            if zone:
                return "outside"
        if s.furniture:
            return "furniture " + " ".join(sorted(layout.causes(s)))
        sibling = holder(s.block.scope) in trunk_parents
        sentence = text.endswith(SENTENCE_END)
        if s.weight < 200 and _COPYRIGHT.search(text):
            return "copyright"
        if s.heading:
            if s.density > 0.5:
                return "link"
            folded = fold(text)
            if folded_title.strip() and folded_title in folded:
                return "title"
            return None if zone == 0 or sibling else "outside"
        if s.density > 0.5 and not sentence:
            return "link"
        if s.density > 0.8 and not sibling:
            return "link"
        if zone < 0 and (not sentence or s.weight < 50):
            return None if sibling and s.block.scope.tag in FLOW else "leading"
        if fold(text) in folded_authors:
            return "byline"
        share = shares.get(s.signature, 0) / total
        if s.prose:
            if share >= 0.1 or not witness or s.block.scope.tag in FLOW or sibling:
                return None
            return None if fold(text) in witness else "witness"
        if share > 0.05 or s.block.scope.tag in FLOW or sibling:
            return None
        return None if s.weight >= 50 and s.density < 0.6 else "box"

    start = max((i for i, s in enumerate(seen[:first]) if s.block.heading == "h1"), default=first)
    kept: list[int] = []
    reasons: dict[int, str] = {}
    for i in range(start, len(seen)):
        zone = -1 if i < first else (1 if i > last else 0)
        reason = drop(i, zone)
        if reason is None:
            kept.append(i)
        else:
            reasons[i] = reason
    kept = drop_empty_headings(seen, kept)
    while kept and (
        seen[kept[-1]].heading
        or (
            kept[-1] > last
            and seen[kept[-1]].weight < 50
            and seen[kept[-1]].block.scope.tag not in FLOW
            and not seen[kept[-1]].block.text.endswith(SENTENCE_END)
        )
    ):
        kept.pop()
    keep = set(kept)
    removed = [
        (seen[i].block, reasons.get(i, "heading"))
        for i in range(start, len(seen))
        if i not in keep and reasons.get(i) != "outside"
    ]
    return Body([seen[i].block for i in kept], removed)


def holder(scope: Scope) -> Scope:
    """The scope that holds a paragraph among its siblings."""
    return scope.parent if scope.tag in ("p", *HEADINGS, "ul", "ol", "blockquote") and scope.parent is not None else scope


def drop_empty_headings(seen: Sequence[Seen], kept: Sequence[int]) -> list[int]:
    """Leave out the headings of boxes whose every other block was left out."""
    keep = set(kept)
    out = []
    for i in kept:
        if seen[i].heading:
            j = i + 1
            scope = seen[i].block.scope
            box = scope.parent
            while box is not None and not (j < len(seen) and is_inside(seen[j].block.scope, box)) and not (
                i > 0 and is_inside(seen[i - 1].block.scope, box)
            ):
                box = box.parent
            if box is not None:
                following = False
                while j < len(seen) and is_inside(seen[j].block.scope, box):
                    if j in keep:
                        following = True
                        break
                    j += 1
                if not following:
                    continue
        out.append(i)
    return out


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
