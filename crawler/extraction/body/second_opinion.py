"""A second opinion on the blocks that the rules take for the article: a model, learned on pages.

`tests/benchmark/teaching.py` makes its file, of numbers and of such names of elements as many sites
have. docs/decisions/0022 tells why it is read without the library that made it.
"""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from crawler.extraction.body.claims import Claims
from crawler.extraction.body.context import context_rows
from crawler.extraction.body.corrections import is_correction_note
from crawler.extraction.body.element_names import name_rows
from crawler.extraction.body.features import PageFeatures, Row
from crawler.extraction.body.selection import Body
from crawler.extraction.body.trees import Trees
from crawler.extraction.page.blocks import Block, Scope, words
from crawler.extraction.page.scopes import text_container, with_outer

MODEL = Path(__file__).with_name("second_opinion.npz")

# how many blocks before the article and after it are looked at with it
MARGIN = 10
MAXIMUM_BLOCKS = 2_000
# below this a block goes, from this one comes back
UNLIKELY = 0.3
# what the page names or describes as its standfirst is one, whatever it looks like
UNLIKELY_STANDFIRST = 0.1
SURE = 0.97
# the names that systems give to quotations that are the text's
QUOTATION = words("quote blockquote block wp")
# the reasons of rules that look at words no number tells of
CERTAIN = frozenset(["title", "pull", "repetition", "byline", "copyright", "ornament", "ending"])


@dataclass(frozen=True, slots=True)
class SecondOpinion:
    """Two looks: at each block, then at each among what the first look made of those around it."""

    name_scores: Mapping[str, float]
    first: Trees
    second: Trees

    def likely(self, page: PageFeatures, looked_at: range) -> list[float]:
        """How likely each of some blocks that follow one another is a part of the article."""
        if not looked_at:
            return []
        rows = with_names(page, looked_at, page.rows(looked_at), self.name_scores)
        again = with_context(page, looked_at, rows, self.first.probabilities(rows))
        return self.second.probabilities(again)


def with_names(
    page: PageFeatures, looked_at: range, rows: Sequence[Row], scores: Mapping[str, float]
) -> list[Row]:
    """What the first look sees: numbers of blocks, and what the names around them are worth."""
    named = name_rows(page, looked_at, scores)
    return [own + names for own, names in zip(rows, named, strict=True)]


def with_context(
    page: PageFeatures, looked_at: range, rows: Sequence[Row], likely: Sequence[float]
) -> list[Row]:
    """What the second look sees: that, and what the first says of the blocks around."""
    context = context_rows(page.blocks[looked_at.start : looked_at.stop], likely)
    return [own + around for own, around in zip(rows, context, strict=True)]


def looked_at(blocks: Sequence[Block], kept: Sequence[Block]) -> range:
    """The numbers of the blocks that the model looks at where the rules keep some of a page's."""
    if not kept:
        return range(0)
    start = max(0, kept[0].index - MARGIN)
    return range(start, min(len(blocks), kept[-1].index + 1 + MARGIN, start + MAXIMUM_BLOCKS))


def reconsidered(blocks: Sequence[Block], body: Body, claims: Claims) -> Body:
    """The body that the rules found, less what is unlikely and with what is all but sure.

    Nothing is added before its first block, after its last, against a rule that needs no second
    opinion, or that the text says already. Where nothing would be left, the rules are believed.
    """
    numbers = looked_at(blocks, body.kept)
    if not numbers:
        return body
    likely = dict(
        zip(numbers, read_model(MODEL).likely(PageFeatures(blocks, claims), numbers), strict=True)
    )
    against = {block.index: reason for block, reason in body.left_out}
    kept = {block.index for block in body.kept}
    amid = range(body.kept[0].index, body.kept[-1].index + 1)
    sure = {
        i
        for i in amid
        if i not in kept and likely.get(i, 0.0) >= SURE and _may_add(against.get(i, ""))
    }
    if sure:
        said = "\n".join(block.folded for block in body.kept)
        sure = {i for i in sure if blocks[i].folded not in said}
    unlikely = {
        i
        for i in kept
        if likely.get(i, 1.0) < (UNLIKELY_STANDFIRST if i in body.standfirst else UNLIKELY)
    }
    unlikely -= _amid_their_list(blocks, kept, unlikely)
    unlikely -= _heading_the_text(blocks, kept, unlikely)
    unlikely -= _quoted_in_the_text(blocks, kept - unlikely, unlikely)
    unlikely -= {i for i in unlikely if is_correction_note(blocks[i].text)}
    if unlikely == kept:
        return body
    left_out = [(block, reason) for block, reason in body.left_out if block.index not in sure]
    left_out += [(blocks[i], "unlikely") for i in unlikely]
    return Body(
        [blocks[i] for i in sorted((kept | sure) - unlikely)],
        sorted(left_out, key=lambda pair: pair[0].index),
        body.standfirst - unlikely,
    )


def _amid_their_list(blocks: Sequence[Block], kept: Set[int], unlikely: Set[int]) -> Set[int]:
    """Items between two of their list that stay, and all of a list between two paragraphs that
    stay, beside them: a list is the article's as a whole, or not."""
    paragraphs = [i for i in kept - unlikely if blocks[i].scope.flow is None]
    containers = {text_container(blocks[i].scope) for i in paragraphs}
    lists: dict[Scope | None, list[int]] = {}
    for i in kept:
        if blocks[i].scope.tag == "li":
            lists.setdefault(blocks[i].scope.parent, []).append(i)
    amid: set[int] = set()
    for parent, items in lists.items():
        staying = [i for i in items if i not in unlikely]
        beside = parent is not None and text_container(parent) in containers
        if staying and beside and min(paragraphs) < min(items) <= max(items) < max(paragraphs):
            amid.update(items)
        elif staying:
            amid.update(i for i in items if min(staying) < i < max(staying))
    return amid & unlikely


def _heading_the_text(blocks: Sequence[Block], kept: Set[int], unlikely: Set[int]) -> Set[int]:
    """Headings between two paragraphs that stay, beside them and right above one: they stay with
    what they head."""
    order = sorted(kept)
    heading: set[int] = set()
    for before, i, after in zip(order, order[1:], order[2:], strict=False):
        three = [blocks[n].scope for n in (before, i, after)]
        beside = len({text_container(scope) for scope in three}) == 1
        if three[1].heading and beside and after == i + 1 and not {before, after} & unlikely:
            heading.add(i)
    return heading & unlikely


def _quoted_in_the_text(blocks: Sequence[Block], staying: Set[int], unlikely: Set[int]) -> Set[int]:
    """Quotations between two paragraphs, beside them and named as nothing else, that stay: a pull
    quote has a name, or says what the text says."""
    paragraphs = [i for i in staying if blocks[i].scope.flow is None]
    if not paragraphs:
        return set()
    containers = {text_container(blocks[i].scope) for i in paragraphs}
    quoted = {i for i in unlikely if min(paragraphs) < i < max(paragraphs)}
    return {i for i in quoted if _quotation_in(blocks[i].scope) in containers}


def _quotation_in(scope: Scope) -> Scope | None:
    """What the quotation stands in that a block is of; None for no or for another thing's name."""
    around = [*with_outer(scope)]
    tags = [outer.tag for outer in around]
    within = around[: tags.index("blockquote") + 1] if scope.flow == "blockquote" else []
    named = frozenset[str]().union(*(outer.names for outer in within))
    return within[-1].parent if within and named <= QUOTATION else None


def _may_add(reason: str) -> bool:
    return reason.partition(" ")[0] not in CERTAIN


@cache
def read_model(path: Path) -> SecondOpinion:
    """The model in a file; read once in a process."""
    with np.load(path, allow_pickle=False) as arrays:
        names = zip(arrays["names"].tolist(), arrays["name_scores"].tolist(), strict=True)
        return SecondOpinion(
            dict(names), Trees.of_arrays(arrays, "first"), Trees.of_arrays(arrays, "second")
        )


def write_model(opinion: SecondOpinion, path: Path) -> None:
    names = sorted(opinion.name_scores)
    arrays: dict[str, Any] = {
        "names": np.array(names, dtype=np.str_),
        "name_scores": np.array([opinion.name_scores[name] for name in names]),
        **opinion.first.arrays("first"),
        **opinion.second.arrays("second"),
    }
    np.savez_compressed(path, **arrays)
