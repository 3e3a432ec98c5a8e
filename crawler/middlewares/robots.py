"""Obeys robots.txt as RFC 9309 says, which Scrapy's own middleware does not.

One that can't be reached allows nothing (section 2.3.1.4), and one that is not there allows
everything, whatever its error page says (2.3.1.3).
"""

import asyncio
import re

from protego import Protego
from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.http import Response
from scrapy.http.request import NO_CALLBACK
from scrapy.utils.httpobj import urlparse_cached

from crawler.discovery.robots import MAX_BYTES
from crawler.polite_handler import SLOT
from crawler.politeness import NotSent

EXEMPT = "dont_obey_robotstxt"
"""In a request's meta: robots.txt is not asked, as for robots.txt itself."""

_FIRST = 1000  # priority: whoever waits for the rules has waited long enough
_TOO_MANY_REQUESTS = 429
_OTHERS = "User-agent: somebody-else"
_GROUP = re.compile(r"[ \t]*user[- ]?agent[ \t:]+(?P<agent>[^#]*)", re.IGNORECASE)


class DisallowedByRobots(IgnoreRequest):
    """The site's robots.txt disallows the request."""


class RobotsUnreachable(IgnoreRequest):
    """The site's robots.txt can't be had, so that nothing of the site may be asked for now.

    Its cause is the error of the request for robots.txt; without one the message says why.
    """


class RobotsMiddleware:
    """Asks each host and port for its robots.txt once; again after it could not be reached."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        self._agent: str = crawler.settings["ROBOTSTXT_USER_AGENT"]
        self._rules: dict[str, asyncio.Task[Protego]] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "RobotsMiddleware":
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Raises DisallowedByRobots or RobotsUnreachable."""
        if request.meta.get(EXEMPT):
            return
        rules = await self._rules_for(request)
        if not rules.can_fetch(request.url, self._agent):
            raise DisallowedByRobots("disallowed by robots.txt")

    async def _rules_for(self, request: Request) -> Protego:
        parts = urlparse_cached(request)
        asking = self._rules.get(parts.netloc)
        if asking is None:
            url = f"{parts.scheme}://{parts.netloc}/robots.txt"
            slot = request.meta.get(SLOT)
            asking = asyncio.get_running_loop().create_task(self._ask(url, slot))
            self._rules[parts.netloc] = asking
        try:
            return await asking
        except RobotsUnreachable:
            if self._rules.get(parts.netloc) is asking:
                del self._rules[parts.netloc]
            raise

    async def _ask(self, url: str, slot: str | None) -> Protego:
        meta = {EXEMPT: True, SLOT: slot}
        request = Request(url, priority=_FIRST, meta=meta, callback=NO_CALLBACK)
        engine = self._crawler.engine
        if engine is None:
            raise RuntimeError("there is no request before the engine has started")
        try:
            response = await engine.download_async(request)
        except NotSent:
            raise
        except Exception as error:
            raise RobotsUnreachable from error
        if response.status >= 500 or response.status == _TOO_MANY_REQUESTS:
            raise RobotsUnreachable(f"HTTP {response.status}")
        return parse_rules(response.body, self._agent) if _is_there(response) else Protego()


def parse_rules(body: bytes, agent: str) -> Protego:
    """The rules of a robots.txt, of which only those for `agent` and for all are right.

    Every other group is counted as one: a parser that keeps each agent's rules would need a
    space that grows with the square of a hostile file.
    """
    lines = body[:MAX_BYTES].decode("utf-8", "replace").lstrip("\N{BYTE ORDER MARK}").splitlines()
    return Protego.parse("\n".join(_without_others(line, agent.lower()) for line in lines))


def _without_others(line: str, agent: str) -> str:
    group = _GROUP.match(line)
    if group is None:
        return line
    name = group["agent"].strip().lower()
    return line if name.strip("*") in ("", agent) else _OTHERS


def _is_there(response: Response) -> bool:
    return 200 <= response.status < 300
