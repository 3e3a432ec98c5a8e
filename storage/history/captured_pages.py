"""What versioning is given of a page that was fetched and read, and what it says of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from storage.history.new_reading import NewReading


@dataclass(frozen=True, slots=True)
class Captured:
    """A page that was fetched and has now been read; `sample` is what it teaches of the source's
    templates, as JSON.

    `judged` says that what differs is the publisher's edit, or, where it `shows` a version, that
    it shows that one; with the reason, and from 0 to 1 how sure that is, None for no doubt.
    `completes` is the whole text of an article of which a part was known. `imported_at` is when an
    import brought it: then one that was fetched before what is known of its article is Deferred
    (history.past).
    """

    fetch_id: int
    address_id: int
    fetched_at: datetime
    reading: NewReading
    sample: str = ""
    judged: bool = False
    shows: int | None = None
    reason: str | None = None
    confidence: float | None = None
    completes: bool = False
    imported_at: datetime | None = None


class Change(StrEnum):
    """What a reading meant for the archive."""

    NEW_ARTICLE = "new article"
    NEW_VERSION = "new version"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class Recorded:
    """`change` and the version that was seen."""

    change: Change
    article_id: int
    version_id: int


@dataclass(frozen=True, slots=True)
class Deferred:
    """Nothing was recorded: the page differs from the version that its address showed, and is to
    come again `judged`; `dismissed` where the article proved to be none."""

    article_id: int | None
    version_id: int | None
    dismissed: bool = False
