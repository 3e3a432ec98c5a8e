"""Articles by the thousand, the same for the same seed in any process."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

FIRST_PUBLISHED = datetime(2026, 1, 1, 8, tzinfo=UTC)
INTERVAL = timedelta(minutes=17)

_WHO = (
    "The harbour board", "A retired schoolteacher", "The county council", "A group of residents",
    "The fishing cooperative", "The head of the hospital", "A court in the capital",
    "The rowing club", "The mayor's office", "An independent surveyor", "The bus company",
    "The choir of the old church",
)  # fmt: skip
_DID = (
    "has approved", "has rejected", "will appeal against", "has asked for", "is reviewing",
    "has withdrawn", "wants to delay", "has published", "was surprised by", "has paid for",
)  # fmt: skip
_WHAT = (
    "a plan for the eastern car park", "the sale of the granary", "a ban on night flights",
    "repairs to the sea wall", "a second survey of the bridge", "the new timetable",
    "a grant for the museum", "the closure of the post office", "a bid to host the regatta",
    "an extension of the tram line", "higher fees for moorings",
)  # fmt: skip
_WHY = (
    "after a meeting that lasted until midnight", "although the costs have risen again",
    "because the ground is softer than expected", "in a vote of nine to seven",
    "two years after the first proposal", "before the summer season begins",
    "following a petition", "despite objections from the neighbours",
    "on the advice of its own lawyers",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class GeneratedArticle:
    path: str
    title: str
    standfirst: str
    paragraphs: tuple[str, ...]
    published_at: datetime


def generate_articles(count: int, *, seed: int = 0) -> Iterator[GeneratedArticle]:
    """No sentence is on two articles: each names the number of a file that is its own."""
    random = Random(seed)
    for number in range(1, count + 1):
        files = iter(range(number * 1_000, number * 1_000 + 999))
        who, did, what = random.choice(_WHO), random.choice(_DID), random.choice(_WHAT)
        yield GeneratedArticle(
            path=f"/2026/{number:05d}-{what.replace(' ', '-')}/",
            title=f"{who} {did} {what}, file {next(files)} shows",
            standfirst=" ".join(_sentence(random, next(files)) for _ in range(2)),
            paragraphs=tuple(
                " ".join(_sentence(random, next(files)) for _ in range(random.randint(2, 5)))
                for _ in range(random.randint(4, 9))
            ),
            published_at=FIRST_PUBLISHED + number * INTERVAL,
        )


def _sentence(random: Random, file: int) -> str:
    who, did, what, why = (random.choice(words) for words in (_WHO, _DID, _WHAT, _WHY))
    return f"{who} {did} {what} {why}, according to file {file}."
