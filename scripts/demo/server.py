"""The demonstration news site, served on loopback.

Three editions tell the story of an archive. In edition 2 one article has another headline and
paragraph, one a corrected figure, one is gone, one is new. In edition 3 the French desk has a new
theme with other furniture, three of its articles are edited and one is gone. All else only shows
other adverts, as at every fetch. The French desk sends no validators, the English an ETag and
Last-Modified, the Japanese Last-Modified alone.
"""

import asyncio
import gzip
import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from http import HTTPStatus

from scripts.demo import feeds, pages
from scripts.demo.articles import EDITIONS, SITE, Article, read_articles, removed_paths
from scripts.demo.desks import Desk, read_desks
from scripts.demo.loopback import LoopbackSite, Request, Response, send
from scripts.demo.validators import http_date, is_current, weak_etag

HTML = "text/html; charset=utf-8"
XML = "application/xml; charset=utf-8"
FEED_TYPES = {
    "rss": "application/rss+xml; charset=utf-8",
    "atom": "application/atom+xml; charset=utf-8",
    "json": "application/feed+json; charset=utf-8",
}
SITEMAP = "/sitemap.xml"
NEWS_SITEMAP = "/news-sitemap.xml"
ARCHIVE_SITEMAP = "/archive-sitemap.xml.gz"


@dataclass(frozen=True, slots=True)
class Resource:
    """What a path holds; `render` takes the number of the fetch."""

    render: Callable[[int], str | bytes]
    content_type: str = HTML
    status: int = HTTPStatus.OK
    etag: str | None = None
    last_modified: datetime | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All that an edition serves: a resource a path, and one for every other path."""

    resources: Mapping[str, Resource]
    missing: Resource


class DemoSite(LoopbackSite):
    """The site in one edition at a time, from `with` to its end; `edition` may be set at any time.

    A port of 0 is chosen by the system. Only what the edition's catalogue holds is served.
    """

    def __init__(self, *, port: int = 0, edition: int = EDITIONS[0]) -> None:
        super().__init__(port=port)
        self._catalogues: Mapping[int, Catalogue] = {}
        self._fetches = itertools.count()
        self.edition = edition

    @staticmethod
    def articles(edition: int) -> dict[str, tuple[str, str]]:
        """The truth: title and text of each article by path; the text is standfirst, headings,
        paragraphs, list items and quotations, a line each."""
        return {path: (one.title, one.text) for path, one in read_articles(edition).items()}

    @property
    def url(self) -> str:
        """The origin, without a final slash."""
        return self._server.url

    @property
    def edition(self) -> int:
        return self._edition

    @edition.setter
    def edition(self, edition: int) -> None:
        """Raises ValueError for an edition there isn't."""
        if edition not in EDITIONS:
            raise ValueError(f"edition {edition} is none of {EDITIONS}")
        self._edition = edition

    def _prepare(self) -> None:
        self._catalogues = {edition: catalogue(edition, self.url) for edition in EDITIONS}

    async def _handle(self, request: Request, writer: asyncio.StreamWriter) -> None:
        current = self._catalogues[self._edition]
        resource = current.resources.get(request.path, current.missing)
        await send(writer, request, answer(resource, request, next(self._fetches)))


def answer(resource: Resource, request: Request, fetch: int) -> Response:
    headers = dict(resource.headers)
    if resource.etag:
        headers["ETag"] = resource.etag
    if resource.last_modified:
        headers["Last-Modified"] = http_date(resource.last_modified)
    if is_current(request.headers, etag=resource.etag, last_modified=resource.last_modified):
        return Response(HTTPStatus.NOT_MODIFIED, headers=headers)
    body = resource.render(fetch)
    headers["Content-Type"] = resource.content_type
    return Response(resource.status, body.encode() if isinstance(body, str) else body, headers)


def catalogue(edition: int, origin: str) -> Catalogue:
    articles = read_articles(edition)
    desks = read_desks(edition)
    resources: dict[str, Resource] = {}
    for key, desk in desks.items():
        own = [article for article in articles.values() if article.desk == key]
        resources |= _desk(desk, own, origin)
        resources[f"/assets/{desk.theme}.css"] = _file(f"themes/{desk.theme}/style.css", "text/css")
    for image in sorted((SITE / "images").iterdir(), key=lambda file: file.name):
        resources[f"/images/{image.name}"] = _file(f"images/{image.name}", "image/svg+xml")
    resources |= _sitemaps(desks, list(articles.values()), origin)
    french = desks["fr"]
    for path in removed_paths(edition):
        resources[path] = _error(french, "Cet article n'est plus en ligne", HTTPStatus.GONE, origin)
    missing = _error(french, "Page introuvable", HTTPStatus.NOT_FOUND, origin)
    return Catalogue(resources, missing)


def _desk(desk: Desk, articles: list[Article], origin: str) -> dict[str, Resource]:
    def listing(title: str, path: str, shown: list[Article], text: str = "") -> Resource:
        return Resource(
            lambda fetch: pages.render_listing(
                title, path, shown, desk, origin=origin, fetch=fetch, text=text
            )
        )

    resources = {
        desk.front: listing(desk.name, desk.front, articles),
        desk.about.path: listing(desk.about.title, desk.about.path, [], desk.about.text),
        desk.feed: _fixed(
            feeds.render_feed(desk, articles, origin=origin), FEED_TYPES[desk.feed_format]
        ),
    }
    for slug, section in desk.sections.items():
        shown = [article for article in articles if article.section == slug]
        resources[section.path] = listing(section.name, section.path, shown)
    for article in articles:
        resources[article.path] = _article(article, desk, articles, origin)
        if desk.amp:
            resources[pages.amp_path(article)] = _article(article, desk, articles, origin, "amp")
        for old in article.redirects:
            location = {"Location": f"{origin}{article.path}"}
            resources[old] = Resource(
                lambda _: "", status=HTTPStatus.MOVED_PERMANENTLY, headers=location
            )
    return resources


def _article(
    article: Article, desk: Desk, latest: list[Article], origin: str, template: str = "article"
) -> Resource:
    def render(fetch: int) -> str:
        return pages.render_article(
            article, desk, origin=origin, latest=latest, fetch=fetch, template=template
        )

    content = f"{article.title}\n{article.text}"
    return Resource(
        render,
        etag=weak_etag(content.encode()) if "etag" in desk.validators else None,
        last_modified=article.last_change if "last-modified" in desk.validators else None,
    )


def _sitemaps(
    desks: Mapping[str, Desk], articles: list[Article], origin: str
) -> dict[str, Resource]:
    archive = gzip.compress(feeds.render_sitemap(articles, origin=origin), mtime=0)
    news = feeds.render_news_sitemap(((desks[a.desk], a) for a in articles), origin=origin)
    index = feeds.render_sitemap_index([NEWS_SITEMAP, ARCHIVE_SITEMAP], origin=origin)
    robots = f"User-agent: *\nDisallow: /wp-admin/\n\nSitemap: {origin}{SITEMAP}\n"
    return {
        SITEMAP: _fixed(index, XML),
        NEWS_SITEMAP: _fixed(news, XML),
        ARCHIVE_SITEMAP: _fixed(archive, "application/gzip"),
        "/robots.txt": _fixed(robots.encode(), "text/plain; charset=utf-8"),
    }


def _error(desk: Desk, title: str, status: int, origin: str) -> Resource:
    render = partial(pages.render_listing, title, "/", [], desk, origin=origin)
    return Resource(lambda fetch: render(fetch=fetch), status=status)


def _fixed(body: bytes, content_type: str) -> Resource:
    return Resource(lambda _: body, content_type, etag=weak_etag(body))


def _file(path: str, content_type: str) -> Resource:
    return _fixed(SITE.joinpath(*path.split("/")).read_bytes(), f"{content_type}; charset=utf-8")
