"""Whether a page holds but the beginning of its article, above a wall."""

import re
from collections.abc import Sequence

from crawler.extraction.article import Paragraph
from crawler.extraction.kind.evidence import Evidence
from crawler.extraction.page.wording import word_count

# words of a text that is no more than a teaser
_TEASER = 120
# the same of one that breaks off, or is said to be a part
_LONG_TEASER = 450
_BREAKS_OFF = re.compile(r"(?:…|\.\.\.)[\])\"»”'’\s]*\Z")


def is_partial(evidence: Evidence, paragraphs: Sequence[Paragraph]) -> bool:
    """By schema.org's word for what is not free, with a wall or the text's end to show for it: some
    sites say it of each page and show all of it."""
    paywalled = evidence.metadata.paywalled
    words = sum(word_count(paragraph.text) for paragraph in paragraphs)
    breaks_off = bool(paragraphs) and bool(_BREAKS_OFF.search(paragraphs[-1].text))
    if paywalled is False or not 0 < words < _LONG_TEASER:
        return bool(paywalled) and breaks_off
    is_teaser = breaks_off or words < _TEASER
    if paywalled:
        return (is_teaser or evidence.has_paywall) and not evidence.shows_closed_parts
    if not is_teaser:
        return False
    return (breaks_off and evidence.asks_to_subscribe) or evidence.has_paywall
