"""What goes into a judgement, and what comes out of it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from crawler.judging.comparison import Signature
from crawler.judging.pages import PageText
from storage.models import ArticleState

Transition = tuple[str, str]
"""The layouts that a page had before and has now."""


class Finding(StrEnum):
    """What a look meant."""

    UNCHANGED = "unchanged"
    SITE_CHANGE = "site-change"
    EDITED = "edited"
    COMPLETED = "completed"
    AWAY = "away"
    WALLED = "walled"
    UNDECIDED = "undecided"
    UNREACHABLE = "unreachable"


class Sureness(StrEnum):
    """How sure a finding is."""

    CERTAIN = "certain"
    LIKELY = "likely"
    GUESSED = "guessed"


@dataclass(frozen=True, slots=True)
class Look:
    """A page of one article as it was looked at in a session.

    `before` was fetched at `since`; it is None for an article that is new. `after` is None where
    the page shows none; then `away` says what became of it, None where it did not answer, and
    `target` where it moved to. `waited` is in how many sessions it was undecided before, and
    `pending` what it showed in the last of these; `picked`, that it was looked at for no reason
    of its own.
    """

    number: int
    article: int
    at: datetime
    before: PageText | None = None
    after: PageText | None = None
    away: ArticleState | None = None
    target: str | None = None
    announced: bool = False
    picked: bool = False
    waited: int = 0
    pending: PageText | None = None
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """`reason` is for people; `mass`: other articles were edited in the same words. `came` are the
    keys of the blocks that an edit brought, and how these begin; `stayed`, that the page showed it
    when it was first found to differ, and `moved_on`, that it shows more of the kind since."""

    number: int
    finding: Finding
    sureness: Sureness = Sureness.CERTAIN
    reason: str = ""
    mass: bool = False
    came: frozenset[str] = frozenset()
    stayed: bool = False
    moved_on: bool = False


@dataclass(frozen=True, slots=True)
class SiteChange:
    """What changed alike on a source's pages of two layouts, or of one (`came_from` is it too).
    `pages` were compared, and some of it was seen on `shown` of them: on none where it came and
    went between two looks."""

    transition: Transition
    signatures: frozenset[Signature]
    pages: int
    shown: int


@dataclass(frozen=True, slots=True)
class Judgement:
    """`wants_controls`: some of it would be told better by other articles' pages."""

    findings: tuple[Judged, ...]
    site_changes: tuple[SiteChange, ...] = ()
    wants_controls: bool = False
    unreachable: bool = False
