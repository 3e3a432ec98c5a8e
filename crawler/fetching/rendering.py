"""What a page shows once its scripts have run: an answer that was fetched, opened in a browser.

Its scripts, what they fetch and frames of its own origin are asked for by `ask`, which keeps the
crawl's bounds; whatever else it wants, and where it wants to go, it does not get. It is done when
it has asked for nothing for a moment and has nothing left to do.
"""

import asyncio
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from crawler.fetching.browser import Browser
from crawler.fetching.politeness import NotSent

if TYPE_CHECKING:
    from playwright.async_api import BrowserContext, Page, Request, Route

QUIET: Final = 0.5  # seconds without a request, after which a page is done
STUCK: Final = 10.0  # seconds without a request, after which it is taken as it is
LONGEST: Final = 60.0  # seconds of a page in all, waiting for its turns included
MOST_REQUESTS: Final = 60
MOST_BYTES: Final = 20 * 2**20  # of all that it asks for
MOST_FRAMES: Final = 10  # of its own origin, whose pages are shown in it
DEEPEST: Final = 5  # shadow roots and frames in one another
MOST_MEMORY: Final = 2**30  # bytes of the browser that shows it

_LOOK = 0.1
_MEMORY_LOOK = 0.5
_ASKED_FOR = frozenset({"script", "fetch", "xhr"})
_NOT_SENT_ON = frozenset({"content-encoding", "content-length", "set-cookie", "transfer-encoding"})
_NO_CONTENT = 204
_REST = "new Promise(done => requestIdleCallback(done, {timeout: 2000}))"
_COMPOSED = Path(__file__).with_name("composed.js")


class NotRendered(Exception):
    """The browser could not show the page: its message says why."""


@dataclass(frozen=True, slots=True)
class Answer:
    """To a request, with its content encodings undone. Names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def sent_on(self) -> dict[str, str]:
        return {name: it for name, it in self.headers.items() if name not in _NOT_SENT_ON}


Ask = Callable[["Request"], Awaitable[Answer | None]]
"""Answers what a page asks for by GET; None where it gets nothing."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A page as its scripts left it. `requests` were answered, and `refused` not, for they would
    have posted something; `complete` says whether it came to rest by itself."""

    html: str
    browser: str
    requests: int
    refused: int
    complete: bool


async def render(
    browser: Browser,
    url: str,
    document: Answer,
    ask: Ask,
    *,
    most_characters: int,
    stopped: Callable[[], bool] = lambda: False,
) -> Rendered:
    """The page at `url`, of which `document` is the answer, as its scripts leave it.

    Raises NotRendered, with the browser ended where the page may still be at work in it, and
    NotSent when the crawl is stopped meanwhile.
    """
    shown = asyncio.create_task(_Showing(url, document, ask, most_characters).show(browser))
    try:
        await _watch(shown, browser, stopped)
        return shown.result()
    except (NotRendered, NotSent):
        await _end(shown, browser)
        raise
    except Exception as error:
        await _end(shown, browser)
        # Ctrl-C reaches the browser too, and may do so first.
        await asyncio.sleep(_MEMORY_LOOK)
        if stopped():
            raise NotSent("the crawl was stopped") from error
        lines = str(error).splitlines() or [type(error).__name__]
        raise NotRendered(lines[0][:200]) from error


async def _watch(shown: "asyncio.Task[Rendered]", browser: Browser, stopped: Any) -> None:
    """Wait until it is done. Raises NotRendered when it takes too long or too much, and NotSent."""
    until = time.monotonic() + LONGEST + 2 * STUCK
    while not (await asyncio.wait({shown}, timeout=_MEMORY_LOOK))[0]:
        if stopped():
            raise NotSent("the crawl was stopped")
        if time.monotonic() > until:
            raise NotRendered("never came to an end")
        if browser.memory() > MOST_MEMORY:
            raise NotRendered("took too much memory")


async def _end(shown: "asyncio.Task[Rendered]", browser: Browser) -> None:
    await browser.kill()
    shown.cancel()
    with suppress(asyncio.CancelledError, Exception):
        await shown


class _Showing:
    """One page in a browser, and what it asked for."""

    def __init__(self, url: str, document: Answer, ask: Ask, most_characters: int) -> None:
        self._url = url
        self._document = document
        self._ask = ask
        self._html = _composed(most_characters)
        self._frames = 0
        self._refused = 0
        self._opened = False
        self._requests = 0
        self._bytes = 0
        self._under_way = 0
        self._last = time.monotonic()  # when it was last given something

    async def show(self, browser: Browser) -> Rendered:
        async with browser.context() as context:
            await context.route("**/*", self._answer)
            page = await context.new_page()
            context.on("page", _close)
            self._last = time.monotonic()  # the browser may have taken long to start
            opening = asyncio.create_task(page.goto(self._url, wait_until="domcontentloaded"))
            try:
                loaded = await self._is_loaded(opening)
                frame = await asyncio.wait_for(_Frame.of(context, page), STUCK)
                complete = loaded and await self._comes_to_rest(frame)
                html = await frame.evaluate(self._html)
            except TimeoutError:
                raise NotRendered("its scripts never come to an end") from None
            finally:
                opening.cancel()
                with suppress(asyncio.CancelledError, Exception):
                    await opening
            if not isinstance(html, str):
                raise NotRendered("too large")
            complete = complete and self._requests < MOST_REQUESTS
            return Rendered(html, browser.product, self._requests, self._refused, complete)

    async def _is_loaded(self, opening: "asyncio.Task[Any]") -> bool:
        """Whether its document was read to its end; raises what kept the browser from it."""
        while not opening.done():
            await asyncio.wait({opening}, timeout=_LOOK)
            if self._is_stuck() and not opening.done():
                return False
        opening.result()
        return True

    async def _comes_to_rest(self, frame: "_Frame") -> bool:
        began = time.monotonic()
        while not self._is_stuck() and time.monotonic() - began < LONGEST:
            if not self._is_quiet():
                await asyncio.sleep(_LOOK)
                continue
            last = self._last
            await frame.evaluate(_REST)
            if last == self._last and self._is_quiet():
                return True
        return False

    def _is_quiet(self) -> bool:
        return not self._under_way and time.monotonic() - self._last >= QUIET

    def _is_stuck(self) -> bool:
        return not self._under_way and time.monotonic() - self._last >= STUCK

    async def _answer(self, route: "Route") -> None:
        request = route.request
        # The page, or the browser, may be gone when the answer is there.
        with suppress(Exception):
            if request.is_navigation_request() and not self._is_own_frame(request):
                await self._open(route)
            elif (answer := await self._asked(request)) is None:
                await route.abort()
            else:
                await route.fulfill(status=answer.status, headers=answer.sent_on, body=answer.body)

    async def _open(self, route: "Route") -> None:
        """The page itself, once; where else it wants to go it stays where it is."""
        if self._opened:
            await route.fulfill(status=_NO_CONTENT)
            return
        self._opened = True
        document = self._document
        await route.fulfill(status=document.status, headers=document.sent_on, body=document.body)
        self._last = time.monotonic()

    def _is_own_frame(self, request: "Request") -> bool:
        """Whether a frame of the page opens one of its own origin, and may."""
        try:
            is_frame = request.frame.parent_frame is not None
        except Exception:  # the page's own has no frame yet, as Playwright sees it
            return False
        if not (self._opened and is_frame and _origin(request.url) == _origin(self._url)):
            return False
        self._frames += 1
        return self._frames <= MOST_FRAMES

    async def _asked(self, request: "Request") -> Answer | None:
        is_frame = request.is_navigation_request()
        if request.resource_type not in _ASKED_FOR and not is_frame:
            return None
        if request.method != "GET":
            self._refused += 1
            return None
        if self._requests >= MOST_REQUESTS or self._bytes >= MOST_BYTES:
            return None
        self._requests += 1
        self._under_way += 1
        try:
            answer = await self._ask(request)
        finally:
            self._under_way -= 1
            self._last = time.monotonic()
        self._bytes += 0 if answer is None else len(answer.body)
        return answer


@dataclass(frozen=True, slots=True)
class _Frame:
    """The page's own frame, seen from a world of its own, where its scripts are not."""

    session: Any
    world: int

    @classmethod
    async def of(cls, context: "BrowserContext", page: "Page") -> "_Frame":
        session = await context.new_cdp_session(page)
        tree = await session.send("Page.getFrameTree")
        frame = {"frameId": tree["frameTree"]["frame"]["id"]}
        world = await session.send("Page.createIsolatedWorld", frame)
        return cls(session, world["executionContextId"])

    async def evaluate(self, expression: str) -> Any:
        """Raises TimeoutError where the page lets nobody in."""
        asked = {
            "expression": expression,
            "contextId": self.world,
            "awaitPromise": True,
            "returnByValue": True,
        }
        told = await asyncio.wait_for(self.session.send("Runtime.evaluate", asked), STUCK)
        return told["result"].get("value")


@cache
def _composed(most_characters: int) -> str:
    """The expression that gives the page; null where it has more characters."""
    program = _COMPOSED.read_text(encoding="utf-8")
    bounds = {"MOST": most_characters, "DEEPEST": DEEPEST, "FRAMES": MOST_FRAMES}
    for name, bound in bounds.items():
        program = re.sub(rf"\b{name}\b", str(bound), program)
    return program


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc


async def _close(page: "Page") -> None:
    """One that the page opened."""
    with suppress(Exception):
        await page.close()
