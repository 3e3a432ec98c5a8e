"""The entries of a live blog, each with its time, as its structured data give them."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice

from crawler.extraction.article import LiveEntry, Paragraph
from crawler.extraction.metadata.moments import parse_moment
from crawler.extraction.page.structured import StructuredData
from crawler.extraction.page.wording import plain, squash

MAXIMUM_ENTRIES = 1_000
# so much of an entry's text tells where it begins
BEGINNING = 60
LONGEST_TEXT = 5_000


def live_entries(
    structured: StructuredData, paragraphs: Sequence[Paragraph]
) -> tuple[LiveEntry, ...]:
    """The entries that begin at one of the paragraphs, in page order."""
    beginnings: dict[str, int] = {}
    for number, paragraph in enumerate(paragraphs):
        beginnings.setdefault(_beginning(paragraph.text), number)
    found: dict[int, LiveEntry] = {}
    for update in islice(_updates(structured), MAXIMUM_ENTRIES):
        stated = next(structured.texts(update, "datePublished"), "")
        moment = parse_moment(stated[:100])
        if moment is None:
            continue
        for name in ("headline", "articleBody"):
            text = next(structured.texts(update, name), "")
            at = beginnings.get(_beginning(plain(text[:LONGEST_TEXT])))
            if at is not None:
                found.setdefault(at, LiveEntry(at, moment.value))
                break
    return tuple(found[at] for at in sorted(found))


def _updates(structured: StructuredData) -> Iterator[Mapping[str, object]]:
    for node in structured.articles:
        for update in structured.values(node, "liveBlogUpdate"):
            if isinstance(update, Mapping):
                yield update


def _beginning(text: str) -> str:
    return squash(text)[:BEGINNING]
