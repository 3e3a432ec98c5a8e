"""AutoThrottle with each source's own delay as its floor."""

from scrapy import Request, Spider
from scrapy.extensions.throttle import AutoThrottle
from scrapy.http import Response


class SourceThrottle(AutoThrottle):
    """Slows down with a host's latency, never below its source's delay.

    A source with a delay of 0 is not slowed at all: its operator said so.
    """

    def _response_downloaded(self, response: Response, request: Request, spider: Spider) -> None:
        _, slot = self._get_slot(request, spider)
        floor = request.meta.get("source_delay")
        if slot is None or floor == 0:
            return
        super()._response_downloaded(response, request, spider)
        slot.delay = max(slot.delay, floor or self.mindelay)
