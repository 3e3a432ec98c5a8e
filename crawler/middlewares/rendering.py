"""Shows pages in a browser before they are archived, where their request says so.

The page itself is fetched as every page is, and then opened in the browser, which has no network:
what the page asks for there is sent by Scrapy, through the same middlewares, at the same paces,
under the same bounds. Only what is asked for by GET is, with no cookie and no referrer. A private
address is answered to pages of the source it belongs to, and to no others.
"""

import asyncio
import re
from collections import Counter, OrderedDict
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.http import Response, TextResponse
from scrapy.http.request import NO_CALLBACK

from crawler import settings
from crawler.fetching.browser import Browser
from crawler.fetching.polite_handler import SLOT
from crawler.fetching.rendering import Answer, Rendered, render
from crawler.middlewares.private_addresses import PRIVATE_HOSTS
from crawler.middlewares.wire_headers import HEADERS
from storage.frontier.addresses import belongs, site_host
from storage.frontier.domains import registered_domain
from storage.ledger.headers import RENDERED, SAME_TEXT

if TYPE_CHECKING:
    from playwright.async_api import Request as Asked

RENDER = "permalien_render"
"""In a request's meta: its answer is to be shown in a browser, if it is a page."""

MOST_KEPT = 32 * 2**20  # bytes of scripts that are kept for the next page

_HTML = frozenset({"text/html", "application/xhtml+xml"})
_OF_THE_BODY = frozenset(  # as it was sent, which is not what is archived
    {
        b"content-encoding",
        b"content-length",
        b"content-md5",
        b"content-type",
        b"digest",
        b"etag",
        b"last-modified",
        b"transfer-encoding",
    }
)
_NOT_ASKED = ("cookie", "host", "if-", "proxy-", "referer", "sec-", "user-agent")
_LONGEST = 8_192  # characters of a header
_UNSHOWN = re.compile(r"<(/?)(head|noscript|script|style|template)\b", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")  # stops at the next one: linear, whatever is sent
_WORD = re.compile(r"\w+")
_FEWEST_WORDS = 50  # that a page must show to be compared
_AS_MUCH = 0.95  # of the words that the browser shows


class RenderingMiddleware:
    """Raises crawler.fetching.rendering.NotRendered, which is a failed fetch."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._private = frozenset(crawler.settings.getlist(PRIVATE_HOSTS))
        self._scripts: OrderedDict[str, Answer] = OrderedDict()
        self._every: list[Browser] = []
        self._free: asyncio.Queue[Browser] = asyncio.Queue()
        crawler.signals.connect(self._close, signals.spider_closed)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "RenderingMiddleware":
        return cls(crawler)

    async def process_response(self, request: Request, response: Response) -> Response:
        if not (request.meta.get(RENDER) and 200 <= response.status < 300):
            return response
        document = _as_answer(response)
        if document.headers.get("content-type", "").partition(";")[0].strip().lower() not in _HTML:
            return response
        browser = await self._browser()
        try:
            rendered = await render(
                browser,
                request.url,
                document,
                partial(self._ask, request),
                most_characters=settings.DOWNLOAD_MAXSIZE,
                stopped=lambda: not self._crawler.crawling,
            )
        finally:
            self._free.put_nowait(browser)
        # of ten megabytes: not in the event loop
        same = await asyncio.to_thread(_says_as_much, response, rendered.html)
        return _as_response(request, response, rendered, same=same)

    async def _browser(self) -> Browser:
        """One that shows nothing; waits for it where there are as many as may be."""
        if self._free.empty() and len(self._every) < settings.BROWSERS:
            self._every.append(Browser(settings.BROWSER or "", settings.USER_AGENT))
            return self._every[-1]
        return await self._free.get()

    async def _close(self) -> None:
        await asyncio.gather(*(browser.close() for browser in self._every))

    async def _ask(self, page: Request, asked: "Asked") -> Answer | None:
        """What a page asks for, wherever it leads; None where it may not be asked, or is not
        answered."""
        if (kept := self._scripts.get(asked.url)) is not None:
            self._scripts.move_to_end(asked.url)
            return kept
        url, headers = asked.url.partition("#")[0], _sent(asked.headers)
        for _ in range(settings.REDIRECT_MAX_TIMES + 1):
            if not self._may_reach(page.url, url):
                return None
            try:
                response = await self._sent(page, url, headers)
            except Exception:
                # robots.txt, a private address, no answer: to the page it is all the same.
                return None
            location = response.headers.get("Location")
            if not (300 <= response.status < 400 and location):
                answer = _as_answer(response)
                if asked.resource_type == "script" and response.status == 200:
                    self._keep(asked.url, answer)
                return answer
            url = urljoin(url, location.decode("utf-8", "replace"))
        return None

    async def _sent(self, page: Request, url: str, headers: dict[str, str]) -> Response:
        domain, engine = registered_domain(url), self._crawler.engine
        if engine is None:
            raise RuntimeError("no page is shown before the engine has started")
        slot = page.meta[SLOT] if domain == registered_domain(page.url) else domain
        meta = {SLOT: slot, "dont_redirect": True, "handle_httpstatus_all": True}
        return await engine.download_async(
            Request(url, headers=headers, meta=meta, callback=NO_CALLBACK)
        )

    def _may_reach(self, page: str, url: str) -> bool:
        """Whether the address is private to no other source than the page's."""
        page_host, host = (site_host(urlsplit(it).netloc) for it in (page, url))
        whose = [name for name in self._private if belongs(host, name)]
        return not whose or any(belongs(page_host, name) for name in whose)

    def _keep(self, url: str, script: Answer) -> None:
        """The pages of a site share their scripts, and each is asked for once a run."""
        self._scripts[url] = script
        while sum(len(it.body) for it in self._scripts.values()) > MOST_KEPT:
            self._scripts.popitem(last=False)


def _sent(headers: dict[str, str]) -> dict[str, str]:
    """What of the headers that the page and the browser set is sent."""
    return {
        name: value
        for name, value in headers.items()
        if not name.lower().startswith(_NOT_ASKED) and len(value) <= _LONGEST
    }


def _says_as_much(response: Response, html: str) -> bool:
    """Whether the words that the browser shows are those that were sent."""
    if not isinstance(response, TextResponse):
        return False
    shown = _words(html)
    sent = _words(response.text)
    total = shown.total()
    return total >= _FEWEST_WORDS and (shown & sent).total() >= _AS_MUCH * total


def _words(html: str) -> Counter[str]:
    """The words of a page outside of what is never shown, in time linear in its length."""
    parts, within, at = [], "", 0
    for edge in _UNSHOWN.finditer(html):
        closes, name = edge[1], edge[2].lower()
        if not within and not closes:
            parts.append(html[at : edge.start()])
            within, at = name, edge.start()
        elif within == name and closes:
            within, at = "", edge.start()
    parts.append(html[at:])  # with what is never closed, as a head need not be
    return Counter(_WORD.findall(_TAG.sub(" ", " ".join(parts))))


def _as_answer(response: Response) -> Answer:
    headers = {
        name.decode("latin-1").lower(): b", ".join(values).decode("latin-1")
        for name, values in response.headers.items()
    }
    return Answer(response.status, headers, response.body)


def _as_response(
    request: Request, response: Response, rendered: Rendered, *, same: bool
) -> Response:
    """The answer with the page in place of its body; its headers say of which browser it is."""
    told = f"{rendered.browser}; requests={rendered.requests}"
    told += f"; refused={rendered.refused}" if rendered.refused else ""
    told += f"; {SAME_TEXT}" if same else ""
    told += "" if rendered.complete else "; unfinished"
    ours = [
        (b"Content-Type", b"text/html; charset=utf-8"),
        (RENDERED.encode(), told.encode()),
    ]
    wire = request.meta.get(HEADERS, ())
    kept = [(name, value) for name, value in wire if name.lower() not in _OF_THE_BODY]
    request.meta[HEADERS] = [*kept, *ours]
    headers = response.headers.copy()
    for name in _OF_THE_BODY:
        headers.pop(name, None)
    headers.update(ours)
    return response.replace(body=rendered.html.encode("utf-8", "replace"), headers=headers)
