"""How an article opens: its headline, and the standfirst between that and the running text."""

from collections.abc import Sequence, Set

from crawler.extraction.body.containers import PICTURE, PROSE_WEIGHT, Reading
from crawler.extraction.body.phrasing import ends_sentence
from crawler.extraction.page.blocks import Block, Scope, words
from crawler.extraction.page.wording import fold

STANDFIRST_NAMES = words(
    "standfirst lead leadtext lede dek deck subtitle subline subhead subheadline subheading "
    "summary intro introduction chapo description excerpt abstract vorspann sottotitolo subtitulo "
    "entradilla bajada sapo preamble ingress strapline sub teaser"
)
TITLE_NAMES = words("title headline")
STANDFIRST_WEIGHT = 30
DESCRIPTION_START = 60
# of a text beside which a banner weighs
BANNER_WEIGHT = 600
# the share of the title's words that make another heading the headline again
TITLE_SHARE = 0.75


class Opening:
    """What stands above the paragraph `first`, where the running text begins."""

    def __init__(
        self, readings: Sequence[Reading], first: int, title: str, descriptions: Sequence[str]
    ) -> None:
        self.readings = readings
        self.first = first
        self.title = fold(title)
        self.title_words = frozenset(self.title.split())
        self.descriptions = [fold(text) for text in descriptions if text]

    def start(self) -> int:
        """The headline above the first paragraph, told by h1 or the title; else that paragraph."""
        above = range(self.first - 1, -1, -1)
        for i in above:
            if self.readings[i].block.scope.heading == "h1":
                return i
        for i in above:
            if self.is_headline(self.readings[i]):
                return i
        return self.first

    def banner(self, kept: Sequence[Block], standfirst: Set[int]) -> Sequence[Block]:
        """What of a text of few words stands above its headline, and is not its standfirst."""
        headings = (it.block for it in self.readings if it.heading and self.is_headline(it))
        headline = next(headings, None)
        if headline is None or sum(block.weight for block in kept) >= BANNER_WEIGHT:
            return ()
        return [
            it for it in kept if it.index < min(headline.index, *standfirst, len(self.readings))
        ]

    def is_headline(self, reading: Reading) -> bool:
        return bool(self.title_words) and reading.block.folded == self.title

    def repeats_headline(self, reading: Reading) -> bool:
        """Whether a block is the headline again, perhaps with a kicker or in other punctuation."""
        text = reading.block.folded
        if self.title_words and self.title in text:
            return True
        if not reading.heading:
            return False
        names = reading.block.scope.names
        if not names.isdisjoint(TITLE_NAMES) and names.isdisjoint(STANDFIRST_NAMES):
            return reading.block.index < self.first
        shared = self.title_words.intersection(text.split())
        return len(self.title_words) > 2 and len(shared) >= TITLE_SHARE * len(self.title_words)

    def is_standfirst(self, reading: Reading) -> bool:
        """Whether a block above the first paragraph is the standfirst or a part of it."""
        block = reading.block
        if reading.weight < STANDFIRST_WEIGHT or block.linked > 0.5:
            return False
        if self._is_described(reading) and "<figcaption>" not in reading.furniture:
            return True
        if reading.furniture & PICTURE:
            return False
        if not reading.furniture <= STANDFIRST_NAMES or self.repeats_headline(reading):
            return False
        if reading.heading:
            return reading.weight >= PROSE_WEIGHT or _is_named(block, 1)
        return _is_named(block, 3) or (reading.prose and ends_sentence(block.text))

    def standfirst(self, kept: Sequence[Block]) -> Set[int]:
        """What stands between headline and running text, or opens it and is named or described."""
        found: set[int] = set()
        for block in kept:
            reading = self.readings[block.index]
            above = block.index < self.first and self.is_standfirst(reading)
            if not (above or self._is_described(reading) or _is_named(block, 1)):
                break
            found.add(block.index)
        return found if len(found) < len(kept) else frozenset()

    def _is_described(self, reading: Reading) -> bool:
        """Whether the page's metadata describe it in these words, cut short or not."""
        text = reading.block.folded
        return reading.weight >= STANDFIRST_WEIGHT and any(
            text == description
            or (
                len(description) > DESCRIPTION_START
                and (
                    text.startswith(description[:DESCRIPTION_START])
                    or description.startswith(text[:DESCRIPTION_START])
                )
            )
            for description in self.descriptions
        )


def _is_named(block: Block, levels: int) -> bool:
    scope: Scope | None = block.scope
    for _ in range(levels):
        if scope is not None:
            if not STANDFIRST_NAMES.isdisjoint(scope.names):
                return True
            scope = scope.parent
    return False
