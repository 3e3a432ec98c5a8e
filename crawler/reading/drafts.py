"""The drafts of the pages that this run has read, so that what is learned of them is applied to
them without reading them again."""

from collections import OrderedDict, defaultdict

MOST_BYTES = 64 * 2**20
"""Of all drafts that are kept; a page's takes 3 to 30 kB. The oldest goes first, and its page is
read again when it is asked for."""


class Drafts:
    """Drafts by the fetch that brought their page, within bounded memory."""

    def __init__(self, most: int = MOST_BYTES) -> None:
        self._most = most
        self._size = 0
        self._drafts: OrderedDict[int, tuple[int, bytes]] = OrderedDict()
        self._fetches: defaultdict[int, set[int]] = defaultdict(set)  # by source

    def keep(self, source_id: int, fetch_id: int, draft: bytes) -> None:
        self._drop(fetch_id)
        self._drafts[fetch_id] = source_id, draft
        self._fetches[source_id].add(fetch_id)
        self._size += len(draft)
        while self._size > self._most:
            self._drop(next(iter(self._drafts)))

    def of(self, fetch_id: int) -> bytes | None:
        """The draft of the page of that fetch, None where it is not kept."""
        kept = self._drafts.get(fetch_id)
        return None if kept is None else kept[1]

    def forget(self, source_id: int) -> None:
        """Let go of the source's."""
        for fetch_id in tuple(self._fetches[source_id]):
            self._drop(fetch_id)
        del self._fetches[source_id]

    def _drop(self, fetch_id: int) -> None:
        if fetch_id in self._drafts:
            source_id, draft = self._drafts.pop(fetch_id)
            self._fetches[source_id].discard(fetch_id)
            self._size -= len(draft)
