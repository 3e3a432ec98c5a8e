"""Serves the sites of a simulated year on loopback, each as it is at the archive's clock."""

import asyncio
from collections import Counter
from contextlib import ExitStack
from datetime import datetime
from http import HTTPStatus
from itertools import count
from types import TracebackType
from typing import Self

from scripts.demo.articles import Article
from scripts.demo.desks import About, Desk, Section
from scripts.demo.feeds import render_feed, render_sitemap
from scripts.demo.loopback import LoopbackServer, Request, Response, send
from scripts.demo.validators import http_date, is_current, weak_etag
from storage.database.clock import utc_now
from storage.models import ArticleState
from tests.simulation.themes import (
    FEED,
    Answer,
    article_page,
    listing_page,
    missing_page,
    wall_page,
)
from tests.simulation.truth import OutageKind, Site, Story, Year

ROBOTS, SITEMAP = "/robots.txt", "/sitemap.xml"
FED, SHOWN = 20, 10  # stories in the feed, on the front page

HTML = {"Content-Type": "text/html; charset=utf-8"}
XML = {"Content-Type": "application/xml; charset=utf-8"}


class Press:
    """The sites of a year, each on a port of its own, from `with` to its end."""

    def __init__(self, year: Year) -> None:
        self.stands = [Stand(site) for site in year.sites]
        self._open = ExitStack()

    def __enter__(self) -> Self:
        for stand in self.stands:
            stand.open()
            self._open.callback(stand.close)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._open.close()

    def keep_time(self) -> None:
        """Close the ports of the sites that refuse connections now, and open the others."""
        for stand in self.stands:
            if stand.site.outage(utc_now()) is OutageKind.REFUSED:
                stand.close()
            else:
                stand.open()


class Stand:
    """One site's server. `answered` counts its answers by status."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.answered: Counter[int] = Counter()
        self._server = LoopbackServer(self._handle)
        self._is_open = False
        self._fetches = count(1)
        self._desk = _desk(site)
        self._paths = {place.path: story for story in site.stories for place in story.places}

    @property
    def origin(self) -> str:
        return self._server.url

    def open(self) -> None:
        if not self._is_open:
            self._server.listen()
            self._server.serve()
            self._is_open = True

    def close(self) -> None:
        if self._is_open:
            self._server.close()
            self._is_open = False

    async def _handle(self, request: Request, writer: asyncio.StreamWriter) -> None:
        response = self.answer(request, utc_now())
        self.answered[response.status] += 1
        await send(writer, request, response)

    def answer(self, request: Request, at: datetime) -> Response:
        """What the site answers at that time."""
        match self.site.outage(at):
            case OutageKind.UNAVAILABLE | OutageKind.REFUSED:
                return Response(HTTPStatus.SERVICE_UNAVAILABLE, b"Out of order", HTML)
            case OutageKind.EMPTY:
                return Response(HTTPStatus.NOT_FOUND, b"Not found", HTML)
        answer = Answer(self.origin, at, next(self._fetches))
        match request.path:
            case "/robots.txt":
                return Response(body=self._robots(), headers={"Content-Type": "text/plain"})
            case "/":
                page = listing_page(self.site, self.site.listed(at)[:SHOWN], answer)
                return Response(body=page.encode(), headers=HTML)
            case "/feed.xml":
                listed = [_as_listed(story, at) for story in self.site.listed(at)[:FED]]
                return self._list(request, render_feed(self._desk, listed, origin=self.origin))
            case "/sitemap.xml" if self.site.lastmod:
                listed = [_as_listed(story, at) for story in self.site.listed(at)]
                return self._list(request, render_sitemap(listed, origin=self.origin))
        story = self._paths.get(request.path)
        if story is None or story.published_at > at:
            return self._missing(HTTPStatus.NOT_FOUND, answer)
        return self._story(story, request, answer)

    def _story(self, story: Story, request: Request, answer: Answer) -> Response:
        path = story.path(answer.at)
        if request.path != path:
            return Response(HTTPStatus.MOVED_PERMANENTLY, headers={"Location": path})
        listed = self.site.listed(answer.at)
        match story.state(answer.at):
            case ArticleState.GONE:
                return self._missing(HTTPStatus.GONE, answer)
            case ArticleState.NOT_FOUND:
                return self._missing(HTTPStatus.NOT_FOUND, answer)
            case ArticleState.SOFT_404:
                return self._missing(HTTPStatus.OK, answer)
            case ArticleState.TO_FRONT_PAGE:
                return Response(HTTPStatus.FOUND, headers={"Location": "/"})
            case ArticleState.WALLED:
                page = wall_page(self.site, story, listed, answer)
                return Response(body=page.encode(), headers=HTML)
        edition = story.edition(answer.at)
        if not self.site.validators:
            page = article_page(self.site, story, listed, answer)
            return Response(body=page.encode(), headers=HTML)
        # Whoever has the edition in this design has the page, whatever is around it.
        etag = weak_etag(f"{edition.at} {self.site.theme(answer.at, story.number)}".encode())
        headers = {**HTML, "ETag": etag, "Last-Modified": http_date(edition.at)}
        if is_current(request.headers, etag=etag, last_modified=edition.at):
            return Response(HTTPStatus.NOT_MODIFIED, headers=headers)
        page = article_page(self.site, story, listed, answer)
        return Response(body=page.encode(), headers=headers)

    def _list(self, request: Request, body: bytes) -> Response:
        if not self.site.validators:
            return Response(body=body, headers=XML)
        headers = {**XML, "ETag": weak_etag(body)}
        if is_current(request.headers, etag=headers["ETag"], last_modified=None):
            return Response(HTTPStatus.NOT_MODIFIED, headers=headers)
        return Response(body=body, headers=headers)

    def _missing(self, status: int, answer: Answer) -> Response:
        return Response(status, missing_page(self.site, answer).encode(), HTML)

    def _robots(self) -> bytes:
        named = f"Sitemap: {self.origin}{SITEMAP}\n" if self.site.lastmod else ""
        return f"User-agent: *\nAllow: /\n{named}".encode()


def _desk(site: Site) -> Desk:
    return Desk(
        language=site.language,
        name=site.name,
        front="/",
        about=About("", "/", ""),
        theme="",
        author_joint=", ",
        feed=FEED,
        feed_format=site.feed_format,
        sections={"news": Section("News", "/")},
        links={},
        adverts=(),
        validators=frozenset(),
    )


def _as_listed(story: Story, at: datetime) -> Article:
    edition = story.edition(at)
    return Article(
        path=story.path(at),
        desk="",
        section="news",
        title=edition.wording.title,
        standfirst=edition.wording.standfirst,
        blocks=(),
        authors=(story.author,),
        published_at=story.published_at,
        modified_at=edition.at,
    )
