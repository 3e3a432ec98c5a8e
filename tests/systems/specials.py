"""What a paper has beside its stories: a live blog, galleries, a walled article, short ones.

Of a later edition the live blog has grown, at its top, and there is a gallery more.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

from tests.systems.stories import Story

LIVE_BEGAN = datetime(2026, 1, 3, 10, 5, tzinfo=UTC)
ENTRIES = (12, 15, 15, 18)  # by edition

_WEEK = (
    "Nobody had expected this, and those who had voted for it least of all: it will cost more than"
    " it was said to, and take longer than anyone has told us yet."
)


class _Special(Protocol):
    def __call__(
        self, title: str, standfirst: str, *body: str, texts: tuple[str, ...] | None
    ) -> Story: ...


def specials(like: Story, edition: int) -> Iterator[Story]:
    """The other pages of an edition, with the byline and the time of one of its stories."""

    def special(title: str, standfirst: str, *body: str, texts: tuple[str, ...] | None) -> Story:
        return replace(
            like, number=99, title=title, named=title, standfirst=standfirst, body=body, texts=texts
        )

    yield _gallery(special("Boats in pictures", "The harbour in June.", texts=None), "Boat")
    if edition > 1:
        yield _gallery(special("Hats in pictures", "The races in July.", texts=None), "Hat")
    # pictures, and not a word to them
    silent = "".join(f'<figure><img src="/p{number}.jpg"></figure>' for number in range(9))
    yield special("A day at the quay", "", silent, texts=None)
    # where entries are to come, of which there are none
    empty = '<div id="ticker" class="ticker" data-src="/ticker.json"></div>'
    yield special("The regatta, live", "", empty, texts=None)
    yield _live(special, edition)
    yield _walled(special)
    brief = "The ferry to the island does not sail today, the harbour master says."
    yield special("No ferry today", "", f"<p>{brief}</p>", texts=(brief,))
    yield _round_up(special)
    yield _ranking(special, edition)


def _gallery(story: Story, what: str) -> Story:
    """Nine pictures with a line to each."""
    pictures = "".join(
        f'<figure><img src="/{number}.jpg"><figcaption>{what} {number}</figcaption></figure>'
        for number in range(9)
    )
    return replace(story, body=(pictures,))


def _live(special: _Special, edition: int) -> Story:
    """The newest entry first. Its markup is the system's."""
    standfirst = "All that happens on the night of the election, as it happens in the harbour."
    entries = [
        (
            LIVE_BEGAN + timedelta(minutes=17 * number),
            f"The count has reached ward {number}, and the lead is unchanged there.",
        )
        for number in range(ENTRIES[edition - 1])
    ][::-1]
    story = special("Election night, minute by minute", standfirst, texts=(standfirst,))
    return replace(story, entries=tuple(entries))


def _walled(special: _Special) -> Story:
    """The first words of an article; what to pay for the rest is the system's to say."""
    standfirst = "The harbour master warns the council once more."
    teaser = "He says that the tide will not wait for a vote, and neither will the boats that…"
    story = special(
        "What the tide will do to us", standfirst, f"<p>{teaser}</p>", texts=(standfirst, teaser)
    )
    return replace(story, walled=True)


def _round_up(special: _Special) -> Story:
    """Words of its own on other articles, to each of which it leads."""
    opening = "What a week it was in the harbour. Five things that you may have missed, and why."
    told = [f"{number}. {_WEEK}" for number in range(1, 6)]
    shown = [
        f'<p>{text} <a href="$path_{number}">Read the story</a></p>'
        for number, text in zip((0, 1, 2, 3, 5), told, strict=True)
    ]
    texts = (opening, *(f"{text} Read the story" for text in told))
    return special("The week in five stories", opening, "".join(shown), texts=texts)


def _ranking(special: _Special, edition: int) -> Story:
    """A list that is the article; from the second edition on with a place more."""
    opening = "We have asked the skippers where they would rather be than at sea. Their answers:"
    places = [
        f"The {name} bar, where the soup is hot and the talk is cold"
        for name in "ABCDEFGH"[: 7 if edition == 1 else 8]
    ]
    shown = f"<ul>{''.join(f'<li>{place}</li>' for place in places)}</ul>"
    return special("Where skippers drink", opening, shown, texts=(opening, *places))
