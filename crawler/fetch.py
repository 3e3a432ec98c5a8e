"""Fetches one page as a crawl would, with its bounds and its guard, and archives nothing."""

from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.http import Response
from scrapy.settings import Settings
from twisted.python.failure import Failure

from crawler import settings as module
from crawler.middlewares.private_addresses import PRIVATE_HOSTS
from crawler.outcomes import outcome_of_failure
from storage.frontier.addresses import InvalidURL, normalize


class FetchError(Exception):
    """The page can't be had. The message says why."""


class _OnePage(Spider):
    name = "one-page"

    def __init__(self, url: str, answer: list[Response | FetchError], **settings: Any) -> None:
        super().__init__(**settings)
        self._url = url
        self._answer = answer

    async def start(self) -> AsyncIterator[Request]:
        yield Request(self._url, callback=self.answered, errback=self.failed)

    def answered(self, response: Response) -> None:
        self._answer.append(response)

    def failed(self, failure: Failure) -> None:
        why = outcome_of_failure(failure.value or RuntimeError("unknown"))
        self._answer.append(FetchError(why.detail))


def fetch(url: str, *, allow_private: bool = False) -> tuple[bytes, dict[str, str]]:
    """The body, content encodings undone, and the headers of the page at `url`.

    Follows redirects. Call it once a process: Twisted's reactor can't be started again. Raises
    FetchError.
    """
    try:
        url = normalize(url)
    except InvalidURL as error:
        raise FetchError(str(error)) from error
    settings = Settings()
    settings.setmodule(module)
    settings.update({"ITEM_PIPELINES": {}, "EXTENSIONS": {}, "LOG_LEVEL": "CRITICAL"})
    if allow_private:
        settings.set(PRIVATE_HOSTS, [urlsplit(url).netloc])
    answer: list[Response | FetchError] = []
    process = AsyncCrawlerProcess(settings)
    process.crawl(_OnePage, url=url, answer=answer)
    process.start()
    if not answer:
        raise FetchError("no answer")
    if isinstance(answer[0], FetchError):
        raise answer[0]
    headers = answer[0].headers.to_unicode_dict()
    return answer[0].body, {str(name): value for name, value in headers.items()}
