"""Corrections of many articles of a simulated site at once."""

from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

from storage.models import ArticleState
from tests.simulation.prose import sentence
from tests.simulation.truth import Edition, Site, Story

MASS = (5, 12, 30, 60)  # articles corrected at once


def corrected(site: Site, begins: datetime, ends: datetime, random: Random) -> Site:
    """The site with corrections of many articles at once, one of them in the same words."""
    stories = list(site.stories)
    for count in MASS:
        at = (begins + (ends - begins) * random.uniform(0.3, 0.9)).replace(microsecond=0)
        settled = [
            i
            for i, story in enumerate(stories)
            if story.editions[-1].at < at - timedelta(hours=3)
            and story.state(at) is ArticleState.LIVE
            and len(story.turns) == 1
        ]
        if len(settled) < count:
            continue
        same = _note(site.language, random)
        for i in random.sample(settled, count):
            stories[i] = _with_note(stories[i], at, same, site.language, random)
    return replace(site, stories=tuple(stories))


def _with_note(story: Story, at: datetime, same: str, language: str, random: Random) -> Story:
    wording = story.editions[-1].wording
    note = same if random.random() < 0.5 else _note(language, random)
    edited = replace(wording, paragraphs=(*wording.paragraphs, note))
    return replace(story, editions=(*story.editions, Edition(at, edited)))


def _note(language: str, random: Random) -> str:
    return " ".join(sentence(language, random, random.randrange(10**9)) for _ in range(3))
