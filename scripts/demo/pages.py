"""HTML pages of the demonstration site, from the templates under site/themes."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import cache
from html import escape
from itertools import groupby
from string import Template

from scripts.demo.articles import SITE, Article, Block, BlockKind, Span
from scripts.demo.desks import Desk

BLOCKS_BEFORE_ADVERT = 2
RELATED = 3
LATEST = 5

_FRENCH_MONTHS = (
    "janvier",
    "février",
    "mars",
    "avril",
    "mai",
    "juin",
    "juillet",
    "août",
    "septembre",
    "octobre",
    "novembre",
    "décembre",
)


def render_article(
    article: Article,
    desk: Desk,
    *,
    origin: str,
    latest: Sequence[Article],
    fetch: int,
    template: str = "article",
) -> str:
    """An article's page; `fetch` is all that differs between two answers of the same edition.

    `latest` are the desk's articles, latest first: the related ones are taken from them.
    """
    section = desk.sections[article.section]
    others = [other for other in latest if other.path != article.path]
    related = [other for other in others if other.path in article.related] or others[:RELATED]
    opening, body = article.blocks[:BLOCKS_BEFORE_ADVERT], article.blocks[BLOCKS_BEFORE_ADVERT:]
    return _template(desk.theme, template).substitute(
        _frame(desk, article.title, article.path, origin, fetch),
        standfirst=escape(article.standfirst),
        published=format_time(article.published_at, desk.language),
        published_iso=article.published_at.isoformat(),
        changed_iso=article.last_change.isoformat(),
        modified=_modified(article, desk),
        authors=escape(", ".join(article.authors)),
        byline=desk.author_joint.join(
            f'<span class="fn">{escape(name)}</span>' for name in article.authors
        ),
        section=escape(section.name),
        section_path=section.path,
        image_meta=f'<meta property="og:image" content="{origin}/images/{article.image}.svg">'
        if article.image
        else "",
        lead_image=_figure(article.image, escape(article.caption or "")) if article.image else "",
        opening=render_blocks(opening),
        body=render_blocks(body),
        tags="\n".join(
            f'<a href="{section.path}" rel="tag">{escape(tag)}</a>' for tag in article.tags
        ),
        related=_links(related),
        latest=_links(others[:LATEST]),
        reads=_grouped(1_180 + 7 * fetch, desk.language),
        amp_link=f'<link rel="amphtml" href="{origin}{amp_path(article)}">' if desk.amp else "",
        json_ld=json_ld(article, desk, origin=origin),
    )


def render_listing(
    title: str,
    path: str,
    articles: Sequence[Article],
    desk: Desk,
    *,
    origin: str,
    fetch: int,
    text: str = "",
) -> str:
    """A front, section, about or error page: `text`, then the articles' cards."""
    return _template(desk.theme, "listing").substitute(
        _frame(desk, title, path, origin, fetch),
        text=f"<p>{escape(text)}</p>" if text else "",
        cards="\n".join(_card(article, desk) for article in articles),
    )


def amp_path(article: Article) -> str:
    return f"{article.path}amp/"


def render_blocks(blocks: Iterable[Block]) -> str:
    parts = []
    for kind, run in groupby(blocks, key=lambda block: block.kind):
        match kind:
            case BlockKind.HEADING:
                parts += [f"<h2>{_inline(block.spans)}</h2>" for block in run]
            case BlockKind.PARAGRAPH:
                parts += [f"<p>{_inline(block.spans)}</p>" for block in run]
            case BlockKind.QUOTATION:
                quoted = "\n".join(f"<p>{_inline(block.spans)}</p>" for block in run)
                parts.append(f"<blockquote>\n{quoted}\n</blockquote>")
            case BlockKind.LIST_ITEM:
                items = "\n".join(f"<li>{_inline(block.spans)}</li>" for block in run)
                parts.append(f"<ul>\n{items}\n</ul>")
            case BlockKind.IMAGE:
                parts += [_figure(block.image or "", _inline(block.spans)) for block in run]
    return "\n".join(parts)


def json_ld(article: Article, desk: Desk, *, origin: str) -> str:
    """A schema.org NewsArticle, safe inside a script element."""
    data = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "mainEntityOfPage": f"{origin}{article.path}",
        "headline": article.title,
        "description": article.standfirst,
        "image": [f"{origin}/images/{article.image}.svg"] if article.image else [],
        "datePublished": article.published_at.isoformat(),
        "dateModified": article.last_change.isoformat(),
        "author": [{"@type": "Person", "name": name} for name in article.authors],
        "publisher": {"@type": "NewsMediaOrganization", "name": desk.name},
        "articleSection": desk.sections[article.section].name,
        "keywords": list(article.tags),
        "inLanguage": desk.language,
        "isAccessibleForFree": True,
    }
    return json.dumps(data, ensure_ascii=False, indent=1).replace("<", "\\u003c")


def format_time(moment: datetime, language: str) -> str:
    """A time as the readers of a language write it, in the zone it is in."""
    match language.partition("-")[0]:
        case "fr":
            month = _FRENCH_MONTHS[moment.month - 1]
            return f"{moment.day} {month} {moment.year} à {moment.hour}h{moment:%M}"
        case "ja":
            return f"{moment.year}年{moment.month}月{moment.day}日 {moment:%H:%M}"
        case _:
            return f"{moment.day} {moment:%B %Y, %H:%M}"


def _grouped(number: int, language: str) -> str:
    return f"{number:,}".replace(",", " " if language.startswith("fr") else ",")


@cache
def _template(theme: str, name: str) -> Template:
    file = SITE / "themes" / theme / f"{name}.html"
    return Template(file.read_text(encoding="utf-8"))


def _frame(desk: Desk, title: str, path: str, origin: str, fetch: int) -> dict[str, str]:
    places = [(section.name, section.path) for section in desk.sections.values()]
    navigation = [
        f'<li class="menu-item"><a href="{path}">{escape(name)}</a></li>'
        for name, path in [*places, *desk.links.items()]
    ]
    return {
        "language": desk.language,
        "site": escape(desk.name),
        "title": escape(title),
        "url": f"{origin}{path}",
        "feed_url": f"{origin}{desk.feed}",
        "front": desk.front,
        "about": desk.about.path,
        "navigation": "\n".join(navigation),
        "advert": escape(desk.adverts[fetch % len(desk.adverts)]),
    }


def _inline(spans: Iterable[Span]) -> str:
    parts = []
    for span in spans:
        text = escape(span.text, quote=False)
        if span.href:
            text = f'<a href="{escape(span.href)}">{text}</a>'
        elif span.emphasised:
            text = f"<em>{text}</em>"
        parts.append(text)
    return "".join(parts)


def _figure(image: str, caption: str) -> str:
    return (
        f'<figure class="wp-block-image"><img src="/images/{image}.svg" alt="" width="1200"'
        f' height="630"><figcaption>{caption}</figcaption></figure>'
    )


def _modified(article: Article, desk: Desk) -> str:
    if article.modified_at is None:
        return ""
    shown = format_time(article.modified_at, desk.language)
    return f'<span>Updated <time datetime="{article.modified_at.isoformat()}">{shown}</time></span>'


def _links(articles: Iterable[Article]) -> str:
    return "\n".join(
        f'<li><a href="{article.path}">{escape(article.title)}</a></li>' for article in articles
    )


def _card(article: Article, desk: Desk) -> str:
    return (
        f'<article class="card">\n<h2><a href="{article.path}">{escape(article.title)}</a></h2>\n'
        f"<p>{escape(article.standfirst)}</p>\n"
        f'<p><time datetime="{article.published_at.isoformat()}">'
        f"{format_time(article.published_at, desk.language)}</time></p>\n</article>"
    )
