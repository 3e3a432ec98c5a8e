"""What one page teaches of its layout's template."""

import json
from collections.abc import Sequence, Set
from dataclasses import dataclass, fields, replace
from datetime import datetime, timedelta

from crawler.extraction.template.outline import Entry
from crawler.extraction.template.skeleton import Skeleton, likeness
from crawler.extraction.template.template import NO_TEMPLATE, Template

RENDERED = timedelta(minutes=2)
"""A modified time so near to the fetch is the server's clock."""

MOST_LINES = 40  # of what came or went on a page
_AS_BUILT = 0.7  # how alike a page is that was not rebuilt


@dataclass(frozen=True, slots=True)
class PageSample:
    """A page as it was last fetched, `at`; `outline` and `bylines` as in `Article`.

    `announced`: its publisher said then that it changed; `new`: it was first seen then. `edited`
    are the keys of blocks that an edit brought, and how these begin: a redesign gives them other
    keys. `came` and `went` are lines of outlines that came and went on the page while nobody
    announced a change, `returned` the keys of those that came twice, or went twice; `counted` the
    keys of blocks in which a number alone moved then. The others are words keys, of a page that was
    rebuilt: `carried` of blocks that its article's text had before and has, `brought` of those that
    it has since, and `shed` of those that were none of the article's before.
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
    returned: frozenset[str] = frozenset()
    counted: frozenset[str] = frozenset()
    carried: frozenset[str] = frozenset()
    brought: frozenset[str] = frozenset()
    shed: frozenset[str] = frozenset()
    bylines: tuple[str, ...] = ()

    def to_json(self) -> str:
        """Canonical JSON."""
        data = {field.name: getattr(self, field.name) for field in fields(self)} | {
            "at": self.at and self.at.isoformat(),
            "modified_at": self.modified_at and self.modified_at.isoformat(),
            "edited": sorted(self.edited),
            "returned": sorted(self.returned),
            "counted": sorted(self.counted),
            "carried": sorted(self.carried),
            "brought": sorted(self.brought),
            "shed": sorted(self.shed),
        }
        return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> "PageSample":
        """Raises ValueError for what `to_json` cannot have written; it wrote once nothing of pages
        that were rebuilt, nor of numbers and bylines."""
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
                returned=frozenset(map(str, data.get("returned", ()))),
                counted=frozenset(map(str, data.get("counted", ()))),
                carried=frozenset(map(str, data.get("carried", ()))),
                brought=frozenset(map(str, data.get("brought", ()))),
                shed=frozenset(map(str, data.get("shed", ()))),
                bylines=tuple(map(str, data.get("bylines", ()))),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"no sample of a page: {error}") from error

    def with_edit(self, came: Set[str]) -> "PageSample":
        """The same once it is known what an edit brought: the rest tells what the site does."""
        return replace(self, edited=self.edited | came, announced=False)

    def after(self, before: "PageSample", template: Template = NO_TEMPLATE) -> "PageSample":
        """The same with what came and went on the page since it was sampled before, when `template`
        was that of its layout."""
        announced = self.announced or says_modified(
            before.modified_at, self.modified_at, since=before.at, at=self.at
        )
        after = replace(
            self,
            announced=announced,
            new=False,
            edited=self.edited | before.edited,
            came=before.came,
            went=before.went,
            returned=before.returned,
            counted=before.counted,
            carried=before.carried,
            brought=before.brought,
            shed=before.shed,
        )
        if likeness(self.skeleton, before.skeleton) < _AS_BUILT:
            return _rebuilt(after, before, template)
        if announced:
            return after
        came = _beyond(self.outline, before.outline)
        went = _beyond(before.outline, self.outline)
        again = (_keys(came) & _keys(before.came)) | (_keys(went) & _keys(before.went))
        return replace(
            after,
            came=_latest(before.came, came),
            went=_latest(before.went, went),
            returned=before.returned | again,
            counted=before.counted | _counted(before.outline, self.outline),
        )


@dataclass(frozen=True, slots=True)
class SampledPage:
    """A sampled page, its outline parsed."""

    sample: PageSample
    entries: Sequence[Entry]

    @property
    def at(self) -> datetime | None:
        return self.sample.at


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


def _keys(lines: Sequence[str]) -> set[str]:
    return {Entry.parse(line).key for line in lines}


def _counted(before: Sequence[str], after: Sequence[str]) -> set[str]:
    """The keys of blocks that have the same words in the same place, and another number."""
    then = {entry.key: entry.example for entry in map(Entry.parse, before)}
    now = {entry.key: entry.example for entry in map(Entry.parse, after) if entry.kept}
    moved = [key for key in now if then.get(key, now[key]) != now[key]]
    return set(moved[:MOST_LINES])


def _rebuilt(after: PageSample, before: PageSample, template: Template) -> PageSample:
    """The sample with what became of the text's blocks; with nothing of it where most of the text
    is set in other paragraphs, or was not known."""
    entries = [Entry.parse(line) for line in before.outline]
    had = {it.words_key for it in entries if it.kept and template.unwanted(it) is None}
    has = {it.words_key for it in map(Entry.parse, after.outline) if it.kept}
    if len(had & has) * 2 < len(had):
        had = has = set()
    shed = {it.words_key for it in entries} - had if had else set[str]()
    return replace(
        after,
        carried=frozenset(had & has),
        brought=frozenset(has - had),
        shed=frozenset(shed),
    )


def _latest(lines: Sequence[str], more: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys([*more, *lines]))[:MOST_LINES]
