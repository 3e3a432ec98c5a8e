"""What kind of edit lies between two versions of an article.

Judged on the words a reader sees. A number, name or quotation counts as changed where it was put
in place of another or into, or out of, a paragraph that stayed; not where a whole paragraph that
holds it came or went, which is an addition or a deletion and no more.
"""

import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import Enum, StrEnum, auto
from itertools import groupby
from typing import Final

from storage.history.diffs import DiffOp, DiffSegment, diff, kin, tokens

_OUTWEIGHS: Final = 10
"""Words that a change brings beyond those it takes, to add something and not reword it."""

_TITLE_CASE: Final = 0.6
"""The share of capitalised words from which capitals tell no names, as in English headlines."""

_TYPOGRAPHY: Final = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛′´`ʼ", "'"),
        **dict.fromkeys("“”„‟″«»「」『』", '"'),
        **dict.fromkeys("‐‑‒–—―−", "-"),
        **dict.fromkeys("\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff"),
    }
)
_SENTENCE_BREAKS: Final = frozenset('.!?:-"()[]。！？\n')


@dataclass(frozen=True, slots=True)
class VersionText:
    """What the readers of a version saw. `paragraphs` are without title and standfirst; of those,
    `corrections` are the notes in which the publisher takes something back. `signed`: somebody
    else than the publisher is named; `layout` is the page's, empty where it is not known."""

    title: str
    standfirst: str
    paragraphs: tuple[str, ...]
    corrections: tuple[str, ...] = ()
    modified_at: datetime | None = None
    authors: tuple[str, ...] = ()
    published_at: datetime | None = None
    signed: bool = True
    layout: str = ""


def text_of(
    *,
    title: str,
    paragraphs: Iterable[Sequence[str]],
    modified_at: datetime | None = None,
    authors: Sequence[str] = (),
    published_at: datetime | None = None,
    signed: bool = True,
    template: str = "",
) -> VersionText:
    """A version's text, of the [kind, text] of each of its paragraphs; `template` is the name of
    the reading's."""
    pairs = list(paragraphs)
    return VersionText(
        title=title,
        standfirst="\n".join(text for kind, text in pairs if kind == "standfirst"),
        paragraphs=tuple(text for kind, text in pairs if kind != "standfirst"),
        corrections=tuple(text for kind, text in pairs if kind == "correction"),
        modified_at=modified_at,
        authors=tuple(authors),
        published_at=published_at,
        signed=signed,
        layout=layout_of(template),
    )


def layout_of(template: str) -> str:
    """The layout of a reading's template; empty where it is not known."""
    return template.partition("-")[0] if "-" in template else ""


def marked_alike(old: VersionText, new: VersionText) -> tuple[VersionText, VersionText]:
    """Both with a standfirst where one has it and the other opens with most of its words: a page
    may be laid out so that nothing tells its standfirst from a paragraph."""
    if old.standfirst and not new.standfirst:
        return old, _opening_with(new, old.standfirst)
    if new.standfirst and not old.standfirst:
        return _opening_with(old, new.standfirst), new
    return old, new


def _opening_with(text: VersionText, standfirst: str) -> VersionText:
    length = standfirst.count("\n") + 1
    opening = "\n".join(text.paragraphs[:length])
    if not kin([opening], [standfirst]):
        return text
    return replace(text, standfirst=opening, paragraphs=text.paragraphs[length:])


class EditKind(StrEnum):
    """One thing an edit did. `classify` gives them in this order."""

    HEADLINE = "headline"
    STANDFIRST = "standfirst"
    BODY = "body"
    BYLINE = "byline"
    PUBLICATION_TIME = "publication-time"
    ADDITION = "addition"
    DELETION = "deletion"
    REWORDING = "rewording"
    NUMBERS = "numbers"
    NAMES = "names"
    QUOTATIONS = "quotations"
    CORRECTION_NOTICE = "correction-notice"
    TYPOGRAPHY = "typography"
    MODIFIED_TIME = "modified-time"


_DECLARATIONS: Final = frozenset({EditKind.CORRECTION_NOTICE, EditKind.MODIFIED_TIME})


def is_declared(kinds: Iterable[EditKind]) -> bool:
    """Whether the publisher said that it edited: by the time of modification or in a notice."""
    return not _DECLARATIONS.isdisjoint(kinds)


@dataclass(frozen=True, slots=True)
class Comparison:
    """What an edit did: its kinds, in the order of `EditKind`, and how many words it took out of
    headline, standfirst and body, and brought. Nothing changed where there are no kinds.

    TYPOGRAPHY stands for a change of quotation marks, dashes, spaces and paragraph breaks, and
    excludes the kinds that words have. MODIFIED_TIME alone is a time that moved while no word did.
    """

    kinds: tuple[EditKind, ...]
    words_deleted: int
    words_inserted: int


def classify(old: VersionText, new: VersionText) -> tuple[EditKind, ...]:
    """The kinds of an edit, as `compare` finds them."""
    return compare(old, new).kinds


def compare(old: VersionText, new: VersionText) -> Comparison:
    """What makes `new` of `old`."""
    old, new = marked_alike(old, new)
    kinds: set[EditKind] = set()
    deleted = inserted = 0
    parts = [
        (EditKind.HEADLINE, old.title, new.title),
        (EditKind.STANDFIRST, old.standfirst, new.standfirst),
        (EditKind.BODY, "\n".join(old.paragraphs), "\n".join(new.paragraphs)),
    ]
    for kind, before, after in parts:
        before, after = _plain(before), _plain(after)
        if before.split() != after.split():
            kinds.add(kind)
            for place, taken, brought in _changes(before, after):
                kinds.update(_change_kinds(place, taken, brought))
                deleted += taken.count
                inserted += brought.count
    if not kinds and any(before != after for _, before, after in parts):
        kinds.add(EditKind.TYPOGRAPHY)
    kinds.update(_other_kinds(old, new))
    return Comparison(tuple(it for it in EditKind if it in kinds), deleted, inserted)


def _other_kinds(old: VersionText, new: VersionText) -> Iterator[EditKind]:
    """What changed beside the words."""
    if _other_byline(old, new):
        yield EditKind.BYLINE
    if None not in (old.published_at, new.published_at) and old.published_at != new.published_at:
        yield EditKind.PUBLICATION_TIME
    known = set(map(_plain, [old.standfirst, *old.paragraphs]))
    if not known.issuperset(map(_plain, new.corrections)):
        yield EditKind.CORRECTION_NOTICE
    if new.modified_at is not None and old.modified_at != new.modified_at:
        yield EditKind.MODIFIED_TIME


def _other_byline(old: VersionText, new: VersionText) -> bool:
    """Whether the authors changed. A layout that names nobody, or the publisher alone, does so on
    all pages: that it is another one's now is no edit."""
    rebuilt = old.layout and new.layout and old.layout != new.layout
    if rebuilt and not (old.signed and new.signed):
        return False
    return set(map(_folded, old.authors)) != set(map(_folded, new.authors))


def _folded(name: str) -> str:
    return " ".join(_plain(name).casefold().split())


def _plain(text: str) -> str:
    """The text with one form for each kind of quotation mark, dash and space."""
    return unicodedata.normalize("NFKC", text.translate(_TYPOGRAPHY)).translate(_TYPOGRAPHY)


@dataclass(slots=True)
class _Words:
    """The words that one side of a change has, by what they are."""

    count: int = 0
    numbers: Counter[str] = field(default_factory=Counter)
    names: Counter[str] = field(default_factory=Counter)
    quoted: Counter[str] = field(default_factory=Counter)


class _Reader:
    """Reads one side of a diff from its start, and knows at each word where it stands."""

    def __init__(self, text: str) -> None:
        words = [token for token in tokens(text) if token[0].isalpha()]
        capitalised = sum(word[0].isupper() for word in words)
        self._tells_names = capitalised < _TITLE_CASE * len(words)
        self._begins_sentence = True
        self._in_quotation = False

    def read(self, text: str, into: _Words) -> None:
        for piece in tokens(text):
            if piece[0].isalnum():
                self._add(piece, into)
                self._begins_sentence = False
            elif piece in _SENTENCE_BREAKS:
                self._begins_sentence = True
                self._in_quotation = piece != "\n" and self._in_quotation != (piece == '"')

    def _add(self, word: str, into: _Words) -> None:
        into.count += 1
        if word[0].isdigit():
            into.numbers[word] += 1
        elif word[0].isupper() and self._tells_names and not self._begins_sentence:
            into.names[word] += 1
        if self._in_quotation:
            into.quoted[word] += 1


def _changes(old: str, new: str) -> Iterator[tuple["_Place", _Words, _Words]]:
    """Each change: where it is, what it took and what it brought."""
    old_reader, new_reader = _Reader(old), _Reader(new)
    for place, segments in groupby(_places(diff(f"{old}\n", f"{new}\n")), lambda pair: pair[0]):
        taken, brought = _Words(), _Words()
        for _, segment in segments:
            if segment.op is not DiffOp.INSERT:
                old_reader.read(segment.text, taken)
            if segment.op is not DiffOp.DELETE:
                new_reader.read(segment.text, brought)
        if place is not _Place.UNCHANGED:
            yield place, taken, brought


class _Place(Enum):
    UNCHANGED = auto()
    IN_PARAGRAPH = auto()
    WHOLE_PARAGRAPHS = auto()


def _places(segments: Iterable[DiffSegment]) -> Iterator[tuple[_Place, DiffSegment]]:
    begins = True
    for segment in segments:
        ends = segment.text.endswith("\n")
        if segment.op is DiffOp.EQUAL:
            yield _Place.UNCHANGED, segment
        else:
            yield _Place.WHOLE_PARAGRAPHS if begins and ends else _Place.IN_PARAGRAPH, segment
        begins = ends


def _change_kinds(place: _Place, taken: _Words, brought: _Words) -> Iterator[EditKind]:
    if brought.count and (not taken.count or brought.count - taken.count >= _OUTWEIGHS):
        yield EditKind.ADDITION
    if taken.count and (not brought.count or taken.count - brought.count >= _OUTWEIGHS):
        yield EditKind.DELETION
    if taken.count and brought.count:
        yield EditKind.REWORDING
    if place is _Place.WHOLE_PARAGRAPHS and not (taken.count and brought.count):
        return
    if taken.numbers != brought.numbers:
        yield EditKind.NUMBERS
    if taken.names != brought.names:
        yield EditKind.NAMES
    if taken.quoted != brought.quoted:
        yield EditKind.QUOTATIONS
