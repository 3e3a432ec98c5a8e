"""Pages of invented themes: another seed, other markup and other furniture in other words, so that
no rule fits the generator."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from random import Random
from zlib import crc32

from tests.simulation.truth import Edition, Story

_SHELLS = ("page", "site", "wrapper", "shell", "layout", "app", "container", "document")
_BODIES = (
    "entry-content", "story-body", "article__text", "texte", "artikel-inhalt", "post-text",
    "rich-text", "c-body", "body-copy", "contenido", "td-post-content", "field-body",
)  # fmt: skip
_BOXES = ("box", "block", "module", "widget", "insert", "panel", "unit", "zone", "tile")
_STYLES = ("{0}", "{0}--{1}", "c-{0}_{1}", "{1}{0}", "{0} {0}-{1}", "{1}-{0}")
_SYLLABLES = (
    "ba", "do", "ri", "mel", "tun", "ka", "vo", "se", "lin", "par", "os", "ta", "gre", "no", "fi",
    "dur", "al", "be", "cor", "ne",
)  # fmt: skip
_STOCK = (
    "Get our letter every morning in your inbox, free and without obligation",
    "Recevez chaque matin notre lettre d’information gratuite",
    "Unser Brief am Morgen: das Wichtigste des Tages in Ihrem Postfach",
    "Support the journalism that you read here with a small gift each month",
    "Laissez un avis", "Join the conversation", "Teilen Sie diesen Artikel", "Logo", "Anuncios",
    "Envie d’entreprendre ?", "Follow us", "Read our other stories about the coast",
)  # fmt: skip
_OPENINGS = (
    "Les plus lus :", "Most read:", "Lire aussi :", "Mehr dazu:", "Lea también:", "Don't miss →",
)  # fmt: skip
_FORMS = ("constant", "constant", "constant", "rotating", "tested", "headline", "counter")
_PLACES = ("top", "middle", "end", "end", "after", "after", "beside")


@dataclass(frozen=True, slots=True)
class Item:
    """A piece of furniture: its form says how its words change, its place where it stands."""

    form: str
    place: str
    box: str
    plain: bool
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Theme:
    """How a site's pages look from one redesign to the next."""

    shell: str
    tag: str
    body: str
    section: str
    lead: str
    dated: bool
    json_ld: bool
    captioned: bool
    wrapped: bool
    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Moment:
    """When a page is served, which answer it is, and the articles that its furniture may name."""

    at: datetime
    fetch: int
    titles: Sequence[str]


def invent_theme(random: Random) -> Theme:
    """A theme whose furniture stands in the text, around it and beside it."""
    items = [_item(random) for _ in range(random.randint(3, 7))]
    return Theme(
        shell=_name(random, _SHELLS),
        tag=random.choice(("article", "div", "section", "main")),
        body=_name(random, _BODIES),
        section=_name(random, _BOXES),
        lead=random.choice(("paragraph", "box", "strong")),
        dated=random.random() < 0.7,
        json_ld=random.random() < 0.6,
        captioned=random.random() < 0.4,
        wrapped=random.random() < 0.2,
        items=tuple(items),
    )


def reword(theme: Theme, random: Random) -> Theme:
    """The same theme, its furniture in other words, and one piece more or less of it."""
    items = [
        Item(it.form, it.place, it.box, it.plain, _words(random, it.form)) for it in theme.items
    ]
    if random.random() < 0.5:
        items.append(_item(random))
    elif len(items) > 2:
        items.pop(random.randrange(len(items)))
    return Theme(
        theme.shell, theme.tag, theme.body, theme.section, theme.lead, theme.dated,
        theme.json_ld, theme.captioned, theme.wrapped, tuple(items),
    )  # fmt: skip


def render(theme: Theme, story: Story, edition: Edition, url: str, moment: Moment) -> bytes:
    """The page of an article as it is in that theme."""
    wording = edition.wording
    paragraphs = [f"<p>{escape(text, quote=False)}</p>" for text in wording.paragraphs]
    if theme.wrapped:
        paragraphs = [f'<div class="{theme.section}__p">{text}</div>' for text in paragraphs]
    inside = {place: _furniture(theme, place, moment) for place in dict.fromkeys(_PLACES)}
    middle = max(1, len(paragraphs) // 2)
    lead = escape(wording.standfirst, quote=False)
    above, first = "", ""
    if theme.lead == "paragraph":
        first = f"<p>{lead}</p>"
    elif theme.lead == "box":
        above = f'<div class="{theme.section}-intro"><p>{lead}</p></div>'
    else:
        first = f"<p><strong>{lead}</strong></p>"
    caption = ""
    if theme.captioned:
        caption = f"<figcaption>Photo {story.number}: the press office</figcaption>"
        caption = f"<figure><img src='/{story.number}.jpg'>{caption}</figure>"
    when = f'<time datetime="{story.published_at.isoformat()}">{story.published_at:%d.%m.%Y}</time>'
    return f"""<!doctype html>
<html><head><meta charset="utf-8"><title>{escape(wording.title)} | Gazette</title>
<link rel="canonical" href="{url}"><meta property="og:type" content="article">
<meta property="og:title" content="{escape(wording.title)}">
{_dates(theme, story, edition)}</head>
<body><div class="{theme.shell}"><header class="{theme.shell}-head"><a href="/">Gazette</a></header>
<div class="{theme.section}-columns"><{theme.tag} class="{theme.section}-main">
<h1>{escape(wording.title)}</h1>
<div class="{theme.section}-byline"><span>{story.author}</span> {when}</div>{above}{caption}
<div class="{theme.body}">{inside["top"]}{first}{"".join(paragraphs[:middle])}{inside["middle"]}
{"".join(paragraphs[middle:])}{inside["end"]}</div>{inside["after"]}</{theme.tag}>
<aside class="{theme.section}-side">{inside["beside"]}</aside></div>
<footer class="{theme.shell}-foot"><p>© Gazette</p></footer></div></body></html>""".encode()


def _dates(theme: Theme, story: Story, edition: Edition) -> str:
    if not theme.dated:
        return ""
    published, modified = story.published_at.isoformat(), edition.at.isoformat()
    if theme.json_ld:
        data = {
            "@context": "https://schema.org",
            "@type": "NewsArticle",
            "headline": edition.wording.title,
            "datePublished": published,
            "dateModified": modified,
        }
        text = json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")
        return f'<script type="application/ld+json">{text}</script>'
    return (
        f'<meta property="article:published_time" content="{published}">'
        f'<meta property="article:modified_time" content="{modified}">'
    )


def _furniture(theme: Theme, place: str, moment: Moment) -> str:
    return "".join(_markup(it, moment) for it in theme.items if it.place == place)


def _markup(item: Item, moment: Moment) -> str:
    random = Random(f"{moment.fetch} {item.box}")
    words = item.words[0]
    if item.form in ("rotating", "tested"):
        words = random.choice(item.words)
    elif item.form == "counter":
        words = f"{random.randint(2, 9_999)} {words}"
    elif item.form == "headline":
        words = f"{words} {random.choice(moment.titles)}" if moment.titles else words
    # much furniture speaks in sentences, as an article does
    stop = "." if item.form != "headline" and crc32(words.lstrip("0123456789").encode()) % 2 else ""
    text = f"<p>{escape(words, quote=False)}{stop}</p>"
    return text if item.plain else f'<div class="{item.box}">{text}</div>'


def _item(random: Random) -> Item:
    form = random.choice(_FORMS)
    return Item(
        form, random.choice(_PLACES), _name(random, _BOXES), random.random() < 0.4,
        _words(random, form),
    )  # fmt: skip


def _words(random: Random, form: str) -> tuple[str, ...]:
    if form == "headline":
        return (random.choice(_OPENINGS),)
    count = {"tested": 2, "rotating": random.randint(3, 6)}.get(form, 1)
    return tuple(_phrase(random) for _ in range(count))


def _phrase(random: Random) -> str:
    invented = " ".join(
        "".join(random.choices(_SYLLABLES, k=random.randint(1, 3)))
        for _ in range(random.randint(2, 14))
    )
    if random.random() < 0.4:
        return f"{random.choice(_STOCK)} {invented.split()[0]}"
    return invented.capitalize()


def _name(random: Random, names: Sequence[str]) -> str:
    return random.choice(_STYLES).format(random.choice(names), random.choice(_SYLLABLES))
