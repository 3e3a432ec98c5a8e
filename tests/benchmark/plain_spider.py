"""The plain way to archive pages: Scrapy, Trafilatura inline, a row an item."""

import sqlite3
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import trafilatura
from scrapy import Request, Spider
from scrapy.crawler import AsyncCrawlerProcess
from scrapy.http import Response


class PlainSpider(Spider):
    """Fetches every URL of a file and inserts what Trafilatura makes of it."""

    name = "plain"

    def __init__(self, urls: Path, database: Path, **settings: Any) -> None:
        super().__init__(**settings)
        self._urls = urls.read_text(encoding="utf-8").split()
        self._rows = sqlite3.connect(database)
        self._rows.execute("CREATE TABLE page (url TEXT PRIMARY KEY, document TEXT)")

    async def start(self) -> AsyncIterator[Request]:
        for url in self._urls:
            yield Request(url, callback=self.parse)

    def parse(self, response: Response) -> None:
        document = trafilatura.extract(
            response.body, url=response.url, output_format="json", with_metadata=True
        )
        with self._rows:
            self._rows.execute("INSERT INTO page VALUES (?, ?)", (response.url, document))


def main() -> None:
    """plain_spider URLS DATABASE"""
    process = AsyncCrawlerProcess(
        {
            "LOG_LEVEL": "CRITICAL",
            "ROBOTSTXT_OBEY": True,
            "CONCURRENT_REQUESTS": 64,
            "COOKIES_ENABLED": False,
            "REMOTE_CONTROL_ENABLED": False,
            "TELNETCONSOLE_ENABLED": False,
        }
    )
    process.crawl(PlainSpider, urls=Path(sys.argv[1]), database=Path(sys.argv[2]))
    process.start()


if __name__ == "__main__":
    main()
