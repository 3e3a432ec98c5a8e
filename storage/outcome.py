"""What one check of one address found. Who reads pages names it too, and needs no database."""

from enum import StrEnum


class Outcome(StrEnum):
    """What one check of one address found."""

    FETCHED = "fetched"
    UNCHANGED = "unchanged"
    MOVED = "moved"
    GONE = "gone"
    NOT_FOUND = "not-found"
    BLOCKED = "blocked"
    FAILED = "failed"
    CHALLENGE = "challenge"
    PAYWALL = "paywall"
    NOT_ARTICLE = "not-article"
    UNREADABLE = "unreadable"
