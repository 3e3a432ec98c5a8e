"""Tells what a URL is that a person gives, by looking at it: an article, a feed, a front page …

Nothing of the look is archived: it decides what the archive is to fetch.
"""

import multiprocessing
import resource
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from types import FrameType, MappingProxyType

from crawler.discovery.candidates import own
from crawler.discovery.discover import ResponseKind, read
from crawler.discovery.errors import DiscoveryError
from crawler.discovery.sitemaps import MAX_BYTES
from crawler.extraction import ExtractionError, PageInput, PageKind, extract
from crawler.fetching.robots import RobotsAnswer
from crawler.probing.fetch import Fetched, FetchError, Host, fetch_all
from storage.frontier.addresses import InvalidURL, host_of, is_front_page, normalize, site_host
from storage.frontier.robots_txt import RobotsCopy


class Kind(StrEnum):
    """What is at a URL."""

    FRONT = "front"
    SECTION = "section"
    FEED = "feed"
    SITEMAP = "sitemap"
    """Also a list of URLs."""
    ARTICLE = "article"
    PAGE = "page"
    """None of the others, as far as can be seen: a wall, a film, a challenge."""


@dataclass(frozen=True, slots=True)
class Look:
    """What is at a URL. `url` is where redirects led, normalised; `kind` is None where nothing
    could be had, and `detail` then says why; else what is particular about it, if anything."""

    given: str
    url: str
    kind: Kind | None
    detail: str | None = None


_MEMORY = 4 * 2**30  # bytes of address space, for the look alone
_PATIENCE = 20  # seconds, to tell what a page is
_GRACE = 2.0  # seconds, to end in
_WALLS = {PageKind.CONSENT: "a consent wall", PageKind.CHALLENGE: "a challenge"}


def look_at(
    urls: Sequence[str],
    hosts: Mapping[str, Host],
    *,
    copies: Mapping[str, RobotsCopy] = MappingProxyType({}),
    hand_over: Callable[[RobotsAnswer], None] | None = None,
) -> list[Look]:
    """What is at each of the URLs, which are normalised, in their order; `hosts` says how some of
    their hosts are to be asked. `copies` are of robots.txt, by origin; `hand_over` takes what each
    that is asked for answered.

    In a process of its own, so that a crawl can follow in this one. It inherits this one's open
    files: no connection to a database may be among them.
    """
    # Not a fork: it would have whatever reactor this process has.
    spawning = multiprocessing.get_context("spawn")
    ours, theirs = spawning.Pipe(duplex=False)
    process = spawning.Process(target=_look_at, args=(theirs, list(urls), hosts, dict(copies)))
    looks: dict[str, Look] = {}
    with _interruptible():
        process.start()
        theirs.close()
        try:
            while True:
                told: Look | RobotsAnswer = ours.recv()
                if isinstance(told, Look):
                    looks[told.given] = told
                elif hand_over is not None:
                    hand_over(told)
        except EOFError:
            process.join()
        finally:
            ours.close()
            _end(process)
    return [looks.get(url) or Look(url, url, None, "no answer") for url in urls]


def what_is(given: str, url: str, body: bytes, headers: Mapping[str, str]) -> Look:
    """What this answer is; pure."""
    url = normalize(url)
    fields = {name.lower(): value for name, value in headers.items()}
    content_type = fields.get("content-type")
    try:
        found = read(body, url=url, content_type=content_type, link_header=fields.get("link", ""))
    except DiscoveryError as error:
        return Look(given, url, None, f"no page, feed or sitemap: {error}")
    if found.kind is ResponseKind.ROBOTS:
        return Look(given, normalize("/", base=url), Kind.FRONT)
    if found.kind in (ResponseKind.FEED, ResponseKind.SITEMAP):
        host = host_of(url)
        if found.candidates and not any(own(found.candidates, host)):
            others = sorted({site_host(host_of(it.url)) for it in found.candidates})
            return Look(
                given,
                url,
                None,
                f"a {found.kind} of other sites' pages alone ({', '.join(others[:3])}): add those",
            )
        return Look(given, url, Kind(found.kind.value))
    if is_front_page(url):
        return Look(given, url, Kind.FRONT)
    try:
        kind = extract(PageInput(body, url=url, headers=headers)).kind
    except ExtractionError as error:
        return Look(given, url, None, f"no page that can be read: {error}")
    if kind in (PageKind.ARTICLE, PageKind.LIVE_BLOG):
        return Look(given, url, Kind.ARTICLE)
    if kind is PageKind.LISTING:
        return Look(given, url, Kind.SECTION)
    if kind in (PageKind.SOFT_404, PageKind.ERROR):
        return Look(given, url, None, "a page that says there is none")
    return Look(given, url, Kind.PAGE, _WALLS.get(kind, f"{kind} without an article"))


def _look_at(
    answers: Connection,
    urls: list[str],
    hosts: Mapping[str, Host],
    copies: Mapping[str, RobotsCopy],
) -> None:
    # As a reader of a crawl: what is too much of a page for it costs this process alone.
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    signal.signal(signal.SIGALRM, _give_up)

    def take(given: str, answer: Fetched | FetchError) -> None:
        if isinstance(answer, FetchError):
            why = str(answer).removeprefix("robots.txt out of reach: ")
            answers.send(Look(given, given, None, why))
            return
        try:
            signal.alarm(_PATIENCE)
            look = what_is(given, answer.url, answer.body, answer.headers)
        except (TimeoutError, MemoryError, InvalidURL) as error:
            look = Look(given, given, None, f"can't be read: {error or type(error).__name__}")
        finally:
            signal.alarm(0)
        answers.send(look)

    fetch_all(
        list(dict.fromkeys(urls)),
        take,
        hosts=hosts,
        largest=MAX_BYTES,
        copies=copies,
        hand_over=answers.send,
    )
    answers.close()


def _give_up(_number: int, _frame: FrameType | None) -> None:
    raise TimeoutError(f"not within {_PATIENCE} seconds")


@contextmanager
def _interruptible() -> Iterator[None]:
    """SIGTERM is KeyboardInterrupt meanwhile, so that nothing is left running."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _end(process: BaseProcess) -> None:
    """End what was interrupted: Scrapy stops at the second signal at the latest."""
    for end in (process.terminate, process.terminate, process.kill):
        if not process.is_alive():
            return
        end()
        process.join(_GRACE)
