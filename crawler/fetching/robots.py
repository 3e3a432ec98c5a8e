"""What a robots.txt says to us (RFC 9309), and the copies of it that last from run to run.

Protego reads it. What it does beside the RFC: it takes misspelt directives ("dissallow", no colon)
for what they mean; `Allow: /a/index.html` allows `/a/` too; a `$` within a path also stands for
itself. Its groups are matched anywhere in an agent's name, so it is shown ours and those for all
alone. Crawl-delay is not in the RFC; where a group has several, the last one counts.
"""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Protocol

from protego import Protego
from scrapy import Request
from scrapy.http import Response

from crawler.discovery.robots import MAX_BYTES
from storage.database.writer import Writer
from storage.frontier.robots_txt import RobotsCopy, keep_robots_copies, robots_copy

LONGEST_CRAWL_DELAY = 60.0
"""Seconds between two requests that a robots.txt gets, however many it asks for."""

FRESH = timedelta(hours=24)
"""For how long a copy may be used without asking again (RFC 9309, section 2.4)."""

USABLE = timedelta(days=30)
"""For how long a copy may be used while the file is out of reach (section 2.3.1.4)."""

_OTHERS = "User-agent: somebody-else"
_GROUP = re.compile(r"[ \t]*user[- ]?agent[ \t:]+(?P<agent>[^#]*)", re.IGNORECASE)
_TOKEN = re.compile(r"[a-z_-]*")


@dataclass(frozen=True, slots=True)
class Rules:
    """What one agent may ask for. `crawl_delay` is what is asked for in seconds, 0 for nothing."""

    parsed: Protego
    agent: str
    crawl_delay: float

    def allow(self, url: str) -> bool:
        return self.parsed.can_fetch(_plain_query(url), self.agent)

    @property
    def delay(self) -> float:
        """The Crawl-delay that is kept, in seconds."""
        return min(self.crawl_delay, LONGEST_CRAWL_DELAY)


def parse_rules(body: bytes, agent: str) -> Rules:
    """The rules of a robots.txt for `agent`, which is a product token.

    Every other agent's group is counted as one: a parser that keeps each agent's rules would need
    a space that grows with the square of a hostile file. Of a file longer than MAX_BYTES its
    whole lines before that are read.
    """
    if len(body) > MAX_BYTES:
        body = body[: 1 + max(body.rfind(b"\n", 0, MAX_BYTES), body.rfind(b"\r", 0, MAX_BYTES))]
    lines = body.decode("utf-8", "replace").lstrip("\N{BYTE ORDER MARK}").splitlines()
    token = agent.lower()
    parsed = Protego.parse("\n".join(_without_others(line, token) for line in lines))
    return Rules(parsed, agent, parsed.crawl_delay(agent) or 0.0)


def _without_others(line: str, token: str) -> str:
    group = _GROUP.match(line)
    if group is None:
        return _plain_query(line)
    # "Permalien/1.0" is meant for us, though a product token has no version (section 2.2.1).
    name = group["agent"].strip().lower().strip("*")
    found = _TOKEN.match(name)
    if not name:
        return line
    return f"User-agent: {token}" if found and found[0] == token else _OTHERS


def _plain_query(text: str) -> str:
    """With the slashes of its query plain: there they part nothing, and section 2.2.2 compares
    `?a=https://b` and `?a=https%3A%2F%2Fb` as equal, which Protego does not."""
    path, mark, query = text.partition("?")
    return path + mark + query.replace("%2F", "/").replace("%2f", "/")


@dataclass(frozen=True, slots=True)
class RobotsAnswer:
    """What a robots.txt answered, as it can be handed from one process to another: the crawl that
    follows a look asks no second time."""

    url: str
    status: int
    headers: dict[bytes, list[bytes]]
    body: bytes = field(repr=False)
    peer: str | None
    seconds: float
    """That it took."""

    @classmethod
    def of(cls, response: Response) -> "RobotsAnswer":
        peer = None if response.ip_address is None else str(response.ip_address)
        seconds = response.meta.get("download_latency", 0.0)
        headers = {name: response.headers.getlist(name) for name in response.headers}
        return cls(response.url, response.status, headers, response.body, peer, seconds)

    def as_response(self, request: Request) -> Response:
        request.meta["download_latency"] = self.seconds
        return Response(
            self.url,
            status=self.status,
            headers=self.headers,
            body=self.body,
            request=request,
            ip_address=None if self.peer is None else ip_address(self.peer),
        )


class Copies(Protocol):
    """The last good copy of each robots.txt, for an event loop. An origin is a scheme, a host and
    its port."""

    async def get(self, origin: str) -> RobotsCopy | None:
        """The copy of the robots.txt of `origin`, None where there is none."""

    async def keep(self, origin: str, body: bytes | None, now: datetime) -> None:
        """Put it in place of the copy before; None for a file that is not there."""


class GivenCopies:
    """Copies that somebody handed over, by origin; what is asked for is kept by nobody."""

    def __init__(self, copies: Mapping[str, RobotsCopy]) -> None:
        self._copies = copies

    async def get(self, origin: str) -> RobotsCopy | None:
        return self._copies.get(origin)

    async def keep(self, origin: str, body: bytes | None, now: datetime) -> None:
        return


class RobotsCopies:
    """The copies that the archive keeps."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    async def get(self, origin: str) -> RobotsCopy | None:
        return await asyncio.wrap_future(
            self._writer.read(lambda session: robots_copy(session, origin))
        )

    async def keep(self, origin: str, body: bytes | None, now: datetime) -> None:
        copy = RobotsCopy(now, None if body is None else body[:MAX_BYTES])
        await asyncio.wrap_future(
            self._writer.submit(keep_robots_copies, (origin, copy), size=len(copy.body or b""))
        )
