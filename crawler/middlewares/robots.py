"""Obeys robots.txt as RFC 9309 says, which Scrapy's own middleware does not.

Each host and port is asked for it once a day, whoever asks: what the crawl looks at it for (its
sitemaps, as a source's address) is answered from the same request. One that is not there (4xx, or
more than five redirects) allows everything, whatever its error page says (sections 2.3.1.2 and
2.3.1.3). One that can't be reached (no answer, 5xx, and 429, which asks to be left alone) allows
nothing, but for a copy of the last 30 days, which then goes on to count (2.3.1.4).
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK

from crawler.discovery.robots import MAX_BYTES
from crawler.fetching.polite_handler import SLOT
from crawler.fetching.politeness import NotSent, Politeness
from crawler.fetching.robots import (
    FRESH,
    LONGEST_CRAWL_DELAY,
    USABLE,
    Copies,
    GivenCopies,
    RobotsAnswer,
    RobotsCopies,
    Rules,
    parse_rules,
)
from storage.database.clock import utc_now
from storage.frontier.addresses import InvalidURL, normalize
from storage.frontier.domains import registered_domain
from storage.frontier.robots_txt import RobotsCopy

logger = logging.getLogger(__name__)

LOOK = "permalien_robots"
"""In a request's meta: it is for a robots.txt, and is to be answered as it was for everybody."""

MOST_REDIRECTS = 5  # RFC 9309, section 2.3.1.2

_OWN = "permalien_robots_own"  # in the meta of the requests that this makes
_FIRST = 1000  # priority: whoever waits for the rules has waited long enough
_MOST_ANSWERS = 200  # that are kept for whoever looks at a robots.txt
_MOST_RULES = 2_000  # hosts whose rules are kept in memory
_TOO_MANY_REQUESTS = 429
_AGAIN = timedelta(hours=1)  # after which a file that is out of reach is asked for again

Value = TypeVar("Value")


class DisallowedByRobots(IgnoreRequest):
    """The site's robots.txt disallows the request."""


class RobotsUnreachable(IgnoreRequest):
    """The site's robots.txt can't be had, so that nothing of the site may be asked for now.

    Its cause is the error of the request for robots.txt; without one the message says why.
    """


@dataclass(frozen=True, slots=True)
class _Known:
    rules: Rules
    until: datetime
    asked_at: datetime

    def is_fresh(self, now: datetime) -> bool:
        # A clock that was set back must not make a copy last.
        return self.asked_at <= now < self.until


class RobotsMiddleware:
    """Shares a spider's `politeness` and `robots_copies`, where it has them.

    A spider may have `robots_handed` too, answers by URL that spare it a request each, and
    `hand_over_robots`, which takes what is asked for here.
    """

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._agent: str = crawler.settings["ROBOTSTXT_USER_AGENT"]
        self._known: dict[str, _Known] = {}  # by origin
        self._answers: dict[str, Response | Exception] = {}  # by URL

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "RobotsMiddleware":
        return cls(crawler)

    async def process_request(self, request: Request) -> Response | None:
        """Raises DisallowedByRobots or RobotsUnreachable."""
        if request.meta.get(_OWN):
            return None
        if request.meta.get(LOOK):
            return await self._look(request)
        rules = await self._rules_for(request)
        if not rules.allow(request.url):
            raise DisallowedByRobots("disallowed by robots.txt")
        return None

    async def _look(self, request: Request) -> Response | None:
        """What was answered for this robots.txt in this run; it is asked for if nobody has yet.

        None for an address of one that is not where it should be, and led to from there.
        """
        url = request.url
        if url not in self._answers and url == f"{_origin(url)}/robots.txt":
            try:
                await self._renew(_origin(url), request.meta.get(SLOT))
            except RobotsUnreachable as error:
                self._answers.setdefault(url, error)
        answer = self._answers.pop(url, None)
        if isinstance(answer, Exception):
            raise answer
        if answer is not None:
            request.meta["download_latency"] = answer.meta.get("download_latency", 0.0)
            answer = answer.replace(request=request)
        return answer

    async def _rules_for(self, request: Request) -> Rules:
        origin, slot, now = _origin(request.url), request.meta.get(SLOT), utc_now()
        known = self._known.get(origin) or await self._kept(origin)
        if known is None or not known.is_fresh(now):
            known = await self._renew(origin, slot)
        elif origin not in self._known:
            self._remember(origin, known)
        if isinstance(politeness := self._of_spider("politeness"), Politeness) and slot:
            politeness.slow_down(slot, origin, known.rules.delay)
        return known.rules

    async def _renew(self, origin: str, slot: str | None) -> _Known:
        """Ask for the robots.txt, and go by what it says from now on."""
        now = utc_now()
        try:
            body = await self._ask(f"{origin}/robots.txt", slot)
        except RobotsUnreachable:
            before = self._known.get(origin) or await self._kept(origin)
            if before is None or now - before.asked_at > USABLE:
                raise
            logger.warning("%s/robots.txt is out of reach: its last copy counts", origin)
            known = _Known(before.rules, now + _AGAIN, before.asked_at)
        else:
            if (copies := self._copies()) is not None:
                await copies.keep(origin, body, now)
            known = self._read(RobotsCopy(now, body))
            if known.rules.crawl_delay > LONGEST_CRAWL_DELAY:
                logger.warning(
                    "%s asks for %g s between two requests, and gets %g",
                    origin,
                    known.rules.crawl_delay,
                    LONGEST_CRAWL_DELAY,
                )
        self._remember(origin, known)
        return known

    async def _kept(self, origin: str) -> _Known | None:
        copies = self._copies()
        copy = None if copies is None else await copies.get(origin)
        return None if copy is None else self._read(copy)

    def _read(self, copy: RobotsCopy) -> _Known:
        return _Known(
            parse_rules(copy.body or b"", self._agent), copy.asked_at + FRESH, copy.asked_at
        )

    async def _ask(self, url: str, slot: str | None) -> bytes | None:
        """The body of the robots.txt at `url`, wherever it leads; None where there is none."""
        domain = registered_domain(url)
        for _ in range(MOST_REDIRECTS + 1):
            pace = slot if registered_domain(url) == domain else None
            response = await self._download(url, pace or registered_domain(url))
            location = response.headers.get("Location")
            if response.status >= 500 or response.status == _TOO_MANY_REQUESTS:
                raise RobotsUnreachable(f"HTTP {response.status}")
            if callable(hand_over := self._of_spider("hand_over_robots")):
                hand_over(RobotsAnswer.of(response))
            if 200 <= response.status < 300:
                return response.body
            if not (300 <= response.status < 400 and location):
                return None
            try:
                url = normalize(location.decode("utf-8", "replace"), base=url)
            except InvalidURL:
                return None
        return None

    async def _download(self, url: str, slot: str) -> Response:
        meta = {_OWN: True, "dont_redirect": True, "handle_httpstatus_all": True, SLOT: slot}
        request = Request(url, priority=_FIRST, meta=meta, callback=NO_CALLBACK)
        response = self._handed(request) or await self._sent(request)
        _keep(self._answers, url, response, _MOST_ANSWERS)
        return response

    def _handed(self, request: Request) -> Response | None:
        handed = self._of_spider("robots_handed")
        answer = handed.pop(request.url, None) if isinstance(handed, dict) else None
        return answer.as_response(request) if isinstance(answer, RobotsAnswer) else None

    async def _sent(self, request: Request) -> Response:
        engine = self._crawler.engine
        if engine is None:
            raise RuntimeError("there is no request before the engine has started")
        try:
            response = await engine.download_async(request)
        except NotSent:
            raise
        except Exception as error:
            _keep(self._answers, request.url, error, _MOST_ANSWERS)
            raise RobotsUnreachable from error
        return response.replace(body=response.body[:MAX_BYTES])

    def _remember(self, origin: str, known: _Known) -> None:
        _keep(self._known, origin, known, _MOST_RULES)

    def _copies(self) -> Copies | None:
        copies = self._of_spider("robots_copies")
        return copies if isinstance(copies, RobotsCopies | GivenCopies) else None

    def _of_spider(self, name: str) -> object:
        return getattr(self._crawler.spider, name, None)


def _keep(store: dict[str, Value], key: str, value: Value, most: int) -> None:
    """Put it last, and let the first one go where there are too many."""
    store.pop(key, None)
    store[key] = value
    if len(store) > most:
        del store[next(iter(store))]


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
