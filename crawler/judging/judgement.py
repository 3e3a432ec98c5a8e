"""An edit is unique to an article; what changes alike on many pages is the site's.

All looks of a source session are judged together (judging.recurrence says what is the site's).
What recurs on announced pages alone is an edit of many articles. Nothing waits for a person: what
too few pages tell of is undecided, and decided when the page is next looked at.
"""

from collections import Counter
from collections.abc import Sequence
from typing import Final

from crawler.extraction.body.phrasing import ends_sentence
from crawler.extraction.template.outline import EXAMPLE_CHARACTERS
from crawler.judging.comparison import Change, compare
from crawler.judging.looks import (
    Finding,
    Judged,
    Judgement,
    Look,
    Sureness,
)
from crawler.judging.pages import PageText, shared
from crawler.judging.pairs import Pair
from crawler.judging.recurrence import ENOUGH, Recurrence, Signatures
from storage.models import ArticleState

CONTROLS: Final = 4
"""Other articles that are looked at before a doubtful difference is judged."""

_NOTHING_SHARED = 0.15
_TEASER_SHARED = 0.6
_FEW_WORDS = 40
_MOST_WAITED = 2  # sessions in which a look may be undecided
_SHOWN_SHARE = 2 / 3  # of the control pages that must show their articles, for a removal


def judge(
    looks: Sequence[Look], known: Signatures | None = None, edits: Signatures | None = None
) -> Judgement:
    """What to think of each look of a session; `known` is what earlier sessions found to be the
    site's (SiteChange), `edits` what an operator says is none of it."""
    return _Session(looks, known or {}, edits or {}).judge()


class _Session:
    def __init__(self, looks: Sequence[Look], known: Signatures, edits: Signatures) -> None:
        self.looks = looks
        self.pages = Recurrence(looks, known, edits)
        self.wants_controls = False

    def judge(self) -> Judgement:
        if self._is_unreachable():
            reason = "no page of the site shows its own article"
            unreachable = (
                Judged(it.number, Finding.UNREACHABLE, reason=reason) for it in self.looks
            )
            return Judgement(tuple(unreachable), unreachable=True)
        for pair in self.pages.pairs:
            if not pair.comparison.changes:  # whatever it showed in between, it shows no more
                self.pages.site[pair.transition].update(pair.passing((), ()))
        findings = [self._judge(pair) for pair in self.pages.pairs]
        findings += [self._judge_absence(it) for it in self.looks if it.after is None]
        return Judgement(tuple(findings), self.pages.site_changes(), self.wants_controls)

    # what a look means

    def _judge(self, pair: Pair) -> Judged:
        number = pair.look.number
        if not pair.comparison.changes:
            return Judged(number, Finding.UNCHANGED)
        wall = self._wall(pair)
        if wall is not None:
            return wall
        left = [
            change for change in pair.comparison.changes if not self.pages.is_sites(pair, change)
        ]
        if not left:
            return Judged(number, Finding.SITE_CHANGE, reason="recurs on other pages")
        return self._judge_edit(pair, left)

    def _wall(self, pair: Pair) -> Judged | None:
        """What stands before an article's text, or stood there and does not any more."""
        before, after, number = pair.before, pair.after, pair.look.number
        if before.partial and not after.partial and after.words > before.words:
            return Judged(number, Finding.COMPLETED, reason="the whole, where a part was known")
        if after.partial and not before.partial and after.words < before.words:
            return Judged(number, Finding.WALLED, reason="a part of the text")
        in_common = shared(before, after)
        lost = before.words - after.words
        is_cut = lost >= _FEW_WORDS and after.words < before.words / 2
        said_modified = number in self.pages.said_modified
        if is_cut and in_common >= _TEASER_SHARED and not said_modified:
            reason = "the beginning of the text alone"
            return Judged(number, Finding.WALLED, Sureness.LIKELY, reason)
        if in_common >= _NOTHING_SHARED or before.words < _FEW_WORDS:
            return None
        if after.words < before.words / 3 or self._is_shown_for_others(pair.look.article, after):
            return Judged(number, Finding.WALLED, Sureness.LIKELY, "another text altogether")
        if said_modified or pair.look.waited:
            return None
        self.wants_controls = True
        return Judged(number, Finding.UNDECIDED, Sureness.GUESSED, "another text altogether")

    def _is_shown_for_others(self, article: int, page: PageText) -> bool:
        return any(
            it.article != article and it.after is not None and it.after.folded == page.folded
            for it in self.looks
        )

    def _judge_edit(self, pair: Pair, left: Sequence[Change]) -> Judged:
        look = pair.look
        in_text = [change for change in left if self._is_in_text(pair, change)]
        reworded = any(change.is_plain for change in in_text)
        announced = self.pages.is_announced(look)
        told = self.pages.count_controls(pair) >= ENOUGH
        sure = told and (bool(in_text) or announced)
        if not pair.comparison.rebuilt:
            unopposed = announced and not self.pages.is_shown_by_controls(pair, left)
            sure = (
                reworded
                or (unopposed and bool(in_text))
                or (sure and (announced or self._is_corrected(pair, in_text)))
                or (sure and not self._others_change_too(pair, left))
            )
        if sure:
            level = Sureness.CERTAIN if reworded or (announced and told) else Sureness.LIKELY
            return self._edited(pair, left, level)
        self.wants_controls |= not told
        if not look.waited:
            why = "outside the text" if told else "too few other pages to tell"
            return Judged(look.number, Finding.UNDECIDED, Sureness.GUESSED, why)
        if not announced:
            self.pages.site[pair.transition].update(
                it.exact for it in left if self._is_likelier_sites(pair, it, told=told)
            )
            left = [change for change in left if not self.pages.is_sites(pair, change)]
        stayed = pair.stayed(left)
        # what came and went, or moved again, is known the next time
        self.pages.site[pair.transition].update(pair.passing(left, stayed))
        if any(self._is_in_text(pair, change) or announced for change in stayed):
            return self._edited(pair, stayed, Sureness.GUESSED)
        rest = [change for change in left if not self.pages.is_sites(pair, change)]
        if look.waited < _MOST_WAITED and any(self._is_in_text(pair, it) for it in rest):
            return Judged(look.number, Finding.UNDECIDED, Sureness.GUESSED, "differs again")
        reason = "outside the article's text, or it comes and goes"
        return Judged(look.number, Finding.SITE_CHANGE, Sureness.GUESSED, reason)

    def _is_likelier_sites(self, pair: Pair, change: Change, *, told: bool) -> bool:
        """Of a block that came or went while nobody announced a change, where too little tells:
        whether it did so on another page too; or, for want of other pages, with a new layout, where
        it went or is no sentence."""
        if (
            not change.is_whole
            or change.is_correction
            or self.pages.is_said_to_be_edit(pair, change)
        ):
            return False
        if self.pages.is_shown_by_controls(pair, [change]):
            return True
        return pair.comparison.rebuilt and not told and not ends_sentence(change.text)

    def _is_in_text(self, pair: Pair, change: Change) -> bool:
        """Whether a change is amid the article's text, or in a line above it that on control pages
        is each article's own, and stays: its standfirst."""
        if change.in_text or pair.comparison.rebuilt or change.place not in pair.after.above:
            return change.in_text
        others = [
            (it.before.above.get(change.place), it.after.above.get(change.place))
            for it in self.pages.groups[pair.transition]
            if it.look.article != pair.look.article and not self.pages.is_announced(it.look)
        ]
        led = [both for both in others if both != (None, None)]
        stayed = {now for then, now in led if then == now}
        return ENOUGH <= len(stayed) == len(led)

    def _is_corrected(self, pair: Pair, in_text: Sequence[Change]) -> bool:
        """Whether a note of correction came, which takes no turns with other pages' blocks, and
        nothing besides that other pages were brought too."""
        others = [change for change in in_text if not change.is_correction]
        return len(others) < len(in_text) and not self.pages.is_shown_by_controls(pair, others)

    def _others_change_too(self, pair: Pair, left: Sequence[Change]) -> bool:
        """Whether on a third of the control pages blocks came or went, in words of their own, or in
        whatever words where some are left of this page: then these may take turns too."""
        controls = [
            it
            for it in self.pages.groups[pair.transition]
            if it.look.article != pair.look.article and not self.pages.is_announced(it.look)
        ]
        places = {
            change.place
            for change in left
            if change.is_whole and not self.pages.has_its_turn(pair, change)
        }
        changed = 0
        for other in controls:
            changes = [it for it in other.comparison.changes if it.is_whole]
            own = any(not self.pages.recurs(other, it) for it in changes)
            changed += own or any(
                it.place in places for it in (*changes, *other.comparison.taken_out)
            )
        return changed >= 2 and changed * 3 >= len(controls)

    def _edited(self, pair: Pair, left: Sequence[Change], sureness: Sureness) -> Judged:
        others: set[int] = set()
        for change in left:
            others |= self.pages.carriers[pair.transition, change.exact].everyone
        others -= {pair.look.article}
        reason = f"in the same words as {len(others)} others" if others else ""
        brought = [change for change in left if change.exact[0] == "+"]
        came = {change.exact[1] for change in brought}
        came |= {change.text[:EXAMPLE_CHARACTERS] for change in brought}
        pending = pair.look.pending
        stayed = pending is not None and bool(pair.stayed(left))
        moved_on = pending is not None and self._has_moved_on(pair, pending, left)
        return Judged(
            pair.look.number,
            Finding.EDITED,
            sureness,
            reason,
            mass=bool(others),
            came=frozenset(came),
            stayed=stayed,
            moved_on=moved_on,
        )

    def _has_moved_on(self, pair: Pair, pending: PageText, left: Sequence[Change]) -> bool:
        """Whether the page shows more of an edit than when it was last found to differ."""
        since = compare(pending, pair.after)
        if since.rebuilt:
            return len(pair.stayed(left)) < len(left)
        return any(not self.pages.is_sites(pair, change) for change in since.changes)

    # what is not there

    def _judge_absence(self, look: Look) -> Judged:
        state = look.away
        if state is None:
            return Judged(look.number, Finding.UNCHANGED, Sureness.GUESSED, "no answer")
        if state is ArticleState.WALLED:
            return Judged(look.number, Finding.WALLED)
        targets = Counter(it.target for it in self.looks if it.away is ArticleState.MOVED)
        if state is ArticleState.MOVED and targets[look.target] <= 1:
            return Judged(look.number, Finding.AWAY, reason=state.value)
        others = [it for it in self.looks if it.article != look.article and not it.announced]
        shown = sum(self._shows_its_own(it) for it in others)
        away = sum(it.after is None for it in others)
        enough = shown + away >= ENOUGH
        if enough and shown >= _SHOWN_SHARE * (shown + away):
            return Judged(look.number, Finding.AWAY, reason=state.value)
        if look.waited and (shown or not others):
            return Judged(look.number, Finding.AWAY, Sureness.LIKELY, state.value)
        if look.waited >= _MOST_WAITED:
            reason = "no other page of the site shows its article"
            return Judged(look.number, Finding.UNREACHABLE, Sureness.LIKELY, reason)
        self.wants_controls |= not enough
        return Judged(
            look.number, Finding.UNDECIDED, Sureness.GUESSED, "too few pages that are there"
        )

    def _is_unreachable(self) -> bool:
        """Whether nothing that was asked for answers as it should."""
        asked = {look.article for look in self.looks}
        if len(asked) < ENOUGH or any(self._shows_its_own(look) for look in self.looks):
            return False
        away = Counter(look.target for look in self.looks if look.away is ArticleState.MOVED)
        return not away or max(away.values()) > 1

    def _shows_its_own(self, look: Look) -> bool:
        """Whether a page shows its article, or one at least that no other page shows."""
        if look.after is None:
            return False
        if self._is_shown_for_others(look.article, look.after):
            return False
        return look.before is None or shared(look.before, look.after) >= _NOTHING_SHARED
