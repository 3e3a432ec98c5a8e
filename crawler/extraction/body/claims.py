"""What a page's metadata claim of its article, for finding it among the page's blocks."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Claims:
    """`article` says that the page is one."""

    title: str = ""
    authors: Sequence[str] = ()
    descriptions: Sequence[str] = ()
    article_body: str | None = None
    article: bool = False


NOTHING_CLAIMED = Claims()
