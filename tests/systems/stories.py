"""What a small paper tells: its stories, as they are in each of four editions.

A later edition has new stories and edits of older ones; one story is gone from the second on.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from html import escape

from tests.support.generated_news import GeneratedArticle, generate_articles

CATEGORIES = ("Politics", "Harbour", "Culture")
TAGS = ("Bridge", "Ferry", "Museum")
AUTHORS = ("Ana Ruiz", "Bo Ek", "Cy Young")
GENERATED = (10, 12, 13, 14)  # by edition
GONE = 4  # the number of the story that is taken away

_LATE_WORDS = "The board met again in the evening and changed nothing of this."
_REWORDED = "Nobody on the board wanted to say on Monday why it had come to this."
_HEADLINE = "Board backs down over file {number}"
_CORRECTION = "Correction: an earlier version of this article named the wrong file."


@dataclass(frozen=True, slots=True)
class Story:
    """One page of the paper. `texts` are an article's paragraphs, None of what is no article;
    `body` is its markup below the standfirst, in parts between which a system may put things of
    its own; `$path_3` in it is the path of story 3. `entries` are what a live blog tells, and when,
    in page order; `walled` is an article of which the rest is to be paid for."""

    number: int
    title: str
    named: str  # the title that its address is of
    standfirst: str
    body: tuple[str, ...]
    texts: tuple[str, ...] | None
    at: datetime
    category: str
    tag: str
    author: str
    entries: tuple[tuple[datetime, str], ...] = ()
    walled: bool = False

    @property
    def slug(self) -> str:
        return slug(self.named)


def slug(text: str) -> str:
    return re.sub(r"\W+", "-", text.lower()).strip("-")


def stories(seed: int, edition: int) -> list[Story]:
    """The stories of an edition, the first one first."""
    generated = list(generate_articles(GENERATED[edition - 1], seed=seed))
    told = [_told(number, article, edition) for number, article in enumerate(generated)]
    return [story for story in told if edition == 1 or story.number != GONE]


def _told(number: int, article: GeneratedArticle, edition: int) -> Story:
    title, standfirst, paragraphs = article.title, article.standfirst, list(article.paragraphs)
    if edition > 1 and number == 0:
        paragraphs.append(_LATE_WORDS)
    if edition > 1 and number == 1:
        title = _HEADLINE.format(number=number)
    if edition > 1 and number == 3:
        standfirst = _REWORDED
    if edition > 2 and number == 5:
        paragraphs.append(_CORRECTION)
    if edition > 3 and number == 6:
        paragraphs[0] = f"{paragraphs[0]} That was on Monday."
    parts = [f"<p>{escape(text)}</p>" for text in paragraphs]
    texts = [standfirst, *paragraphs]
    shape = number % 5
    if shape == 1:
        heading = "What the neighbours say of it"
        parts.insert(2, f"<h2>{heading}</h2>")
        texts.insert(3, heading)
    elif shape == 2:
        asked = [f"Question {n} of file {number} is still open" for n in range(3)]
        parts.insert(2, f"<ul>{''.join(f'<li>{it}</li>' for it in asked)}</ul>")
        texts[3:3] = asked
    elif shape == 3:
        said = f"We have read file {number} twice, and understood it once, says the chair."
        parts.insert(2, f"<blockquote><p>{said}</p></blockquote>")
        texts.insert(3, said)
    elif shape == 4:
        caption = "<figcaption>The quay at noon</figcaption>"
        parts.insert(2, f'<figure><img src="/f.jpg" alt="">{caption}</figure>')
    filed = number % len(CATEGORIES)
    return Story(
        number,
        title,
        article.title,
        standfirst,
        tuple(parts),
        tuple(texts),
        article.published_at,
        CATEGORIES[filed],
        TAGS[filed],
        AUTHORS[filed],
    )
