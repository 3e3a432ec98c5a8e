"""What has no place in an article once its blocks are chosen: repetitions and loose ends.

Each function adds to `reasons`, the blocks left out so far by their index in the page.
"""

from collections.abc import Mapping, MutableMapping, Sequence, Set
from itertools import islice

from crawler.extraction.body.containers import (
    PICTURE,
    PROSE_WEIGHT,
    WITNESS_CHARACTERS,
    Reading,
)
from crawler.extraction.body.lists import LISTS
from crawler.extraction.body.phrasing import ends_sentence, prompts
from crawler.extraction.page.blocks import Scope
from crawler.extraction.page.scopes import is_inside, text_container

Reasons = MutableMapping[int, str]

PULL_QUOTE_WEIGHT = 600
REPEATED_WEIGHT = 120
COPY_WEIGHT = 1000
COPY_PARAGRAPHS = 100
# how many blocks a heading's box may hold
HEADING_REACH = 100
# how many lines a signature may have; more are a part of the text
SIGNATURE_LINES = 2


def drop_pull_quotes(readings: Sequence[Reading], start: int, reasons: Reasons) -> None:
    """Leave out quotations set apart that are sentences of the running text."""
    kept = [i for i in range(start, len(readings)) if i not in reasons]
    apart = [i for i in kept if readings[i].block.scope.flow == "blockquote"]
    running = "\n".join(readings[i].block.folded for i in sorted({*kept} - {*apart}))
    for i in apart:
        reading = readings[i]
        short = reading.weight < PULL_QUOTE_WEIGHT
        if short and reading.block.folded in running[:WITNESS_CHARACTERS]:
            reasons[i] = "pull quote"


def drop_repetitions(readings: Sequence[Reading], start: int, reasons: Reasons) -> None:
    """Leave out paragraphs that stand in the page twice, and the copy of a text in one piece.

    Key points that say what a paragraph says below are no reason to leave that out.
    """
    first_at: dict[str, int] = {}
    for i in range(start, len(readings)):
        if i in reasons or readings[i].weight < REPEATED_WEIGHT:
            continue
        first = first_at.setdefault(readings[i].block.folded, i)
        listed = readings[first].block.scope.flow in LISTS
        if first != i and not (listed and readings[i].block.scope.flow is None):
            reasons[i] = "repetition"
    for text, i in first_at.items():
        if readings[i].weight > COPY_WEIGHT:
            others = islice((item for item in first_at.items() if item[1] != i), COPY_PARAGRAPHS)
            copied = sum(readings[at].weight for other, at in others if other in text)
            if copied * 2 > readings[i].weight:
                reasons[i] = "repetition"


def drop_headings_of_nothing(
    readings: Sequence[Reading],
    headings: Sequence[int],
    reasons: Reasons,
    *,
    core: Scope,
    containers: Set[Scope],
) -> None:
    """Leave out the headings of boxes of which nothing else is left.

    `core` holds the running text, `containers` are the elements its paragraphs are children of.
    """
    for i in headings:
        if i not in reasons and _heads_nothing(readings, i, reasons, core, containers):
            reasons[i] = "heading"


def _heads_nothing(
    readings: Sequence[Reading],
    i: int,
    reasons: Mapping[int, str],
    core: Scope,
    containers: Set[Scope],
) -> bool:
    following = range(i + 1, min(len(readings), i + HEADING_REACH))
    if following and reasons.get(i + 1) == "link":
        return not readings[i + 1].heading
    box = readings[i].block.scope.parent
    if following:
        scope = readings[i + 1].block.scope
        while box is not None and box is not core and not is_inside(scope, box):
            box = box.parent
    boxed = text_container(readings[i].block.scope) not in containers
    left_out = False
    for j in following:
        reading = readings[j]
        if box is not None and not is_inside(reading.block.scope, box):
            break
        if j not in reasons:
            return left_out and (reading.heading or boxed)
        if not reading.heading:
            left_out = left_out or not _is_picture(reading, reasons[j])
    return left_out


def _is_picture(reading: Reading, reason: str) -> bool:
    furniture = reading.furniture
    return reason in ("caption", "ornament") or bool(furniture and furniture <= PICTURE)


def drop_ending(readings: Sequence[Reading], start: int, last: int, reasons: Reasons) -> None:
    """Leave out what follows the last sentence: headings, prompts, a signature.

    `last` is the last paragraph of the running text; what stands below it is doubted more. A
    sentence that is all there is stays, whatever it is set as.
    """
    signature: list[int] = []
    kept = [i for i in range(start, len(readings)) if i not in reasons]
    if len(kept) == 1 and ends_sentence(readings[kept[0]].block.text):
        return
    for i in reversed(kept):
        reading = readings[i]
        text = reading.block.text
        flow = reading.block.scope.flow is not None
        short = reading.weight < 6 * PROSE_WEIGHT
        if reading.heading or (short and prompts(text, linked=reading.block.linked > 0)):
            reasons[i] = "ending"
        elif i > last and reading.weight < PROSE_WEIGHT and not flow and not ends_sentence(text):
            signature.append(i)
        else:
            break
    if len(signature) <= SIGNATURE_LINES:
        reasons.update((i, "ending") for i in signature)
