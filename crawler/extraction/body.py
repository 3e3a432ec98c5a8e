"""Which of a page's blocks are the article: where it stands first, then block by block."""

import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from crawler.extraction.blocks import Block, Scope, words
from crawler.extraction.layout import (
    LINE_WEIGHT,
    PICTURE,
    PROSE_WEIGHT,
    TRUNK_SHARE,
    WITNESS_CHARACTERS,
    Layout,
    Reading,
    common_scope,
    fold,
    holder,
    is_inside,
)

STANDFIRST_NAMES = words(
    "standfirst lead leadtext lede dek deck subtitle subline subhead subheadline subheading "
    "summary intro introduction chapo description excerpt abstract vorspann sottotitolo subtitulo "
    "entradilla bajada sapo preamble ingress strapline sub teaser"
)
THIN_TRUNK = 500
# how many blocks a heading's box may hold
HEADING_REACH = 100
TITLE_NAMES = words("title headline")
SENTENCE_END = tuple('.!?…。！？”"»“:)।؟’;')

_COPYRIGHT = re.compile(
    r"©|\(c\)|copyright\b|alle rechte vorbehalten|all rights reserved|tous droits", re.IGNORECASE
)
_PROMPT = re.compile(
    r"newsletter|whatsapp|telegram|app store|google play|sign up|subscribe|abonnier|abonnez|"
    r"suscr[ií]b|iscriviti|follow (?:us|me|the)\b|folgen sie|folge uns|suivez|s[ií]gu[ea]nos|"
    r"seguici|download the",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Body:
    """The blocks of the article, and those among them that were left out, with the rule's name.

    `standfirst` holds the indexes of the kept blocks that are the standfirst.
    """

    kept: Sequence[Block]
    left_out: Sequence[tuple[Block, str]]
    standfirst: Set[int] = frozenset()


def find_body(
    blocks: Sequence[Block],
    *,
    title: str = "",
    authors: Sequence[str] = (),
    descriptions: Sequence[str] = (),
    article_body: str | None = None,
) -> Body:
    """The article among `blocks`, told by the page's structure and by what its metadata say."""
    layout = Layout(blocks, article_body)
    trunk = layout.trunk()
    if layout.weight_of(trunk) < THIN_TRUNK:
        lines = Layout(blocks, article_body, prose_weight=LINE_WEIGHT)
        line_trunk = lines.trunk()
        if lines.weight_of(line_trunk) > 2 * layout.weight_of(trunk):
            layout, trunk = lines, line_trunk
    if not trunk:
        return Body([], [])
    return _Selection(layout, trunk, title, authors, descriptions).body()


def ends_sentence(text: str) -> bool:
    return text.rstrip(" ♦■●◼▪▲►*†‡").endswith(SENTENCE_END)


def looks_like_names(text: str) -> bool:
    """Whether a line is two to six capitalized words without a sign of a sentence."""
    parts = re.split(r"[\s/,]+", text)
    return 2 <= len(parts) <= 6 and all(part[:1].isupper() and part.isalpha() for part in parts)


def is_signpost(block: Block) -> bool:
    """Whether a block is a short label and a colon before a link: "Read also: …"."""
    label, colon, rest = block.text.partition(":")
    if not (colon and rest) or len(label) > 40:
        return False
    chars = len("".join(block.text.split()))
    return block.linked > 0.95 or abs(block.linked - len("".join(rest.split())) / chars) < 0.05


class _Selection:
    def __init__(
        self,
        layout: Layout,
        trunk: Sequence[int],
        title: str,
        authors: Sequence[str],
        descriptions: Sequence[str],
    ) -> None:
        self.readings = layout.readings
        self.witness = layout.witness
        self.shares = layout.shares(trunk)
        self.first, self.last = trunk[0], trunk[-1]
        self.holders = {holder(self.readings[i].block.scope) for i in trunk}
        self.core = common_scope([holder(self.readings[i].block.scope) for i in trunk])
        self.title = fold(title)
        self.title_words = frozenset(self.title.split())
        self.authors = [fold(author) for author in authors if author.strip()]
        self.descriptions = [fold(text) for text in descriptions if text]
        self.start = self._find_start()

    def _find_start(self) -> int:
        """The headline above the first paragraph, told by h1 or the title; else that paragraph."""
        above = range(self.first - 1, -1, -1)
        for i in above:
            if self.readings[i].block.scope.heading == "h1":
                return i
        if self.title.strip():
            for i in above:
                if self.title == fold(self.readings[i].block.text):
                    return i
        return self.first

    def body(self) -> Body:
        reasons: dict[int, str] = {}
        for i in range(self.start, len(self.readings)):
            reason = self.reason_against(i)
            if reason is not None:
                reasons[i] = reason
        self._drop_pull_quotes(reasons)
        self._drop_headings_of_nothing(reasons)
        self._drop_ending(reasons)
        kept = [
            r.block for i, r in enumerate(self.readings) if i >= self.start and i not in reasons
        ]
        left_out = [
            (self.readings[i].block, reason)
            for i, reason in sorted(reasons.items())
            if reason != "outside"
        ]
        return Body(kept, left_out, self._standfirst(kept))

    def _standfirst(self, kept: Sequence[Block]) -> Set[int]:
        """What stands between headline and running text, or opens it and is named or described."""
        found: set[int] = set()
        for block in kept:
            reading = self.readings[block.index]
            above = block.index < self.first and self._is_standfirst(reading)
            if not (above or self._is_described(reading) or self._is_named(block, 1)):
                break
            found.add(block.index)
        return found if len(found) < len(kept) else frozenset()

    def reason_against(self, i: int) -> str | None:
        """Why a block is no part of the article; None if it is."""
        reading = self.readings[i]
        block = reading.block
        if not any(character.isalnum() for character in block.text):
            return "ornament"
        before = i < self.first
        if fold(block.text) == self.title or (before and block.scope.heading == "h1"):
            return "title"
        if before and self._is_standfirst(reading):
            return None
        if (before or i > self.last) and not is_inside(block.scope, self.core):
            return "outside"
        if reading.furniture:
            return "furniture " + " ".join(sorted(reading.furniture))
        claim = _COPYRIGHT.search(block.text)
        if claim and (reading.weight < 4 * PROSE_WEIGHT or claim.start() == 0):
            return "copyright"
        if reading.heading:
            return self._against_heading(i)
        return self._against_text(i)

    def _against_heading(self, i: int) -> str | None:
        reading = self.readings[i]
        sibling = holder(reading.block.scope) in self.holders
        if reading.block.linked > 0.5 and not sibling:
            return "link"
        if i < self.first and self._is_title(reading):
            return "title"
        if sibling or self.first < i < self.last:
            return None
        leads_in = i < self.first and all(
            r.heading or r.furniture for r in self.readings[i : self.first]
        )
        return None if leads_in else "outside"

    def _against_text(self, i: int) -> str | None:
        reading = self.readings[i]
        block = reading.block
        sibling = holder(block.scope) in self.holders
        sentence = ends_sentence(block.text)
        flow = block.scope.flow is not None
        share = self.shares.get(reading.signature, 0.0)
        kin = sibling or share >= TRUNK_SHARE
        if (
            block.linked > 0.5
            and not (flow and block.away > 0.5 * block.linked)
            and (
                i > self.last
                or not sentence
                or is_signpost(block)
                or (block.linked > 0.8 and not kin)
            )
        ):
            return "link"
        if i > self.last and not kin and not (flow and self._flows_on(block.scope)):
            return "after"
        if (
            block.pictured
            and i > self.first
            and not flow
            and not sentence
            and reading.weight < 3 * PROSE_WEIGHT
        ):
            return "caption"
        if i < self.first and not sibling and not (sentence and reading.prose):
            return "leading"
        if i < self.first and not flow and looks_like_names(block.text):
            return "byline"
        if self._is_about_author(i):
            return "byline"
        if reading.prose:
            if sibling or flow or reading.attested or not self.witness:
                return None
            return "unattested"
        if share > TRUNK_SHARE / 2 or flow or sibling:
            return None
        return None if reading.weight >= PROSE_WEIGHT and block.linked < 0.6 else "fragment"

    def _is_about_author(self, i: int) -> bool:
        """Whether a block is a byline, or a biography at the text's end, of one of its authors."""
        text = fold(self.readings[i].block.text)
        short = self.readings[i].weight < 2 * PROSE_WEIGHT and not ends_sentence(text)
        for author in self.authors:
            if author in text and (
                text == author
                or (i >= self.last and text.startswith(author))
                or (short and (i < self.first or i > self.last))
            ):
                return True
        return False

    def _is_title(self, reading: Reading) -> bool:
        """Whether a block is the headline again, perhaps with a kicker or in other punctuation."""
        text = fold(reading.block.text)
        if self.title.strip() and self.title in text:
            return True
        if not reading.heading:
            return False
        named = reading.block.scope.names
        if not named.isdisjoint(TITLE_NAMES) and named.isdisjoint(STANDFIRST_NAMES):
            return reading.block.index < self.first
        shared = self.title_words.intersection(text.split())
        return len(self.title_words) > 2 and len(shared) >= 0.75 * len(self.title_words)

    def _flows_on(self, scope: Scope | None) -> bool:
        """Whether a list, table or quotation stands among the paragraphs."""
        while scope is not None and scope.flow is not None:
            if holder(scope) in self.holders:
                return True
            scope = scope.parent
        return scope in self.holders

    def _is_standfirst(self, reading: Reading) -> bool:
        """Whether a block above the first paragraph is the standfirst or a part of it."""
        block = reading.block
        if reading.weight < 30 or block.linked > 0.5 or reading.furniture & PICTURE:
            return False
        if self._is_described(reading):
            return True
        if not reading.furniture <= STANDFIRST_NAMES or self._is_title(reading):
            return False
        if reading.heading:
            return reading.weight >= PROSE_WEIGHT or self._is_named(block, 1)
        return self._is_named(block, 3) or (reading.prose and ends_sentence(block.text))

    def _is_described(self, reading: Reading) -> bool:
        """Whether the page's metadata describe it in these words, cut short or not."""
        text = fold(reading.block.text)
        return reading.weight >= 30 and any(
            text == description
            or (
                len(description) > 60
                and (text.startswith(description[:60]) or description.startswith(text[:60]))
            )
            for description in self.descriptions
        )

    def _is_named(self, block: Block, levels: int) -> bool:
        scope: Scope | None = block.scope
        for _ in range(levels):
            if scope is not None:
                if not STANDFIRST_NAMES.isdisjoint(scope.names):
                    return True
                scope = scope.parent
        return False

    def _drop_pull_quotes(self, reasons: dict[int, str]) -> None:
        """Leave out quotations set apart that are sentences of the running text."""
        running = "\n".join(
            fold(r.block.text)
            for i, r in enumerate(self.readings)
            if i >= self.start and i not in reasons and r.block.scope.flow != "blockquote"
        )[:WITNESS_CHARACTERS]
        for i in range(self.start, len(self.readings)):
            reading = self.readings[i]
            if (
                i not in reasons
                and reading.block.scope.flow == "blockquote"
                and reading.weight < 600
                and fold(reading.block.text) in running
            ):
                reasons[i] = "pull quote"

    def _drop_headings_of_nothing(self, reasons: dict[int, str]) -> None:
        """Leave out the headings of boxes of which nothing else is left."""
        for i in range(self.start, len(self.readings)):
            if i < self.first and self._is_standfirst(self.readings[i]):
                continue
            if i not in reasons and self.readings[i].heading and self._heads_nothing(i, reasons):
                reasons[i] = "heading"

    def _heads_nothing(self, i: int, reasons: Mapping[int, str]) -> bool:
        box = self.readings[i].block.scope.parent
        if i + 1 < len(self.readings):
            following = self.readings[i + 1].block.scope
            while box is not None and box is not self.core and not is_inside(following, box):
                box = box.parent
        if i + 1 < len(self.readings) and reasons.get(i + 1) == "link":
            return not self.readings[i + 1].heading
        boxed = holder(self.readings[i].block.scope) not in self.holders
        left_out = False
        for j in range(i + 1, min(len(self.readings), i + HEADING_REACH)):
            reading = self.readings[j]
            if box is not None and not is_inside(reading.block.scope, box):
                break
            if j not in reasons:
                return left_out and (reading.heading or boxed)
            if not reading.heading:
                left_out = left_out or not self._is_picture(j, reasons[j])
        return left_out

    def _is_picture(self, i: int, reason: str) -> bool:
        furniture = self.readings[i].furniture
        return reason in ("caption", "ornament") or bool(furniture and furniture <= PICTURE)

    def _drop_ending(self, reasons: dict[int, str]) -> None:
        """Leave out what follows the last sentence: headings, prompts, a line of signature."""
        lines: list[int] = []
        for i in range(len(self.readings) - 1, self.start - 1, -1):
            if i in reasons:
                continue
            reading = self.readings[i]
            text = reading.block.text
            flow = reading.block.scope.flow is not None
            if (
                reading.heading
                or (text.endswith((":", "：")) and not flow)
                or (reading.weight < 6 * PROSE_WEIGHT and _PROMPT.search(text))
            ):
                reasons[i] = "ending"
            elif (
                i > self.last
                and reading.weight < PROSE_WEIGHT
                and not flow
                and not ends_sentence(text)
            ):
                lines.append(i)
            else:
                break
        if len(lines) <= 2:
            reasons.update((i, "ending") for i in lines)
