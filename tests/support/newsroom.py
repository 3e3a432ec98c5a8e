"""A news site that a test publishes to, edits, breaks, and then asks who came for what.

`python -m tests.support.newsroom --articles 60 --port 8808` serves generated articles from a
process of its own, which tests may kill.
"""

import argparse
import asyncio
import itertools
import sys
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus

from scripts.demo.articles import Article, Block, BlockKind, Span
from scripts.demo.desks import About, Desk, Section
from scripts.demo.feeds import render_feed, render_news_sitemap, render_sitemap
from scripts.demo.loopback import LoopbackSite, Request, Response, send
from scripts.demo.pages import render_article, render_listing
from scripts.demo.validators import http_date, is_current, weak_etag
from tests.support.generated_news import generate_articles

FIRST_PUBLISHED = datetime(2026, 1, 5, 8, tzinfo=UTC)
FEED = "/feed.xml"
SITEMAP = "/sitemap.xml"
NEWS_SITEMAP = "/news-sitemap.xml"
SECTION = "/news/"
LINKED = 10

HTML = "text/html; charset=utf-8"
XML = "application/xml; charset=utf-8"

DESK = Desk(
    language="en-GB",
    name="The Evening Ledger",
    front="/",
    about=About("About us", "/about/", "A paper that tests make."),
    theme="en",
    author_joint=" and ",
    feed=FEED,
    feed_format="rss",
    sections={"news": Section("News", SECTION)},
    links={},
    adverts=tuple(f"Advertisement number {number}, today only" for number in range(97)),
    validators=frozenset(),
)
PAGES = {DESK.front: DESK.name, SECTION: "News", DESK.about.path: DESK.about.title}


@dataclass(frozen=True, slots=True)
class Visit:
    """A request that was answered; `at` is time.monotonic() when it came."""

    path: str
    status: int
    headers: Mapping[str, str]
    at: float

    @property
    def conditional(self) -> bool:
        return "if-none-match" in self.headers or "if-modified-since" in self.headers


class Newsroom(LoopbackSite):
    """One site on a port of 127.0.0.1, from `with` to its end; a second `with` opens it again
    on the same port, with all that was published.

    Front page, section page, RSS feed and both sitemaps always list what is published at that
    moment, latest first; `listed` bounds all but the sitemaps to that many. Every attribute may
    be set at any time, every method called from any thread.

    validators   send an ETag and Last-Modified, and 304 to who has them already
    adverts      show another advert at each fetch; else a page's bytes stay until the next change
    delay        seconds before each answer
    robots       the text of /robots.txt
    """

    def __init__(
        self,
        *,
        port: int = 0,
        validators: bool = True,
        adverts: bool = True,
        delay: float = 0.0,
        listed: int | None = None,
    ) -> None:
        self.validators = validators
        self.adverts = adverts
        self.delay = delay
        self.listed = listed
        self.robots: str | None = None
        super().__init__(port=port)
        self._lock = threading.Lock()
        self._articles: dict[str, Article] = {}
        self._by_time: list[Article] | None = None
        self._listings: dict[tuple[str, int | None], Response] = {}
        self._minutes = itertools.count()
        self._fixed: dict[str, Response] = {}
        self._aliases: dict[str, str] = {}
        self._trials: dict[str, Iterator[str | None]] = {}
        self._outage: int | None = None
        self._visits: list[Visit] = []
        self._fetches = itertools.count(1)

    @property
    def url(self) -> str:
        """The origin, without a final slash."""
        return self._server.url

    @property
    def requests(self) -> list[Visit]:
        return list(self._visits)

    def count(self, path: str, *, status: int | None = None) -> int:
        """How often a path was answered, with that status if one is given."""
        return sum(v.path == path and status in (None, v.status) for v in self.requests)

    def forget_requests(self) -> None:
        self._visits.clear()

    def clear(self) -> None:
        """Take out all that was published and served, end an outage, and forget requests."""
        with self._lock:
            for kept in (self._articles, self._fixed, self._aliases, self._trials, self._visits):
                kept.clear()
            self._outage = None
            self._changed()

    def text(self, path: str) -> str:
        """What extraction must give for a published article."""
        return self._articles[path].text

    def publish(
        self,
        path: str,
        *,
        title: str,
        paragraphs: Sequence[str],
        standfirst: str = "",
        authors: Iterable[str] = ("Ada Marlowe",),
        published_at: datetime | None = None,
    ) -> str:
        """Give the article's URL. Without a time, each is published a minute after the last."""
        with self._lock:
            default = FIRST_PUBLISHED + timedelta(minutes=next(self._minutes))
            article = Article(
                path=path,
                desk="newsroom",
                section="news",
                title=title,
                standfirst=standfirst,
                blocks=_blocks(paragraphs),
                authors=tuple(authors),
                published_at=published_at or default,
            )
            self._fixed.pop(path, None)
            self._set(article)
        return f"{self.url}{path}"

    def publish_generated(self, count: int, *, seed: int = 0) -> list[str]:
        """Publish articles that are the same for the same seed; give their paths."""
        generated = list(generate_articles(count, seed=seed))
        for article in generated:
            self.publish(
                article.path,
                title=article.title,
                standfirst=article.standfirst,
                paragraphs=article.paragraphs,
                published_at=article.published_at,
            )
        return [article.path for article in generated]

    def edit(
        self,
        path: str,
        *,
        title: str | None = None,
        standfirst: str | None = None,
        paragraphs: Sequence[str] | None = None,
        modified_at: datetime | None = None,
    ) -> None:
        """Change what is given. Without a time, an hour after the last change.

        Raises KeyError when nothing is published there.
        """
        with self._lock:
            before = self._articles[path]
            self._set(
                replace(
                    before,
                    title=before.title if title is None else title,
                    standfirst=before.standfirst if standfirst is None else standfirst,
                    blocks=before.blocks if paragraphs is None else _blocks(paragraphs),
                    modified_at=modified_at or before.last_change + timedelta(hours=1),
                )
            )

    def remove(self, path: str, status: int = HTTPStatus.GONE) -> None:
        """Take an article out of everything; its path answers `status` from now on."""
        with self._lock:
            del self._articles[path]
            self._changed()
            self._fixed[path] = Response(status, b"<h1>Not here</h1>", {"Content-Type": HTML})

    def redirect(self, path: str, to: str, status: int = HTTPStatus.MOVED_PERMANENTLY) -> None:
        """Lead a path elsewhere; an article there before has moved and is listed no more."""
        with self._lock:
            self._articles.pop(path, None)
            self._changed()
            self._fixed[path] = Response(status, headers={"Location": to})

    def alias(self, path: str, of: str) -> None:
        """Serve an article at a second path too, with the first as its canonical address."""
        self._aliases[path] = of

    def alternate(self, path: str, title: str) -> None:
        """Show an article under its own headline and this one in turn, as a publisher's trial."""
        with self._lock:
            self._trials[path] = itertools.cycle([None, title])

    def serve(self, path: str, response: Response | None) -> None:
        """Answer a path with exactly this, whatever is published there; None: with what is."""
        if response is None:
            self._fixed.pop(path, None)
        else:
            self._fixed[path] = response

    def outage(self, down: bool, status: int = HTTPStatus.SERVICE_UNAVAILABLE) -> None:
        """While down every path, robots.txt too, answers `status`."""
        self._outage = status if down else None

    def _set(self, article: Article) -> None:
        self._articles[article.path] = article
        self._changed()

    async def _handle(self, request: Request, writer: asyncio.StreamWriter) -> None:
        if self.delay:
            await asyncio.sleep(self.delay)
        with self._lock:
            response = self._answer(request)
        self._visits.append(Visit(request.path, response.status, request.headers, request.at))
        await send(writer, request, response)

    def _answer(self, request: Request) -> Response:
        path = request.path
        if self._outage is not None:
            return Response(self._outage, b"Out of order", {"Content-Type": "text/plain"})
        if path in self._fixed:
            return self._fixed[path]
        if path == "/robots.txt":
            return Response(body=self._robots().encode(), headers={"Content-Type": "text/plain"})
        article = self._articles.get(self._aliases.get(path, path))
        if article is not None:
            return self._article(article, request)
        if path in (FEED, SITEMAP, NEWS_SITEMAP):
            key = (path, self.listed)
            if key not in self._listings:
                self._listings[key] = self._listing(path)
            return self._listings[key]
        return self._page(path)

    def _robots(self) -> str:
        if self.robots is not None:
            return self.robots
        return f"User-agent: *\nAllow: /\nSitemap: {self.url}{SITEMAP}\n"

    def _article(self, article: Article, request: Request) -> Response:
        trial = next(self._trials.get(article.path, iter([None])))
        if trial is not None:
            article = replace(article, title=trial)
        headers = {"Content-Type": HTML}
        if self.validators:
            etag = weak_etag(f"{article.title}\n{article.text}".encode())
            headers |= {"ETag": etag, "Last-Modified": http_date(article.last_change)}
            if is_current(request.headers, etag=etag, last_modified=article.last_change):
                return Response(HTTPStatus.NOT_MODIFIED, headers=headers)
        latest, fetch = self._latest()[:LINKED], self._fetch()
        page = render_article(article, DESK, origin=self.url, latest=latest, fetch=fetch)
        return Response(HTTPStatus.OK, page.encode(), headers)

    def _listing(self, path: str) -> Response:
        latest, origin = self._latest(), self.url
        if path == FEED:
            body = render_feed(DESK, latest[: self.listed], origin=origin)
        elif path == SITEMAP:
            body = render_sitemap(latest, origin=origin)
        else:
            body = render_news_sitemap([(DESK, article) for article in latest], origin=origin)
        return Response(body=body, headers={"Content-Type": XML})

    def _page(self, path: str) -> Response:
        found = path in PAGES
        title = PAGES.get(path, "Page not found")
        shown = self._latest()[: self.listed] if path in (DESK.front, SECTION) else []
        page = render_listing(title, path, shown, DESK, origin=self.url, fetch=self._fetch())
        status = HTTPStatus.OK if found else HTTPStatus.NOT_FOUND
        return Response(status, page.encode(), {"Content-Type": HTML})

    def _latest(self) -> list[Article]:
        if self._by_time is None:
            by_time = sorted(self._articles.values(), key=lambda a: (a.published_at, a.path))
            self._by_time = by_time[::-1]
        return self._by_time

    def _changed(self) -> None:
        self._by_time = None
        self._listings.clear()

    def _fetch(self) -> int:
        return next(self._fetches) if self.adverts else 0


def _blocks(paragraphs: Iterable[str]) -> tuple[Block, ...]:
    return tuple(Block(BlockKind.PARAGRAPH, (Span(paragraph),)) for paragraph in paragraphs)


def main() -> None:
    parser = argparse.ArgumentParser(description="Serve generated news on loopback until killed.")
    parser.add_argument("--articles", type=int, default=60)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--delay", type=float, default=0.0, help="seconds before each answer")
    options = parser.parse_args()
    with Newsroom(port=options.port, delay=options.delay) as newsroom:
        newsroom.publish_generated(options.articles, seed=options.seed)
        sys.stdout.write(f"{newsroom.url}\n")
        sys.stdout.flush()
        threading.Event().wait()


if __name__ == "__main__":
    main()
