"""Fetches pages as a crawl would, with its bounds and its guard, and archives nothing."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.http import Response
from scrapy.settings import Settings
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from crawler import settings as module
from crawler.answers.outcomes import outcome_of_failure
from crawler.fetching.polite_handler import SLOT
from crawler.fetching.politeness import DEFAULT_DELAY, Politeness
from crawler.fetching.robots import GivenCopies, RobotsAnswer
from crawler.middlewares.private_addresses import PRIVATE_HOSTS
from storage.frontier.addresses import InvalidURL, normalize
from storage.frontier.domains import registered_domain
from storage.frontier.robots_txt import RobotsCopy
from storage.frontier.sources import source_name

_CONNECTING = 0.25  # seconds by which a first request may arrive later than it was sent


class FetchError(Exception):
    """The page can't be had. The message says why."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A page: the URL it is at after redirects, its body with content encodings undone, and its
    headers."""

    url: str
    body: bytes = field(repr=False)
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class Host:
    """How a host is asked: seconds between two requests, seconds since anybody asked it last (None
    where nobody did), and whether it may be at a private address."""

    delay: float = DEFAULT_DELAY
    idle: float | None = None
    private: bool = False


Take = Callable[[str, "Fetched | FetchError"], None]


class _Pages(Spider):
    name = "pages"

    def __init__(
        self,
        urls: Sequence[str],
        hosts: Mapping[str, Host],
        take: Take,
        largest: int | None,
        copies: Mapping[str, RobotsCopy],
        hand_over: Callable[[RobotsAnswer], None] | None,
        **settings: Any,
    ) -> None:
        super().__init__(**settings)
        self.politeness = Politeness(most=module.ADDRESS_CONCURRENCY, rate=module.ADDRESS_RATE)
        self.robots_copies = GivenCopies(copies)
        self.hand_over_robots = hand_over
        self._urls = urls
        self._hosts = hosts
        self._take = take
        self._meta = {} if largest is None else {"download_maxsize": largest}

    async def start(self) -> AsyncIterator[Request]:
        for url in self._urls:
            host = self._hosts.get(urlsplit(url).netloc, Host())
            delay = host.delay and host.delay + _CONNECTING
            slot = self.politeness.slot(
                registered_domain(url), source_name(url), delay, idle=host.idle
            )
            yield Request(
                url,
                callback=self.answered,
                errback=self.failed,
                cb_kwargs={"asked": url},
                meta={**self._meta, SLOT: slot},
                dont_filter=True,
            )

    def answered(self, response: Response, asked: str) -> None:
        headers = response.headers.to_unicode_dict()
        given = {str(name): value for name, value in headers.items()}
        self._take(asked, Fetched(response.url, response.body, given))

    def failed(self, failure: Failure) -> None:
        asked = failure.request.cb_kwargs["asked"]  # type: ignore[attr-defined]
        error = failure.value or RuntimeError("unknown")
        if isinstance(error, HttpError):
            why = f"HTTP {error.response.status}"
        else:
            why = outcome_of_failure(error).detail
        self._take(asked, FetchError(why))


def fetch(url: str, *, allow_private: bool = False) -> tuple[bytes, dict[str, str]]:
    """The body, content encodings undone, and the headers of the page at `url`.

    As `fetch_all`. Raises FetchError.
    """
    try:
        url = normalize(url)
    except InvalidURL as error:
        raise FetchError(str(error)) from error
    answers: list[Fetched | FetchError] = []
    host = Host(delay=0, private=allow_private)
    fetch_all([url], lambda _, answer: answers.append(answer), hosts={urlsplit(url).netloc: host})
    if not answers:
        raise FetchError("no answer")
    if isinstance(answers[0], FetchError):
        raise answers[0]
    return answers[0].body, answers[0].headers


def fetch_all(
    urls: Sequence[str],
    take: Take,
    *,
    hosts: Mapping[str, Host],
    largest: int | None = None,
    copies: Mapping[str, RobotsCopy] = MappingProxyType({}),
    hand_over: Callable[[RobotsAnswer], None] | None = None,
) -> None:
    """Hand to `take` each of the normalised URLs and what is there, as it comes; `largest` bounds a
    body's bytes. `copies` are of robots.txt, by origin; `hand_over` takes what each that is asked
    for answered.

    Follows redirects; `hosts` are those that are asked otherwise than any other, by host and port.
    Call it once a process: Twisted's reactor can't be started again.
    """
    settings = Settings()
    settings.setmodule(module)
    settings.update({"ITEM_PIPELINES": {}, "EXTENSIONS": {}, "LOG_LEVEL": "CRITICAL"})
    settings.set(PRIVATE_HOSTS, [name for name, host in hosts.items() if host.private])
    process = AsyncCrawlerProcess(settings)
    process.crawl(
        _Pages,
        urls=urls,
        hosts=hosts,
        take=take,
        largest=largest,
        copies=copies,
        hand_over=hand_over,
    )
    process.start()
