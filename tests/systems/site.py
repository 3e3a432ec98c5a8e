"""A site of a small paper, rendered in the markup of a publishing system.

    article_path, category_path, …    the addresses of its pages, `$slug` and others filled in
    names                             class names of the body, by the kind of page
    layout                            the page around `$main`
    main_…, entry, head_…             the parts of its pages; `head_listing` serves static pages too

Two editions: the second has two more articles, and an edit in one of the first.
"""

import json
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path
from string import Template
from typing import Any

from tests.support.generated_news import GeneratedArticle, generate_articles

MARKUP = Path(__file__).parent / "markup"
SYSTEMS = sorted(file.stem for file in MARKUP.glob("*.toml"))
NAME = "Harbour Post"
FIRST_EDITION, ALL = 10, 12
ON_A_PAGE = 6
CATEGORIES = ("Politics", "Harbour", "Culture")
TAGS = ("Bridge", "Ferry", "Museum")
AUTHORS = ("Ana Ruiz", "Bo Ek", "Cy Young")
TEASER_PARAGRAPHS = 1
HTML = "text/html; charset=utf-8"
WALLED = "what-the-tide-will-do-to-us"
LATE_WORDS = "The board met again in the evening and changed nothing of this."

STATIC = {
    "About us": (
        "The Harbour Post has told the news of the harbour since 1921. Its readers own it.",
        "Our newsroom has nine people, of whom four are reporters, and works in the old customs"
        " house. We print on Saturdays and publish on the web every day of the week.",
        "Whoever has seen something that others should know may write to us, or walk in.",
    ),
    "Contact": ("Harbour Post, 4 Quay Street. Telephone 555 0144. Write to news@harbour.example.",),
    "Imprint": ("Responsible under the press law: Ana Ruiz, 4 Quay Street. VAT number DE 811.",),
    "Privacy policy": tuple(
        f"Under point {number} we store what we need to show you our pages, and no more than that,"
        " for as long as it is needed and the law allows. You may ask for it at any time."
        for number in range(1, 9)
    ),
    # no name that such pages go by
    "Behind the paper": tuple(
        f"Of the {number} people who keep the presses running most have been here for decades, and"
        " each of them knows a part of the house that the others have never seen from within."
        for number in ("two", "three", "four", "five", "six")
    ),
    "Shop": ("Mug, 9 euros", "Calendar 2026, 14 euros", "Tea towel with the ferry, 12 euros"),
    "Subscribe": ("Support the Harbour Post with five euros a month. Cancel at any time.",),
}


@dataclass(frozen=True, slots=True)
class Page:
    """What a path answers. `texts` are an article's paragraphs, None of what is no article."""

    body: str
    texts: tuple[str, ...] | None = None
    title: str = ""
    media_type: str = HTML

    @property
    def is_html(self) -> bool:
        return self.media_type == HTML


@dataclass(frozen=True, slots=True)
class _Story:
    """One article of the site, with all that its addresses and its markup name."""

    number: int
    article: GeneratedArticle
    texts: tuple[str, ...]
    category: str
    tag: str
    author: str

    @property
    def slug(self) -> str:
        return _slug(self.article.title)


def build(system: str, origin: str, *, edition: int) -> dict[str, Page]:
    """The pages of a site of that system, by path; `edition` is 1 or 2."""
    markup = tomllib.loads((MARKUP / f"{system}.toml").read_text(encoding="utf-8"))
    return dict(_Site(markup, origin, _stories(system, edition)).pages())


def _stories(system: str, edition: int) -> list[_Story]:
    count = FIRST_EDITION if edition == 1 else ALL
    stories = []
    for number, article in enumerate(generate_articles(count, seed=SYSTEMS.index(system))):
        texts = (article.standfirst, *article.paragraphs)
        if edition == 2 and number == 0:
            texts = (*texts, LATE_WORDS)
        kind = number % len(CATEGORIES)
        stories.append(_Story(number, article, texts, CATEGORIES[kind], TAGS[kind], AUTHORS[kind]))
    return stories


class _Site:
    def __init__(self, markup: Mapping[str, Any], origin: str, stories: list[_Story]) -> None:
        self._markup = markup
        self._origin = origin
        self._stories = stories[::-1]

    def pages(self) -> Iterator[tuple[str, Page]]:
        paths = []
        for path, page in self._rendered():
            paths += [path] * page.is_html
            yield path, page
        places = "".join(f"<url><loc>{escape(self._origin + path)}</loc></url>" for path in paths)
        namespace = "http://www.sitemaps.org/schemas/sitemap/0.9"
        sitemap = f'<?xml version="1.0"?><urlset xmlns="{namespace}">{places}</urlset>'
        yield "/sitemap.xml", Page(sitemap, media_type="application/xml")

    def _rendered(self) -> Iterator[tuple[str, Page]]:
        for story in self._stories:
            yield self._path(story), self._article(story)
        specials = [special() for special in self._specials()]
        for story, page in specials:
            yield self._path(story), page
        latest = [*(story for story, _ in specials), *self._stories[:ON_A_PAGE]]
        for path in (self._fill("category_path", slug=_slug(CATEGORIES[0])), "/2026/01/"):
            older = f"{path.rstrip('/')}/page/2/"
            yield older, self._listing("category", "Older", older, self._stories[2:7])
        yield "/2026/01/", self._listing("category", "January 2026", "/2026/01/", self._stories)
        yield "/", self._listing("front", NAME, "/", latest)
        paged = self._markup["paged_path"]
        yield paged, self._listing("front", NAME, paged, self._stories[ON_A_PAGE:])
        search = self._markup["search_path"]
        yield search, self._listing("search", "Results for “bridge”", search, self._stories[:4])
        for kind, names in (("category", CATEGORIES), ("tag", TAGS), ("author", AUTHORS)):
            for name in names:
                path = self._fill(f"{kind}_path", slug=_slug(name))
                filed = [s for s in self._stories if name in (s.category, s.tag, s.author)]
                yield path, self._listing(kind, name, path, filed)
        for title, texts in STATIC.items():
            yield self._fill("static_path", slug=_slug(title)), self._static(title, texts)
        yield self._markup["feed_path"], Page(self._feed(), media_type="application/rss+xml")

    def _path(self, story: _Story) -> str:
        at = story.article.published_at
        return self._fill(
            "article_path",
            slug=story.slug,
            category_slug=_slug(story.category),
            number=str(4_100_000 + story.number),
            year=f"{at:%Y}",
            month=f"{at:%m}",
            day=f"{at:%d}",
        )

    def _fill(self, name: str, **values: str) -> str:
        known = {"site": NAME, "origin": self._origin, "feed": self._markup["feed_path"]}
        return Template(self._markup.get(name, "")).substitute(known | values)

    def _article(self, story: _Story) -> Page:
        others = [other for other in self._stories if other is not story][:3]
        neighbours = "".join(self._link(other) for other in others[:2])
        values = self._values(story) | {
            "entries": "".join(self._entry(other) for other in others),
            "neighbours": neighbours,
        }
        main = self._fill("main_article", **values)
        head = self._fill("head_article", **values)
        title = story.article.title
        return Page(self._page("article", title, main, head, values), story.texts, title)

    def _specials(self) -> Sequence[Callable[[], tuple[_Story, Page]]]:
        return (
            self._gallery, self._pictures, self._ticker, self._live, self._walled, self._brief,
            self._round_up, self._ranking,
        )  # fmt: skip

    def _pictures(self) -> tuple[_Story, Page]:
        """Pictures, and not a word to them."""
        pictures = "".join(f'<figure><img src="/p{number}.jpg"></figure>' for number in range(9))
        return self._special("A day at the quay", "", pictures, None)

    def _ticker(self) -> tuple[_Story, Page]:
        """Where entries are to come, of which there are none."""
        empty = '<div id="ticker" class="ticker" data-src="/ticker.json"></div>'
        return self._special("The regatta, live", "", empty, None)

    def _brief(self) -> tuple[_Story, Page]:
        text = "The ferry to the island does not sail today, the harbour master says."
        return self._special("No ferry today", text, "", (text,))

    def _round_up(self) -> tuple[_Story, Page]:
        """Words of its own on other articles, to each of which it leads."""
        opening = (
            "What a week it was in the harbour. Five things that you may have missed, and why."
        )
        told = [
            f"{number}. Nobody had expected this, and those who had voted for it least of all: it"
            " will cost more than it was said to, and take longer than anyone has told us yet."
            for number in range(1, 6)
        ]
        shown = "".join(
            f'<p>{text} <a href="{self._path(other)}">Read the story</a></p>'
            for text, other in zip(told, self._stories, strict=False)
        )
        texts = tuple(f"{text} Read the story" for text in told)
        return self._special("The week in five stories", opening, shown, (opening, *texts))

    def _ranking(self) -> tuple[_Story, Page]:
        """A list that is the article."""
        opening = (
            "We have asked the skippers where they would rather be than at sea. Their answers:"
        )
        places = [
            f"The {name} bar, where the soup is hot and the talk is cold" for name in "ABCDEFG"
        ]
        shown = f"<ul>{''.join(f'<li>{place}</li>' for place in places)}</ul>"
        return self._special("Seven bars", opening, shown, (opening, *places))

    def _gallery(self) -> tuple[_Story, Page]:
        """Nine pictures with a line to each."""
        pictures = "".join(
            f'<figure><img src="/{number}.jpg"><figcaption>Boat {number}</figcaption></figure>'
            for number in range(9)
        )
        return self._special("Boats in pictures", "The harbour in June.", pictures, None)

    def _live(self) -> tuple[_Story, Page]:
        entries = [
            f"The count has reached ward {number}, and the lead is unchanged there."
            for number in range(12)
        ]
        shown = "".join(
            f'<div class="entry"><time datetime="2026-01-03T{hour}:00:00Z">{hour}:00</time>'
            f"<p>{text}</p></div>"
            for hour, text in enumerate(entries, 10)
        )
        head = (
            '<script type="application/ld+json">{"@context":"https://schema.org","@type":'
            '"LiveBlogPosting","headline":"Election night, minute by minute"}</script>'
        )
        standfirst = "All that happens on the night of the election, as it happens in the harbour."
        return self._special(
            "Election night, minute by minute", standfirst, shown, (standfirst, *entries), head
        )

    def _walled(self) -> tuple[_Story, Page]:
        """The first words of an article, and what to pay for the rest."""
        standfirst = "The harbour master warns the council once more."
        teaser = "He says that the tide will not wait for a vote, and neither will the boats that…"
        wall = '<div class="paywall-box"><p>For one euro.</p><a href="/pay">Subscribe</a></div>'
        return self._special(
            "What the tide will do to us",
            standfirst,
            f"<p>{teaser}</p>{wall}",
            (standfirst, teaser),
            free="false",
        )

    def _special(
        self,
        title: str,
        standfirst: str,
        markup: str,
        texts: tuple[str, ...] | None,
        head: str = "",
        free: str = "true",
    ) -> tuple[_Story, Page]:
        oldest = self._stories[-1]
        article = replace(oldest.article, title=title)
        story = replace(oldest, article=article, texts=(standfirst,), number=99)
        values = self._values(story) | {
            "paragraphs": markup,
            "entries": "",
            "neighbours": "",
            "free": free,
        }
        main = self._fill("main_article", **values)
        head += self._fill("head_article", **values)
        return story, Page(self._page("article", title, main, head, values), texts, title)

    def _values(self, story: _Story) -> dict[str, str]:
        standfirst, *paragraphs = story.texts
        at = story.article.published_at
        path = self._path(story)
        return {
            "title": escape(story.article.title),
            "title_json": json.dumps(story.article.title),
            # as Hugo's templates do that escape a title twice
            "title_escaped": json.dumps(json.dumps(f"“{story.article.title}”")[1:-1]),
            "standfirst": escape(standfirst),
            "standfirst_json": json.dumps(standfirst),
            "paragraphs": "".join(f"<p>{escape(text)}</p>" for text in paragraphs),
            "iso": at.isoformat(),
            "day_text": f"{at:%B %d, %Y}",
            "url": self._origin + path,
            "path": path,
            "author": story.author,
            "category": story.category,
            "tag": story.tag,
            "free": "true",
            "author_url": self._fill("author_path", slug=_slug(story.author)),
            "category_url": self._fill("category_path", slug=_slug(story.category)),
            "tag_url": self._fill("tag_path", slug=_slug(story.tag)),
        }

    def _entry(self, story: _Story) -> str:
        return self._fill("entry", **self._values(story))

    def _link(self, story: _Story) -> str:
        return f'<li><a href="{self._path(story)}">{escape(story.article.title)}</a></li>'

    def _listing(self, kind: str, heading: str, path: str, stories: Sequence[_Story]) -> Page:
        values = {
            "heading": heading,
            "title": heading,
            "title_json": json.dumps(heading),
            "url": self._origin + path,
            "paged": self._markup["paged_path"],
            "query": "bridge" if kind == "search" else "",
            "entries": "".join(self._entry(story) for story in stories),
        }
        main = self._fill("main_listing", **values)
        return Page(self._page(kind, heading, main, self._fill("head_listing", **values), values))

    def _static(self, title: str, texts: Sequence[str]) -> Page:
        paragraphs = "".join(f"<p>{escape(text)}</p>" for text in texts)
        if title in ("Contact", "Shop", "Subscribe"):
            paragraphs += '<form action="/send"><input name="email" type="email"></form>'
        path = self._fill("static_path", slug=_slug(title))
        values = {
            "title": title,
            "title_json": json.dumps(title),
            "url": self._origin + path,
            "paragraphs": paragraphs,
        }
        main = self._fill("main_static", **values)
        return Page(self._page("static", title, main, self._head_of_static(values), values))

    def _head_of_static(self, values: Mapping[str, str]) -> str:
        name = "head_static" if "head_static" in self._markup else "head_listing"
        return self._fill(name, **values)

    def _page(self, kind: str, title: str, main: str, head: str, values: Mapping[str, str]) -> str:
        filed = [(self._fill("category_path", slug=_slug(name)), name) for name in CATEGORIES] + [
            (self._fill("static_path", slug=_slug(name)), name) for name in [*STATIC][:2]
        ]
        legal = [(self._fill("static_path", slug=_slug(name)), name) for name in [*STATIC][2:]]
        return self._fill(
            "layout",
            **{
                "names": self._markup["names"][kind],
                "tab": escape(title if title == NAME else f"{title} – {NAME}"),
                "title": escape(title),
                "title_json": json.dumps(title),
                "head": head,
                "main": main,
                "menu": _items([("/", "Home"), *filed]),
                "legal": _items([*legal, (self._markup["search_path"], "Search")]),
                "recent": "".join(self._link(story) for story in self._stories[:4]),
                "query": values.get("query", ""),
            },
        )

    def _feed(self) -> str:
        items = "".join(
            f"<item><title>{escape(s.article.title)}</title><link>{self._origin}{self._path(s)}"
            f"</link>"
            f"<pubDate>{s.article.published_at:%a, %d %b %Y %H:%M:%S} GMT</pubDate></item>"
            for s in self._stories[:ON_A_PAGE]
        )
        return (
            f'<?xml version="1.0"?><rss version="2.0"><channel><title>{NAME}</title>'
            f"<link>{self._origin}/</link>{items}</channel></rss>"
        )


def _items(links: Sequence[tuple[str, str]]) -> str:
    return "".join(f'<li><a href="{escape(path)}">{name}</a></li>' for path, name in links)


def _slug(text: str) -> str:
    return re.sub(r"\W+", "-", text.lower()).strip("-")
