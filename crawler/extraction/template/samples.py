"""What one page teaches of its layout's template."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

from crawler.extraction.template.outline import Entry
from crawler.extraction.template.skeleton import Skeleton, likeness

RENDERED = timedelta(minutes=2)
"""A modified time so near to the fetch is the server's clock."""

MOST_LINES = 40  # of what came or went on a page
_AS_BUILT = 0.7  # how alike a page is that was not rebuilt


@dataclass(frozen=True, slots=True)
class PageSample:
    """A page as it was last fetched, `at`; `outline` as in `Article.outline`.

    `announced`: its publisher said then that it changed; `new`: it was first seen then. `edited`
    are the keys of blocks that an edit brought, and how these begin: a redesign gives them other
    keys. `came` and `went` are lines of outlines that came and went on the page while nobody
    announced a change.
    """

    skeleton: Skeleton
    outline: Sequence[str]
    at: datetime | None = None
    announced: bool = False
    new: bool = False
    title: str = ""
    modified_at: datetime | None = None
    edited: frozenset[str] = frozenset()
    came: tuple[str, ...] = ()
    went: tuple[str, ...] = ()

    def to_json(self) -> str:
        """Canonical JSON."""
        data = asdict(self) | {
            "at": self.at and self.at.isoformat(),
            "modified_at": self.modified_at and self.modified_at.isoformat(),
            "edited": sorted(self.edited),
        }
        return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> "PageSample":
        """Raises ValueError for what `to_json` cannot have written."""
        try:
            data = json.loads(text)
            return cls(
                skeleton=tuple(map(int, data["skeleton"])),
                outline=tuple(map(str, data["outline"])),
                at=data["at"] and datetime.fromisoformat(data["at"]),
                announced=bool(data["announced"]),
                new=bool(data["new"]),
                title=str(data["title"]),
                modified_at=data["modified_at"] and datetime.fromisoformat(data["modified_at"]),
                edited=frozenset(map(str, data["edited"])),
                came=tuple(map(str, data["came"])),
                went=tuple(map(str, data["went"])),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"no sample of a page: {error}") from error

    def after(self, before: "PageSample") -> "PageSample":
        """The same with what came and went on the page since it was sampled before."""
        came, went = before.came, before.went
        announced = self.announced or says_modified(
            before.modified_at, self.modified_at, since=before.at, at=self.at
        )
        if not announced and likeness(self.skeleton, before.skeleton) >= _AS_BUILT:
            came = _latest(came, _beyond(self.outline, before.outline))
            went = _latest(went, _beyond(before.outline, self.outline))
        edited = self.edited | before.edited
        return replace(self, announced=announced, new=False, edited=edited, came=came, went=went)


def says_modified(
    then: datetime | None,
    now: datetime | None,
    *,
    since: datetime | None,
    at: datetime | None,
) -> bool:
    """Whether a page's modified time, which was `then` when it was fetched at `since`, says that
    it was modified by the time it was fetched again."""
    if now is None or now == then or (at is not None and abs(at - now) <= RENDERED):
        return False
    return then is not None or (since is not None and now > since)


def _beyond(outline: Sequence[str], other: Sequence[str]) -> list[str]:
    known = {Entry.parse(line).key for line in other}
    entries = ((line, Entry.parse(line)) for line in outline)
    return [line for line, entry in entries if entry.kept and entry.key not in known]


def _latest(lines: Sequence[str], more: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*more, *lines]))[:MOST_LINES]
