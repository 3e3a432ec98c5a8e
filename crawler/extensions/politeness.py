"""AutoThrottle with each source's own delay as its floor."""

from scrapy import Request, Spider
from scrapy.extensions.throttle import AutoThrottle
from scrapy.http import Response


class SourceThrottle(AutoThrottle):
    """Slows down with a host's latency, never below its source's delay.

    A source with a delay of 0 is not slowed at all: its operator said so.
    """

    def _response_downloaded(self, response: Response, request: Request, spider: Spider) -> None:
        key, slot = self._get_slot(request, spider)
        if key is None or slot is None or self.crawler.engine is None:
            return
        floor = self.crawler.engine.downloader.per_slot_settings.get(key, {}).get("delay")
        if floor == 0:
            return
        super()._response_downloaded(response, request, spider)
        slot.delay = max(slot.delay, floor or self.mindelay)
