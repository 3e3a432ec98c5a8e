"""An edit sentence by sentence: what each said before, and what it says after."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from storage.history.alignment import matches
from storage.history.diffs import kin
from storage.history.edits import EditKind, VersionText, marked_alike

_MAX_REGION_PAIRS: Final = 2_500

# Where one ends: a mark and what closes with it, before a space; in scripts without spaces the mark
# alone. No sentence ends after a single capital, as in J. Smith.
_END: Final = re.compile(
    r"(?<![\s.][A-ZÀ-Þ])(?<!^[A-ZÀ-Þ])[.!?…]+[\"'”’»)\]]*(?=\s)|[。！？]+[」』”’）]*|\n",
    re.MULTILINE,
)


@dataclass(frozen=True, slots=True)
class SentenceChange:
    """A sentence of a part (headline, standfirst or body) that was changed; `before` is empty for
    one that is new, `after` for one that is gone."""

    part: EditKind
    before: str
    after: str


def sentences(text: str) -> list[str]:
    """The sentences of a text in their order, without the spaces around them."""
    ends = [found.end() for found in _END.finditer(text)]
    cut = (text[start:end] for start, end in zip([0, *ends], [*ends, len(text)], strict=True))
    return [it for it in (" ".join(sentence.split()) for sentence in cut) if it]


def changed_sentences(old: VersionText, new: VersionText) -> list[SentenceChange]:
    """The sentences that an edit changed, in their order; one that was reworded is beside what
    became of it."""
    old, new = marked_alike(old, new)
    parts = (
        (EditKind.HEADLINE, [old.title], [new.title]),
        (EditKind.STANDFIRST, sentences(old.standfirst), sentences(new.standfirst)),
        (
            EditKind.BODY,
            sentences("\n".join(old.paragraphs)),
            sentences("\n".join(new.paragraphs)),
        ),
    )
    return [
        SentenceChange(part, before, after)
        for part, olds, news in parts
        for before, after in _changes(olds, news)
    ]


def _changes(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[str, str]]:
    i = j = 0
    for next_i, next_j in [*matches(old, new), (len(old), len(new))]:
        yield from _region(old[i:next_i], new[j:next_j])
        i, j = next_i + 1, next_j + 1


def _region(old: Sequence[str], new: Sequence[str]) -> Iterator[tuple[str, str]]:
    if len(old) == len(new) == 1:
        yield old[0], new[0]
        return
    pairs = kin(old, new) if len(old) * len(new) <= _MAX_REGION_PAIRS else []
    i = j = 0
    for next_i, next_j in [*pairs, (len(old), len(new))]:
        yield from ((before, "") for before in old[i:next_i])
        yield from (("", after) for after in new[j:next_j])
        if next_i < len(old):
            yield old[next_i], new[next_j]
        i, j = next_i + 1, next_j + 1
