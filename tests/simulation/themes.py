"""The pages of a simulated site: around each article what is no part of it, much of it another
at every fetch."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from pathlib import Path
from random import Random
from string import Template

from tests.simulation.truth import Edition, Site, Story

_FOLDER = Path(__file__).parent / "themes"
_MODIFIED = {"modified_iso", "json_ld"}  # what says when an article was modified
_LISTING = Template((_FOLDER / "listing.html").read_text(encoding="utf-8"))
THEMES = {
    file.stem: Template(file.read_text(encoding="utf-8"))
    for file in sorted(_FOLDER.glob("*.html"))
    if file.stem != "listing"
}
_DATED = {name for name, theme in THEMES.items() if _MODIFIED & {*theme.get_identifiers()}}
FEED = "/feed.xml"
FEED_TYPES = {"rss": "application/rss+xml", "atom": "application/atom+xml"}
RELATED, LATEST, OPENING = 3, 5, 2


@dataclass(frozen=True, slots=True)
class Furniture:
    """A language's words around an article; `ago`, `counter` and `adverts` take a number. The
    newsletter is offered in other words each month, comments are asked for in either of two."""

    sections: Sequence[str]
    adverts: Sequence[str]
    advertisement: str
    ago: str
    counter: str
    related: str
    most_read: str
    newsletter: Sequence[str]
    comments: Sequence[str]
    share: str
    consent: str
    missing: str
    wall: str


FURNITURE = {
    "en": Furniture(
        ("News", "Sport", "Tides"),
        ("New boots from £{}", "Sail to the islands for {} pounds", "{} reasons to change banks"),
        "Advertisement", "Updated {} minutes ago", "{} people are reading this now",
        "Read more", "Most read",
        ("Sign up to our morning letter", "The day in five minutes, by mail", "Never miss a story"),
        ("Join the conversation", "What do you think of this?"),
        "Share this story", "We and our partners use cookies on this site.",
        "Page not found", "Subscribe to read the whole article",
    ),
    "fr": Furniture(
        ("Actualités", "Sports", "Marées"),
        ("Bottes neuves dès {} €", "Les îles à la voile pour {} euros", "{} raisons de changer"),
        "Publicité", "Mis à jour il y a {} minutes", "{} personnes lisent cette page",
        "À lire aussi", "Les plus lus",
        ("Recevez notre lettre du matin", "Le jour en cinq minutes", "Ne manquez aucun article"),
        ("Laissez un avis", "Et vous, qu’en pensez-vous ?"),
        "Partager", "Nous utilisons des cookies sur ce site avec nos partenaires.",
        "Page introuvable", "Abonnez-vous pour lire la suite de l’article",
    ),
    "de": Furniture(
        ("Nachrichten", "Sport", "Gezeiten"),
        ("Neue Stiefel ab {} €", "Für {} Euro zu den Inseln", "{} Gründe für den Bankwechsel"),
        "Anzeige", "Vor {} Minuten aktualisiert", "{} Menschen lesen gerade diese Seite",
        "Lesen Sie auch", "Meistgelesen",
        ("Unser Brief am Morgen", "Der Tag in fünf Minuten", "Verpassen Sie keinen Artikel"),
        ("Diskutieren Sie mit", "Was denken Sie darüber?"),
        "Teilen", "Wir und unsere Partner verwenden Cookies.",
        "Seite nicht gefunden", "Mit einem Abo lesen Sie den ganzen Artikel",
    ),
    "es": Furniture(
        ("Noticias", "Deportes", "Mareas"),
        ("Botas nuevas desde {} €", "A las islas por {} euros", "{} razones para cambiar de banco"),
        "Publicidad", "Actualizado hace {} minutos", "{} personas leen esta página",
        "Lea también", "Lo más leído",
        ("Reciba nuestra carta de la mañana", "El día en cinco minutos", "No se pierda nada"),
        ("Deje un comentario", "¿Usted qué opina?"),
        "Compartir", "Nosotros y nuestros socios usamos cookies.",
        "Página no encontrada", "Suscríbase para leer el artículo completo",
    ),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answer:
    """When and where a page is served, and which answer of the site's it is."""

    origin: str
    at: datetime
    fetch: int


def tells_when_modified(theme: str) -> bool:
    return theme in _DATED


def article_page(site: Site, story: Story, listed: Sequence[Story], answer: Answer) -> str:
    """The article as it is at that time, in the site's theme of that time."""
    edition = story.edition(answer.at)
    paragraphs = _paragraphs(edition.wording.paragraphs)
    opening, rest = paragraphs[:OPENING], paragraphs[OPENING:]
    return _page(site, story, listed, answer, opening, rest, free=True)


def wall_page(site: Site, story: Story, listed: Sequence[Story], answer: Answer) -> str:
    """What those see who do not pay: how the article begins, and the wall."""
    words = story.edition(answer.at).wording.paragraphs[0].split()[:20]
    wall = escape(FURNITURE[site.language].wall)
    opening = [f"<p>{escape(' '.join(words))} …</p>"]
    rest = [f'<div class="paywall"><p>{wall}</p><p><a href="/subscribe/">{wall}</a></p></div>']
    return _page(site, story, listed, answer, opening, rest, free=False)


def listing_page(site: Site, listed: Sequence[Story], answer: Answer) -> str:
    """The front page."""
    cards = "\n".join(
        f'<article class="card"><h2><a href="{story.path(answer.at)}">{escape(wording.title)}</a>'
        f"</h2>\n<p>{escape(wording.standfirst)}</p></article>"
        for story in listed
        for wording in (story.edition(answer.at).wording,)
    )
    return _LISTING.substitute(_frame(site, answer), title=escape(site.name), cards=cards)


def missing_page(site: Site, answer: Answer) -> str:
    """What a site says of a page that it does not have."""
    missing = escape(FURNITURE[site.language].missing)
    return _LISTING.substitute(_frame(site, answer), title=missing, cards=f"<p>{missing}.</p>")


def _page(
    site: Site,
    story: Story,
    listed: Sequence[Story],
    answer: Answer,
    opening: Sequence[str],
    rest: Sequence[str],
    *,
    free: bool,
) -> str:
    random = Random(answer.fetch)
    furniture, edition = FURNITURE[site.language], story.edition(answer.at)
    others = [other for other in listed[:20] if other is not story]
    related = random.sample(others, min(RELATED, len(others)))
    minutes = int((answer.at - edition.at).total_seconds() // 60)
    return THEMES[site.theme(answer.at, story.number)].substitute(
        _frame(site, answer),
        title=escape(edition.wording.title),
        standfirst=escape(edition.wording.standfirst),
        url=f"{answer.origin}{story.path(answer.at)}",
        author=escape(story.author),
        published=f"{story.published_at:%d.%m.%Y, %H:%M}",
        published_iso=story.published_at.isoformat(),
        modified_iso=edition.at.isoformat(),
        ago=furniture.ago.format(minutes),
        counter=furniture.counter.format(random.randint(11, 99_999)),
        related_heading=furniture.related,
        related=_links(related, answer.at),
        most_read=furniture.most_read,
        latest=_links(others[:LATEST], answer.at),
        newsletter=furniture.newsletter[answer.at.month % len(furniture.newsletter)],
        comments=random.choice(furniture.comments),
        share=furniture.share,
        opening="\n".join(opening),
        rest="\n".join(rest),
        tier="free" if free else "locked",
        json_ld=_json_ld(site, story, edition, answer, free=free),
    )


def _frame(site: Site, answer: Answer) -> dict[str, str]:
    furniture, random = FURNITURE[site.language], Random(f"advert {answer.fetch}")
    adverts = [random.choice(furniture.adverts).format(random.randint(2, 990)) for _ in range(2)]
    return {
        "language": site.language,
        "site": escape(site.name),
        "feed_type": FEED_TYPES[site.feed_format],
        "feed_url": f"{answer.origin}{FEED}",
        "navigation": "".join(
            f'<li><a href="/#{name}">{name}</a></li>' for name in furniture.sections
        ),
        "advertisement": furniture.advertisement,
        "advert_above": adverts[0],
        "advert_inside": adverts[1],
        "consent": furniture.consent,
    }


def _paragraphs(texts: Sequence[str]) -> list[str]:
    return [f"<p>{escape(text, quote=False)}</p>" for text in texts]


def _links(stories: Sequence[Story], at: datetime) -> str:
    return "".join(
        f'<li><a href="{story.path(at)}">{escape(story.edition(at).wording.title)}</a></li>'
        for story in stories
    )


def _json_ld(site: Site, story: Story, edition: Edition, answer: Answer, *, free: bool) -> str:
    data = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "mainEntityOfPage": f"{answer.origin}{story.path(answer.at)}",
        "headline": edition.wording.title,
        "datePublished": story.published_at.isoformat(),
        "dateModified": edition.at.isoformat(),
        "author": [{"@type": "Person", "name": story.author}],
        "publisher": {"@type": "NewsMediaOrganization", "name": site.name},
        "isAccessibleForFree": free,
    }
    if not free:
        part = {"@type": "WebPageElement", "isAccessibleForFree": False, "cssSelector": ".paywall"}
        data["hasPart"] = part
    return json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")
