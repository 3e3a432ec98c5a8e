"""Advertisements that say what they are, as the law of most countries makes them."""

from collections.abc import Sequence, Set

from crawler.extraction.blocks import Block, words
from crawler.extraction.scopes import common_scope, is_inside

LABELS = words(
    "advertisement advertising anzeige annons annonce advertentie pub publicité publicidad "
    "publicidade pubblicità reklam reklama reklame sponsored werbung реклама διαφήμιση إعلان "
    "広告 广告 廣告 광고"
)
ADVERT_BLOCKS = 6
ADVERT_CHARACTERS = 800

_ORNAMENTS = " -–—:·•*[]()"


def advertised(blocks: Sequence[Block]) -> Set[int]:
    """The indexes of advertisements' labels, and of all in a small box that a label opens."""
    found: set[int] = set()
    for i, block in enumerate(blocks):
        if len(block.text) <= 40 and block.text.strip(_ORNAMENTS).lower() in LABELS:
            found.add(i)
            found.update(_boxed_with(blocks, i))
    return found


def _boxed_with(blocks: Sequence[Block], label: int) -> range:
    """What follows a label in the innermost element that holds more than the label."""
    if label + 1 == len(blocks):
        return range(0)
    box = common_scope([blocks[label].scope, blocks[label + 1].scope])
    if label and is_inside(blocks[label - 1].scope, box):
        return range(0)
    size = 0
    for i in range(label + 1, min(len(blocks), label + 1 + ADVERT_BLOCKS)):
        if not is_inside(blocks[i].scope, box):
            return range(label + 1, i)
        size += len(blocks[i].text)
        if size > ADVERT_CHARACTERS:
            break
    return range(0)
