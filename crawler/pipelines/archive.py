"""Hands each check to the archiver."""

from scrapy.crawler import Crawler

from crawler.archiving import Archiver
from crawler.spiders.news import NewsSpider
from storage.frontier.checks import Check


class ArchivePipeline:
    """An item is done with once it is on record."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> "ArchivePipeline":
        return cls(crawler)

    async def process_item(self, item: Check) -> Check:
        await self._archiver.archive(item)
        return item

    async def close_spider(self) -> None:
        await self._archiver.finish()

    @property
    def _archiver(self) -> Archiver:
        spider = self._crawler.spider
        if not isinstance(spider, NewsSpider):
            raise TypeError("the pipeline works for the news spider alone")
        return spider.crawl.archiver
