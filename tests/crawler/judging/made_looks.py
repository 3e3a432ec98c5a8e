"""Looks at made-up pages, to be judged."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from crawler.extraction.article import TextBlock
from crawler.judging.looks import Finding, Judgement, Look
from crawler.judging.pages import PageText

NOW = datetime(2027, 3, 1, 12, tzinfo=UTC)
BODY, STORY = "div.entry/p", "section.story/p"
BANNER = "Give to the paper that you read, this spring more than ever before."
NOTE = "The name of the minister was wrong in an earlier report of ours."


def own(number: int, count: int = 6) -> list[str]:
    return [
        f"What article {number} says in part {part} is {number * 31 + part} and no other thing at "
        f"all, as witness {number}-{part} told us on the quay of harbour {number * 7 + part}."
        for part in range(count)
    ]


def page(
    texts: Sequence[str],
    *,
    layout: str = "old",
    place: str = BODY,
    title: str = "T",
    **what: object,
) -> PageText:
    blocks = tuple(TextBlock(f"{place} {text}", place, text) for text in texts)
    return PageText(title, blocks, layout, **what)  # type: ignore[arg-type]


def look(number: int, before: PageText | None, after: PageText | None, **what: object) -> Look:
    since = NOW - timedelta(days=2)
    return Look(number, number, NOW, before, after, since=since, **what)  # type: ignore[arg-type]


def quiet(number: int) -> Look:
    it = page(own(number))
    return look(number, it, it)


def found(judgement: Judgement) -> dict[int, Finding]:
    return {it.number: it.finding for it in judgement.findings}


def rebuilt(number: int, came: Sequence[str], gone: Sequence[str] = (), **what: object) -> Look:
    """A page of a new layout, with these blocks amid its text, and these taken out of it."""
    taken = tuple(TextBlock(f"{STORY} {text}", STORY, text) for text in gone)
    after = page([*own(number), *came], layout="new", place=STORY, repeating=taken)
    return look(number, page(own(number)), after, **what)


ADVERT = "Sail to the islands with our new company"
