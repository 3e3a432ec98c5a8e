"""Which blocks of a page its right answer holds, told by aligning the two.

A block is in the answer (1.0), is not (0.0), or it can't be told (None): passages say nothing of
the rest of their page, and an optional paragraph may be either.
"""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence

from crawler.extraction.page.blocks import Block
from crawler.extraction.page.wording import words
from tests.benchmark.corpora import Case

# runs of so many words are looked for where a block is not in the answer word for word
RUN = 4
# a block of fewer words must be found between those around it
ALONE = 5
LEAST_SHARE_WITHIN = 0.7
MOST_SHARE_WITHOUT = 0.3
MAXIMUM_PLACES = 8

Label = float | None


def label_blocks(case: Case, blocks: Sequence[Block]) -> list[Label]:
    """The label of each block."""
    if not case.text:
        return _by_passages(case, blocks)
    labels = _by_text(case.text, blocks)
    optional = {" ".join(words(case.paragraphs[number])) for number in case.optional}
    return [
        None if " ".join(words(block.text)) in optional else label
        for block, label in zip(blocks, labels, strict=True)
    ]


def _by_passages(case: Case, blocks: Sequence[Block]) -> list[Label]:
    labels: list[Label] = []
    for block in blocks:
        wanted = any(_share_words(block.text, passage) for passage in case.wanted)
        unwanted = any(_share_words(block.text, passage) for passage in case.unwanted)
        labels.append(None if wanted == unwanted else float(wanted))
    return labels


def _share_words(text: str, passage: str) -> bool:
    passage = " ".join(passage.split())
    return bool(passage) and (passage in text or (len(text) >= 30 and text in passage))


def _by_text(text: str, blocks: Sequence[Block]) -> list[Label]:
    answer = words(text)
    places: defaultdict[str, list[int]] = defaultdict(list)
    for place, word in enumerate(answer):
        places[word].append(place)
    block_words = [words(block.text) for block in blocks]
    chain = _longest_chain(
        [
            (number, place, len(own))
            for number, own in enumerate(block_words)
            if len(own) >= ALONE
            for place in _places(own, answer, places)
        ]
    )
    covered = [False] * len(answer)
    for number, place in chain.items():
        covered[place : place + len(block_words[number])] = [True] * len(block_words[number])
    runs = {tuple(answer[i : i + RUN]) for i in range(len(answer) - RUN + 1)}
    labels: list[Label] = []
    end = 0
    for number, own in enumerate(block_words):
        if number in chain:
            labels.append(1.0)
            end = chain[number] + len(own)
        elif len(own) >= ALONE:
            labels.append(_label_by_runs(own, answer, places, covered, runs))
        else:
            following = (chain[n] for n in range(number, len(blocks)) if n in chain)
            between = answer[end : next(following, len(answer))]
            at = next((p for p in range(len(between)) if between[p : p + len(own)] == own), None)
            labels.append(float(at is not None and bool(own)))
            if at is not None:
                end += at + len(own)
    return labels


def _places(own: Sequence[str], answer: Sequence[str], places: dict[str, list[int]]) -> list[int]:
    """Where the words of a block stand in the answer, in their order."""
    found = [p for p in places.get(own[0], ()) if answer[p : p + len(own)] == own]
    return found[:MAXIMUM_PLACES]


def _longest_chain(pairs: Sequence[tuple[int, int, int]]) -> dict[int, int]:
    """The places of those blocks that stand in the answer in the page's order, most words first.

    `pairs` are numbers of blocks, in order, each with a place and how many words it has.
    """
    ends: list[int] = []  # where chains end in the answer, increasing, as do their words
    best: list[tuple[int, int]] = []  # the words of a chain, and the last pair of it
    before: list[int | None] = []
    by_block: defaultdict[int, list[int]] = defaultdict(list)
    for index, (number, _, _) in enumerate(pairs):
        by_block[number].append(index)
        before.append(None)
    for indexes in by_block.values():
        additions = []
        for index in indexes:
            _, place, size = pairs[index]
            at = bisect_left(ends, place + 1)
            total, previous = best[at - 1] if at else (0, -1)
            before[index] = previous if at else None
            additions.append((place + size, total + size, index))
        for end, total, index in additions:
            at = bisect_left(ends, end + 1)
            if at and best[at - 1][0] >= total:
                continue
            ends.insert(at, end)
            best.insert(at, (total, index))
            while at + 1 < len(best) and best[at + 1][0] <= total:
                del ends[at + 1], best[at + 1]
    chain: dict[int, int] = {}
    last = best[-1][1] if best else None
    while last is not None:
        number, place, _ = pairs[last]
        chain[number] = place
        last = before[last]
    return chain


def _label_by_runs(
    own: Sequence[str],
    answer: Sequence[str],
    places: dict[str, list[int]],
    covered: Sequence[bool],
    runs: set[tuple[str, ...]],
) -> Label:
    """A block that is not in the chain: moved, said twice, in part in the answer, or not at all."""
    found = _places(own, answer, places)
    if found:
        return float(not any(any(covered[p : p + len(own)]) for p in found))
    own_runs = [tuple(own[i : i + RUN]) for i in range(len(own) - RUN + 1)]
    share = sum(run in runs for run in own_runs) / len(own_runs)
    if share <= MOST_SHARE_WITHOUT:
        return 0.0
    return 1.0 if share >= LEAST_SHARE_WITHIN else None
