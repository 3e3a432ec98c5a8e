"""What differs at a source, judged together: an edit is of one article, but a redesign, a wall or a
broken server changes many pages at once and alike, and none of that is the publisher's edit.

A difference is in doubt for what it is by itself (half the text is gone, the date is, the page is
no article any more), or because another article has changed in the same way. Where enough is in
doubt, nothing of it is taken into the record before a person has looked.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from storage.history.extractions import Text
from storage.models import ArticleState

CONTROLS: Final = 6
"""Other articles that are looked at before an odd difference is believed."""

_LEAST: Final = 3  # articles that must be in doubt: fewer are not a pattern
_SHARE: Final = 1 / 3  # of the articles looked at
_MOST_EDITS: Final = 10  # at once, that need no sign but their number
_EDITED_SHARE: Final = 2 / 3
_FEW_WORDS: Final = 40  # no loss or gain of less is odd
_OPENING, _CLOSING = 2, 3  # paragraphs, where templates leave their own


@dataclass(frozen=True, slots=True)
class Difference:
    """An article's page is not what it was: it reads `after` where its version reads `before`, or,
    where there is no `after`, it shows no article, as `state` says, None for a page that is
    something else. `target` is where it has moved to."""

    fetch_id: int
    article_id: int | None
    before: Text | None = None
    after: Text | None = None
    state: ArticleState | None = None
    target: str | None = None


@dataclass(frozen=True, slots=True)
class Judgement:
    """`reasons` are what is in doubt, by fetch id; `alarm` is why nothing of what differs is
    to be believed, None where it is."""

    reasons: dict[int, str]
    alarm: str | None


def is_odd(difference: Difference) -> bool:
    """Whether other articles should be looked at before this difference is believed."""
    before, after = difference.before, difference.after
    if before is None or after is None:
        return difference.state is not ArticleState.MOVED
    return _flaw(before, after) is not None or _is_at_an_end(before, after)


def is_cut(before: Text, after: Text) -> bool:
    """Whether more than half of the text is gone, and more than a few words."""
    return before.words - after.words >= _FEW_WORDS and after.words < before.words / 2


def judge(differences: Sequence[Difference], looked_at: int) -> Judgement:
    """What to think of all that differs, of `looked_at` known articles of a source."""
    shared = _shared_changes(differences)
    targets = Counter(difference.target for difference in differences)
    reasons: dict[int, str] = {}
    edits = 0
    for difference in differences:
        before, after = difference.before, difference.after
        if after is None:
            moved = difference.state is ArticleState.MOVED
            if not moved or targets[difference.target] > 1:
                reasons[difference.fetch_id] = difference.state or "no article any more"
        elif before is not None:
            edits += 1
            reason = _flaw(before, after) or _shared_flaw(before, after, shared)
            if reason is not None:
                reasons[difference.fetch_id] = reason
    return Judgement(reasons, _alarm(reasons, edits, looked_at))


def _alarm(reasons: dict[int, str], edits: int, looked_at: int) -> str | None:
    if len(reasons) >= max(_LEAST, _SHARE * looked_at):
        kinds = Counter(reason.partition(":")[0] for reason in reasons.values())
        told = ", ".join(f"{kind} ({count})" for kind, count in kinds.most_common())
        return f"{len(reasons)} of {looked_at} articles at once: {told}"
    if edits >= max(_MOST_EDITS, _EDITED_SHARE * looked_at):
        return f"{edits} of {looked_at} articles read differently at once"
    return None


def _flaw(before: Text, after: Text) -> str | None:
    """What is odd about an edit by itself."""
    lost = before.words - after.words
    if is_cut(before, after):
        return "half the text is gone"
    if -lost >= _FEW_WORDS and after.words > 2 * before.words:
        return "the text has doubled"
    if before.published_at is not None and after.published_at is None:
        return "the date is gone"
    return None


def _is_at_an_end(before: Text, after: Text) -> bool:
    """Whether paragraphs came, or went, where templates have theirs, and nothing else did, with no
    word of it from the publisher."""
    if before.modified_at != after.modified_at:
        return False
    came, went = _changes(before, after)
    if bool(came) == bool(went):
        return False
    paragraphs = after.paragraphs if came else before.paragraphs
    ends = Counter([*paragraphs[:_OPENING], *paragraphs[_OPENING:][-_CLOSING:]])
    return (came or went) <= ends


def _shared_flaw(before: Text, after: Text, shared: Counter[str]) -> str | None:
    for change in _change_names(before, after):
        if shared[change] > 1:
            return f"changed like others: {change[1:][:100]}"
    return None


def _shared_changes(differences: Iterable[Difference]) -> Counter[str]:
    """How many articles have each change in common."""
    by_article: dict[int | None, set[str]] = {}
    for difference in differences:
        if difference.before is not None and difference.after is not None:
            names = by_article.setdefault(difference.article_id, set())
            names.update(_change_names(difference.before, difference.after))
    return Counter(name for names in by_article.values() for name in names)


def _change_names(before: Text, after: Text) -> list[str]:
    """The paragraphs and titles that came, marked +, and that went, marked -."""
    came, went = _changes(before, after)
    if before.title != after.title:
        came[after.title] += 1
        went[before.title] += 1
    return [*(f"+{text}" for text in came), *(f"-{text}" for text in went)]


def _changes(before: Text, after: Text) -> tuple[Counter[str], Counter[str]]:
    """The paragraphs that came, and those that went."""
    old, new = Counter(before.paragraphs), Counter(after.paragraphs)
    return new - old, old - new
