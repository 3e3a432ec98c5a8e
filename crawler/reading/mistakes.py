"""Pages that show a mistake in what reads them: each costs itself alone, until there are many."""

import logging
from typing import Final

from crawler.extraction import PageInput
from crawler.process.printable import printable
from crawler.reading.worker import NoArticle
from storage.outcome import Outcome

logger = logging.getLogger(__name__)

MOST: Final = 10  # in a row


class Mistakes:
    """How many pages in a row showed one."""

    def __init__(self) -> None:
        self.in_a_row = 0

    def of(self, page: PageInput, error: Exception) -> NoArticle:
        """The page is unreadable. Raises the mistake when many pages in a row show one: then it is
        not the pages."""
        self.in_a_row += 1
        if self.in_a_row >= MOST:
            raise error
        # A page may be quoted in it.
        what = printable(" ".join(f"{type(error).__name__}: {error}"[:300].split()))
        logger.warning("%s can't be read by a mistake: %s", page.url, what)
        return NoArticle(Outcome.UNREADABLE, f"mistake: {what}")
