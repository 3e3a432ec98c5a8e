"""Which of a page's blocks are the article: where it stands first, then block by block."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from crawler.extraction.body.cards import cards
from crawler.extraction.body.claims import NOTHING_CLAIMED, Claims
from crawler.extraction.body.containers import (
    MAIN_SHARE,
    PROSE_WEIGHT,
    Layout,
)
from crawler.extraction.body.lists import UNLINKED, keep_lists_of_the_text
from crawler.extraction.body.opening import Opening
from crawler.extraction.body.phrasing import (
    announces,
    claims_copyright,
    ends_sentence,
    has_words,
    is_signpost,
    looks_like_names,
)
from crawler.extraction.body.trimming import (
    drop_ending,
    drop_headings_of_nothing,
    drop_pull_quotes,
    drop_repetitions,
)
from crawler.extraction.page.blocks import Block, Scope
from crawler.extraction.page.scopes import common_scope, is_inside, text_container
from crawler.extraction.page.wording import fold

ABOVE = "above"
"""The reason that banners are left out for."""

MOST_BANNERS = 3


@dataclass(frozen=True, slots=True)
class Body:
    """The blocks of the article, and those among them that were left out, with the rule's name.

    `standfirst` holds the indexes of the kept blocks that are the standfirst.
    """

    kept: Sequence[Block]
    left_out: Sequence[tuple[Block, str]]
    standfirst: Set[int] = frozenset()


def find_body(blocks: Sequence[Block], claims: Claims = NOTHING_CLAIMED) -> Body:
    """The article among `blocks`, told by rules of structure and by what the metadata claim.

    What of a few words stands above an article's headline is a banner: it is looked for anew
    without that.
    """
    elsewhere = cards(blocks) if claims.article else frozenset[int]()
    above: dict[int, tuple[Block, str]] = {}
    body = Body([], [])
    for _ in range(MOST_BANNERS):
        layout = Layout(blocks, claims.article_body, elsewhere | above.keys())
        main_blocks = layout.main_blocks()
        if not main_blocks:
            body = Body([], [])
            break
        opening = Opening(layout.readings, main_blocks[0], claims.title, claims.descriptions)
        body = _Selection(layout, main_blocks, opening, claims.authors).body()
        banner = opening.banner(body.kept, body.standfirst) if claims.article else ()
        if not banner:
            break
        above |= {block.index: (block, ABOVE) for block in banner}
    if not above:
        return body
    left_out = {block.index: (block, reason) for block, reason in body.left_out} | above
    kept = [block for block in body.kept if block.index not in above]
    return Body(kept, [left_out[i] for i in sorted(left_out)], body.standfirst - above.keys())


class _Selection:
    """The judgement of each block against the running text of its page."""

    def __init__(
        self, layout: Layout, main_blocks: Sequence[int], opening: Opening, authors: Sequence[str]
    ) -> None:
        self.readings = layout.readings
        self.witness = layout.witness
        self.opening = opening
        self.shares = layout.shares(main_blocks)
        self.first, self.last = main_blocks[0], main_blocks[-1]
        self.leading = self._leading()
        containers = [text_container(self.readings[i].block.scope) for i in main_blocks]
        self.containers = frozenset(containers)
        self.core = common_scope(containers)
        self.authors = [fold(author) for author in authors if author.strip()]

    def body(self) -> Body:
        start = self.opening.start()
        candidates = range(start, len(self.readings))
        reasons: dict[int, str] = {}
        for i in candidates:
            reason = self._reason_against(i)
            if reason is not None:
                reasons[i] = reason
        keep_lists_of_the_text(
            self.readings, self.first, self.last, reasons, containers=self.containers
        )
        drop_repetitions(self.readings, start, reasons)
        drop_pull_quotes(self.readings, start, reasons)
        headings = [
            i
            for i in candidates
            if (self.readings[i].heading or self._labels_links(i, reasons))
            and not (i < self.first and self.opening.is_standfirst(self.readings[i]))
        ]
        drop_headings_of_nothing(
            self.readings, headings, reasons, core=self.core, containers=self.containers
        )
        drop_ending(self.readings, start, self.last, reasons)
        kept = [self.readings[i].block for i in candidates if i not in reasons]
        left_out = [
            (self.readings[i].block, reason)
            for i, reason in sorted(reasons.items())
            if reason != "outside"
        ]
        return Body(kept, left_out, self.opening.standfirst(kept))

    def _leading(self) -> int:
        """Where the headings and the furniture begin that lead up to the running text."""
        i = self.first
        while i and (self.readings[i - 1].heading or self.readings[i - 1].furniture):
            i -= 1
        return i

    def _labels_links(self, i: int, reasons: Mapping[int, str]) -> bool:
        """Whether a line, such as "Read more:", is the heading of links."""
        reading = self.readings[i]
        label = reading.weight < PROSE_WEIGHT and announces(reading.block.text)
        return label and reasons.get(i + 1) == "link"

    def _reason_against(self, i: int) -> str | None:
        """Why a block is no part of the article; None if it is."""
        reading = self.readings[i]
        block = reading.block
        before = i < self.first
        if not has_words(block.text):
            return "ornament"
        if self.opening.is_headline(reading) or (before and block.scope.heading == "h1"):
            return "title"
        if before and self.opening.is_standfirst(reading):
            return None
        if (before or i > self.last) and not is_inside(block.scope, self.core):
            return "outside"
        if reading.furniture:
            return "furniture " + " ".join(sorted(reading.furniture))
        if claims_copyright(block.text, long=reading.weight >= 4 * PROSE_WEIGHT):
            return "copyright"
        return self._against_heading(i) if reading.heading else self._against_text(i)

    def _against_heading(self, i: int) -> str | None:
        reading = self.readings[i]
        sibling = text_container(reading.block.scope) in self.containers
        amid = self.first < i < self.last
        resource = amid and reading.block.away > 0.5 and reading.block.scope.flow is None
        if reading.block.linked > 0.5 and not sibling and not resource:
            return "link"
        if i < self.first and self.opening.repeats_headline(reading):
            return "title"
        if sibling or amid:
            return None
        return None if self.leading <= i < self.first else "outside"

    def _against_text(self, i: int) -> str | None:
        reading = self.readings[i]
        block = reading.block
        sibling = text_container(block.scope) in self.containers
        share = self.shares.get(block.scope.signature, 0.0)
        kin = sibling or share >= MAIN_SHARE
        sentence = ends_sentence(block.text)
        flow = block.scope.flow is not None
        if self._is_link(i, kin=kin, sentence=sentence):
            return "link"
        if i > self.last and not kin and not (flow and self._flows_on(block.scope)):
            return "after"
        short = reading.weight < 3 * PROSE_WEIGHT
        if block.pictured and i > self.first and short and not flow and not sentence:
            return "caption"
        own = sibling or (flow and block.linked < UNLINKED and not block.pictured)
        if i < self.first and not own and not (sentence and reading.prose):
            return "leading"
        if i < self.first and not flow and looks_like_names(block.text):
            return "byline"
        if self._is_about_author(i):
            return "byline"
        if reading.prose:
            declared = reading.declared or not self.witness
            return None if sibling or flow or declared else "undeclared"
        if share > MAIN_SHARE / 2 or flow or sibling:
            return None
        return None if reading.weight >= PROSE_WEIGHT and block.linked < 0.6 else "fragment"

    def _is_link(self, i: int, *, kin: bool, sentence: bool) -> bool:
        """Whether a block leads elsewhere on the site rather than saying something."""
        block = self.readings[i].block
        resource = block.scope.flow is not None and block.away > 0.5 * block.linked
        if block.linked <= 0.5 or resource:
            return False
        stranger = block.linked > 0.8 and not kin
        return i > self.last or not sentence or stranger or is_signpost(block)

    def _is_about_author(self, i: int) -> bool:
        """Whether a block is a byline, or a biography at the text's end, of one of its authors."""
        reading = self.readings[i]
        text = reading.block.folded
        authors = [author for author in self.authors if author in text]
        if not authors:
            return False
        line = reading.weight < 2 * PROSE_WEIGHT and not ends_sentence(reading.block.text)
        # In the midst of a short text as well: "by A. Marlowe, 4 May, updated 5 minutes ago".
        aside = not self.first <= i <= self.last or any(letter.isdigit() for letter in text)
        return any(
            text == author or (i >= self.last and text.startswith(author)) or (line and aside)
            for author in authors
        )

    def _flows_on(self, scope: Scope) -> bool:
        """Whether a list, table or quotation stands among the paragraphs, or boxed as they are."""
        outer: Scope | None = scope
        while outer is not None and outer.flow is not None:
            if text_container(outer) in self.containers:
                return True
            outer = outer.parent
        if outer is None or outer in self.containers:
            return outer is not None
        return self.core not in self.containers and self.core in (outer, outer.parent)
