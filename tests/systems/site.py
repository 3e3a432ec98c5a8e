"""A site of a small paper, rendered in the markup of a publishing system.

article_path, category_path, …    the addresses of its pages, `$slug` and others filled in
names                             class names of the body, by the kind of page
layout                            the page around `$main`
main_…, entry, head_…             the parts of its pages; `head_listing` serves static pages too
inset, below                      what it puts into a text and below one
live_entry, head_live             an entry of a live blog, and what declares one; `live_times`
                                  says whether entries have times that can be read
wall                              what asks a reader to pay for the rest of an article
"""

import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from html import escape
from http import HTTPStatus
from pathlib import Path
from string import Template
from typing import Any

from tests.systems.days import Day
from tests.systems.specials import specials
from tests.systems.stories import AUTHORS, CATEGORIES, TAGS, Story, slug, stories
from tests.systems.walls import CONSENT, CONSENT_PATH, WALLS

MARKUP = Path(__file__).parent / "markup"
SYSTEMS = sorted(file.stem for file in MARKUP.glob("*.toml"))
NAME = "Harbour Post"
ON_A_PAGE = 6
HTML = "text/html; charset=utf-8"

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
    """What a path answers. `texts` are an article's paragraphs, None of what is no article, and
    `times` those of a live blog's entries that can be read; `partial` is one that is to be paid
    for. `behind_a_wall` says that none of it is shown, or but a part that was all there before."""

    body: str
    texts: tuple[str, ...] | None = None
    title: str = ""
    media_type: str = HTML
    status: int = HTTPStatus.OK
    location: str = ""
    times: tuple[datetime, ...] = ()
    partial: bool = False
    behind_a_wall: bool = False

    @property
    def is_html(self) -> bool:
        return self.media_type == HTML


def build(system: str, origin: str, day: Day) -> dict[str, Page]:
    """The pages of a site of that system on that day, by path."""
    return dict(_Site(system, origin, day).pages())


@cache
def _markup(system: str) -> Mapping[str, Any]:
    return tomllib.loads((MARKUP / f"{system}.toml").read_text(encoding="utf-8"))


class _Site:
    def __init__(self, system: str, origin: str, day: Day) -> None:
        number = SYSTEMS.index(system)
        self._own = _markup(system)
        self._markup = _markup(SYSTEMS[(number + day.theme) % len(SYSTEMS)])
        self._origin = origin
        self._day = day
        told = stories(number, day.edition)
        self._stories = told[::-1]
        self._specials = list(specials(told[0], day.edition))
        self._paths = {f"path_{it.number}": self._path(it) for it in told}

    def pages(self) -> Iterator[tuple[str, Page]]:
        paths = []
        for path, page in self._rendered():
            paths += [path] * page.is_html
            yield path, page
        yield CONSENT_PATH, Page(CONSENT.body)
        places = "".join(f"<url><loc>{escape(self._origin + path)}</loc></url>" for path in paths)
        namespace = "http://www.sitemaps.org/schemas/sitemap/0.9"
        sitemap = f'<?xml version="1.0"?><urlset xmlns="{namespace}">{places}</urlset>'
        yield "/sitemap.xml", Page(sitemap, media_type="application/xml")

    def _rendered(self) -> Iterator[tuple[str, Page]]:
        articles = 0
        for story in [*self._stories, *self._specials]:
            articles += story.texts is not None
            walled = self._day.walls and story.texts is not None and articles % 3 == 1
            page = self._behind(story, articles // 3) if walled else self._article(story)
            yield self._path(story), page
        latest = [*self._specials, *self._stories[:ON_A_PAGE]]
        for path in (self._fill("category_path", slug=slug(CATEGORIES[0])), "/2026/01/"):
            older = f"{path.rstrip('/')}/page/2/"
            yield older, self._listing("category", "Older", older, self._stories[2:7])
        yield "/2026/01/", self._listing("category", "January 2026", "/2026/01/", self._stories)
        yield "/", self._listing("front", NAME, "/", latest)
        paged = self._fill("paged_path")
        yield paged, self._listing("front", NAME, paged, self._stories[ON_A_PAGE:])
        search = self._fill("search_path")
        yield search, self._listing("search", "Results for “bridge”", search, self._stories[:4])
        for kind, names in (("category", CATEGORIES), ("tag", TAGS), ("author", AUTHORS)):
            for name in names:
                path = self._fill(f"{kind}_path", slug=slug(name))
                filed = [s for s in self._stories if name in (s.category, s.tag, s.author)]
                yield path, self._listing(kind, name, path, filed)
        for title, texts in STATIC.items():
            yield self._fill("static_path", slug=slug(title)), self._static(title, texts)
        yield self._fill("feed_path"), Page(self._feed(), media_type="application/rss+xml")

    def _path(self, story: Story) -> str:
        return self._fill(
            "article_path",
            slug=story.slug,
            category_slug=slug(story.category),
            number=str(4_100_000 + story.number),
            year=f"{story.at:%Y}",
            month=f"{story.at:%m}",
            day=f"{story.at:%d}",
        )

    def _fill(self, name: str, **values: str) -> str:
        """A part of the markup. The site's addresses and texts stay its own in another one."""
        own = name.endswith("_path") or name in ("inset", "live_entry", "head_live", "wall")
        source = self._own if own else self._markup
        known = {"site": NAME, "origin": self._origin, "feed": self._own["feed_path"]}
        return Template(source.get(name, "")).substitute(known | values)

    def _article(self, story: Story) -> Page:
        others = [other for other in self._stories if other is not story][:3]
        values = self._values(story) | {
            "entries": "".join(self._entry(other) for other in others),
            "neighbours": "".join(self._link(other) for other in others[:2]),
        }
        values["paragraphs"] = self._body(story, values)
        main = self._fill("main_article", **values)
        main += self._fill("below", **values) if story.standfirst or story.texts else ""
        head = self._fill("head_article", **values)
        if story.entries and "head_live" in self._own:
            head = self._fill("head_live", **values, updates=self._updates(story))
        texts = story.texts
        if texts is not None:
            texts += tuple(it for entry in story.entries for it in self._entry_texts(entry))
        times = tuple(at for at, _ in story.entries if self._own.get("live_times"))
        page = self._page("article", story.title, main, head, values)
        return Page(page, texts, story.title, times=times, partial=story.walled)

    def _behind(self, story: Story, number: int) -> Page:
        """What stands before a story, which is to be archived as it was."""
        wall = WALLS[number % len(WALLS)]
        open_page = self._article(story)
        if wall is not None:
            shown = replace(open_page, body=wall.body, status=wall.status, location=wall.leads_to)
        else:
            cut = replace(story, body=story.body[:1], entries=story.entries[:1], walled=True)
            shown = replace(open_page, body=self._article(cut).body)
        return replace(shown, behind_a_wall=True)

    def _body(self, story: Story, values: Mapping[str, str]) -> str:
        """The markup of a story, with what its system puts into one."""
        parts = [Template(part).safe_substitute(self._paths) for part in story.body]
        for at, text in story.entries:
            entry = {
                "text": escape(text),
                "iso": f"{at:%Y-%m-%dT%H:%M:%SZ}",
                "clock": f"{at:%H:%M}",
                "day": f"{at:%d.%m.%Y}",
                "stamp": f"{at:%s}",
                "author": story.author,
            }
            parts.append(self._fill("live_entry", **entry))
        if len(story.body) > 3 and not story.walled:
            parts.insert(len(parts) - 1, self._fill("inset", **values))
        if story.walled:
            parts.append(self._fill("wall", **values))
        return "".join(parts)

    def _entry_texts(self, entry: tuple[datetime, str]) -> Iterator[str]:
        at, text = entry
        for shown in self._own.get("live_texts", ["$text"]):
            yield Template(shown).substitute(text=text, clock=f"{at:%H:%M}")

    def _updates(self, story: Story) -> str:
        """The entries of a live blog in its JSON-LD."""
        return json.dumps(
            [
                {"@type": "BlogPosting", "datePublished": at.isoformat(), "articleBody": text}
                for at, text in story.entries
            ]
        )

    def _values(self, story: Story) -> dict[str, str]:
        path = self._path(story)
        return {
            "title": escape(story.title),
            "title_json": json.dumps(story.title),
            # as Hugo's templates do that escape a title twice
            "title_escaped": json.dumps(json.dumps(f"“{story.title}”")[1:-1]),
            "standfirst": escape(story.standfirst),
            "standfirst_json": json.dumps(story.standfirst),
            "iso": story.at.isoformat(),
            "day_text": f"{story.at:%B %d, %Y}",
            "url": self._origin + path,
            "path": path,
            "told": "" if story.texts is None else "yes",
            "author": story.author,
            "category": story.category,
            "tag": story.tag,
            "quote": escape((story.texts or ("",))[-1].partition(". ")[0]),
            "free": "false" if story.walled else "true",
            "author_url": self._fill("author_path", slug=slug(story.author)),
            "category_url": self._fill("category_path", slug=slug(story.category)),
            "tag_url": self._fill("tag_path", slug=slug(story.tag)),
        }

    def _entry(self, story: Story) -> str:
        teaser = story.standfirst.partition(". ")[0].removesuffix(".")
        return self._fill("entry", **self._values(story) | {"standfirst": f"{escape(teaser)}."})

    def _link(self, story: Story) -> str:
        return f'<li><a href="{self._path(story)}">{escape(story.title)}</a></li>'

    def _listing(self, kind: str, heading: str, path: str, stories: Sequence[Story]) -> Page:
        values = {
            "heading": heading,
            "title": heading,
            "title_json": json.dumps(heading),
            "url": self._origin + path,
            "paged": self._fill("paged_path"),
            "query": "bridge" if kind == "search" else "",
            "entries": "".join(self._entry(story) for story in stories),
        }
        main = self._fill("main_listing", **values)
        return Page(self._page(kind, heading, main, self._fill("head_listing", **values), values))

    def _static(self, title: str, texts: Sequence[str]) -> Page:
        paragraphs = "".join(f"<p>{escape(text)}</p>" for text in texts)
        if title in ("Contact", "Shop", "Subscribe"):
            paragraphs += '<form action="/send"><input name="email" type="email"></form>'
        path = self._fill("static_path", slug=slug(title))
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
        filed = [(self._fill("category_path", slug=slug(name)), name) for name in CATEGORIES] + [
            (self._fill("static_path", slug=slug(name)), name) for name in [*STATIC][:2]
        ]
        legal = [(self._fill("static_path", slug=slug(name)), name) for name in [*STATIC][2:]]
        shown = self._day.notice
        notice = f'<div class="notice"><p>{shown}</p></div>' if shown else ""
        return self._fill(
            "layout",
            **{
                "names": self._markup["names"][kind],
                "tab": escape(title if title == NAME else f"{title} – {NAME}"),
                "title": escape(title),
                "title_json": json.dumps(title),
                "head": head,
                "main": notice + main,
                "menu": _items([("/", "Home"), *filed]),
                "legal": _items([*legal, (self._fill("search_path"), "Search")]),
                "recent": "".join(self._link(story) for story in self._stories[:4]),
                "query": values.get("query", ""),
            },
        )

    def _feed(self) -> str:
        items = "".join(
            f"<item><title>{escape(s.title)}</title><link>{self._origin}{self._path(s)}"
            f"</link>"
            f"<pubDate>{s.at:%a, %d %b %Y %H:%M:%S} GMT</pubDate></item>"
            for s in self._stories[:ON_A_PAGE]
        )
        return (
            f'<?xml version="1.0"?><rss version="2.0"><channel><title>{NAME}</title>'
            f"<link>{self._origin}/</link>{items}</channel></rss>"
        )


def _items(links: Sequence[tuple[str, str]]) -> str:
    return "".join(f'<li><a href="{escape(path)}">{name}</a></li>' for path, name in links)
