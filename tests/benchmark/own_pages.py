"""The project's own pages as corpora, with the right answer to each.

Besides the pages that extraction is tested on: the demonstration site, the WordPress theme the
project began with, and the demonstration's articles in eight kinds of markup, one a file in
`themes/`:

    paragraph, heading   the markup of one, around `{}`
    unwanted             what of the page must not be in the text
    page                 the rest of it; names after `$` are fields of the article
"""

import json
import tomllib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from itertools import groupby
from pathlib import Path
from string import Template
from typing import Any

from scripts.demo.articles import EDITIONS, Article, Block, BlockKind, read_articles
from scripts.demo.desks import read_desks
from scripts.demo.pages import format_time, render_article, render_blocks
from tests.benchmark.corpora import Case, read_pages
from tests.crawler.extraction import wordpress

THEMES = Path(__file__).parent / "themes"
ORIGIN = "https://demo.example"
POSTS = 41
# how many blocks stand above what a theme puts amid the text
OPENING = 2


def own_corpora() -> dict[str, list[Case]]:
    """Every corpus of ours by its name."""
    return {
        "pages": read_pages(),
        "demo": [*_demo()],
        "wordpress": [*_wordpress()],
        "themes": [*_themed()],
    }


def _demo() -> Iterator[Case]:
    desks = read_desks()
    for edition in EDITIONS:
        articles = read_articles(edition)
        for article in articles.values():
            latest = [one for one in articles.values() if one.desk == article.desk]
            page = render_article(
                article, desks[article.desk], origin=ORIGIN, latest=latest, fetch=edition
            )
            yield _case(f"{edition}{article.path}", page, article, article.desk, ())


def _wordpress() -> Iterator[Case]:
    for post in wordpress.posts(POSTS):
        yield Case(
            id=post.url,
            body=wordpress.page(post, furniture="<p>{}</p>", prompt_inside=True),
            url=post.url,
            publisher="wordpress",
            text="\n".join(post.texts),
            title=post.title,
            wanted=post.texts,
            unwanted=(*wordpress.LAST_LINES, wordpress.PROMPT),
        )


def _themed() -> Iterator[Case]:
    articles = [*read_articles(EDITIONS[0]).values()]
    for file in sorted(THEMES.iterdir()):
        theme = tomllib.loads(file.read_text(encoding="utf-8"))
        for article in articles:
            page = _render(article, theme, [one for one in articles if one.desk == article.desk])
            publisher = f"{file.stem}-{article.desk}"
            yield _case(f"{file.stem}{article.path}", page, article, publisher, theme["unwanted"])


def _case(
    case_id: str, page: str, article: Article, publisher: str, unwanted: Sequence[str]
) -> Case:
    return Case(
        id=case_id,
        body=page.encode(),
        url=f"{ORIGIN}{article.path}",
        publisher=publisher,
        text=article.text,
        title=article.title,
        authors=article.authors,
        date=article.published_at.date().isoformat(),
        wanted=article.text.splitlines(),
        unwanted=unwanted,
    )


def _render(article: Article, theme: Mapping[str, Any], articles: Iterable[Article]) -> str:
    language = read_desks()[article.desk].language
    related = (one for one in articles if one is not article)
    return Template(theme["page"]).substitute(
        language=language,
        url=f"{ORIGIN}{article.path}",
        title=escape(article.title),
        standfirst=escape(article.standfirst),
        authors=escape(", ".join(article.authors)),
        iso=article.published_at.isoformat(),
        published=format_time(article.published_at, language),
        opening=_markup(article.blocks[:OPENING], theme),
        rest=_markup(article.blocks[OPENING:], theme),
        pull_quote=escape(article.blocks[1].text),
        related="".join(
            f'<li><a href="{one.path}">{escape(one.title)}</a></li>' for one in related
        ),
        json_ld=_json_ld(article),
    )


def _markup(blocks: Iterable[Block], theme: Mapping[str, Any]) -> str:
    parts = []
    for kind, run in groupby(blocks, key=lambda block: block.kind):
        match kind:
            case BlockKind.PARAGRAPH | BlockKind.HEADING:
                outer = theme[kind]
                parts += [outer.format(_inside(render_blocks([block]))) for block in run]
            case _:
                parts.append(render_blocks(run))
    return "\n".join(parts)


def _inside(element: str) -> str:
    return element.partition(">")[2].rpartition("<")[0]


def _json_ld(article: Article) -> str:
    return json.dumps(
        {
            "@context": "https://schema.org",
            "@type": "NewsArticle",
            "headline": article.title,
            "description": article.standfirst,
            "datePublished": article.published_at.isoformat(),
            "author": [{"@type": "Person", "name": name} for name in article.authors],
            "articleBody": article.text,
        }
    ).replace("<", "\\u003c")
