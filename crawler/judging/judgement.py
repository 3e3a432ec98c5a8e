"""An edit is unique to an article; what changes alike on many pages is the site's.

All looks of a source session are judged together. A change is the site's only if it recurs on
*control* pages: pages that nobody announced as changed, pages picked at random, and pages that are
new. What recurs on announced pages alone is an edit of many articles. Nothing waits for a person:
what too few pages tell of is undecided, and decided when the page is next looked at.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence, Set
from typing import Final

from crawler.extraction.template.outline import EXAMPLE_CHARACTERS
from crawler.judging.comparison import Carriers, Change, Signature, compare
from crawler.judging.looks import (
    Finding,
    Judged,
    Judgement,
    Look,
    SiteChange,
    Sureness,
    Transition,
)
from crawler.judging.pages import PageText, shared
from crawler.judging.pairs import Pair
from storage.models import ArticleState

CONTROLS: Final = 4
"""Other articles that are looked at before a doubtful difference is judged."""

_ENOUGH = 3  # control pages that tell what is the site's
_RECURS, _RECURS_SHARE = 2, 0.3  # in the same words, on other control pages
_ALIKE, _ALIKE_SHARE = 3, 0.8  # in the same place only
_CORRECTED_SHARE = 0.8  # of notes of correction, which many articles share
_ALL_ANNOUNCED, _ALL_SHARE = 5, 0.8  # where nobody is left to be a control
_NOTHING_SHARED = 0.15
_TEASER_SHARED = 0.6
_FEW_WORDS = 40
_MOST_WAITED = 2  # sessions in which a look may be undecided
_SHOWN_SHARE = 2 / 3  # of the control pages that must show their articles, for a removal

Signatures = Mapping[Transition, Set[Signature]]


def judge(
    looks: Sequence[Look], known: Signatures | None = None, edits: Signatures | None = None
) -> Judgement:
    """What to think of each look of a session; `known` is what earlier sessions found to be the
    site's (SiteChange), `edits` what an operator says is none of it."""
    return _Session(looks, known or {}, edits or {}).judge()


class _Session:
    def __init__(self, looks: Sequence[Look], known: Signatures, edits: Signatures) -> None:
        self.looks, self.known, self.edits = looks, known, edits
        self.pairs = [
            Pair(look, look.before, look.after, compare(look.before, look.after))
            for look in looks
            if look.before is not None and look.after is not None
        ]
        self.said_modified = self._said_modified()
        self.groups: dict[Transition, list[Pair]] = defaultdict(list)
        self.carriers: dict[tuple[Transition, Signature], Carriers] = defaultdict(Carriers)
        for pair in self.pairs:
            self._take(pair)
        self.new: Counter[str] = Counter()
        self.new_keys: dict[tuple[str, str], set[int]] = defaultdict(set)
        for look in looks:
            if look.before is None and look.after is not None:
                self.new[look.after.layout] += 1
                for block in look.after.blocks:
                    self.new_keys[look.after.layout, block.key].add(look.article)
        for pair in self.pairs:
            for change in pair.comparison.changes + pair.comparison.taken_out:
                if change.structural and not self._is_everywhere(pair, change):
                    self._count(pair, change.structural)
        self.site: dict[Transition, set[Signature]] = defaultdict(set)
        self.wants_controls = False

    def judge(self) -> Judgement:
        if self._is_unreachable():
            reason = "no page of the site shows its own article"
            unreachable = (
                Judged(it.number, Finding.UNREACHABLE, reason=reason) for it in self.looks
            )
            return Judgement(tuple(unreachable), unreachable=True)
        findings = [self._judge(pair) for pair in self.pairs]
        findings += [self._judge_absence(it) for it in self.looks if it.after is None]
        changes = tuple(
            SiteChange(it, frozenset(signatures), len(self.groups[it]), self._shown(it))
            for it, signatures in self.site.items()
        )
        return Judgement(tuple(findings), changes, self.wants_controls)

    def _shown(self, transition: Transition) -> int:
        """On how many pages some of what is the site's was seen."""
        carriers = (self.carriers[transition, it] for it in self.site[transition])
        return len(set[int]().union(*(it.everyone for it in carriers)))

    # who is a control

    def _said_modified(self) -> set[int]:
        """The looks at pages that say they were modified, where that means anything."""
        said = {pair.look.number for pair in self.pairs if pair.is_said_to_be_modified}
        everywhere = len(self.pairs) >= _ALL_ANNOUNCED and len(said) >= _ALL_SHARE * len(self.pairs)
        return set() if everywhere else said

    def _is_announced(self, look: Look) -> bool:
        """By a listing, or by the page's own word."""
        return (look.announced and not look.picked) or look.number in self.said_modified

    def _take(self, pair: Pair) -> None:
        self.groups[pair.transition].append(pair)
        for change in pair.comparison.changes + pair.comparison.taken_out:
            self._count(pair, change.exact)

    def _count(self, pair: Pair, signature: Signature) -> None:
        carriers = self.carriers[pair.transition, signature]
        announced = self._is_announced(pair.look)
        (carriers.announced if announced else carriers.controls).add(pair.look.article)

    def _controls(self, pair: Pair, *transitions: Transition) -> int:
        """How many other pages of the same kind, or of these, nobody announced as changed."""
        return sum(
            it.look.article != pair.look.article and not self._is_announced(it.look)
            for transition in transitions or (pair.transition,)
            for it in self.groups[transition]
        )

    # what is the site's

    def _is_sites(self, pair: Pair, change: Change) -> bool:
        if not {change.exact, change.structural}.isdisjoint(self.edits.get(pair.transition, ())):
            return False
        known = self.site[pair.transition] | self.known.get(pair.transition, frozenset())
        place = () if self._has_its_turn(pair, change) else change.structural
        if change.exact in known or (place and place in known):
            return True
        found = None
        if self._recurs(pair, change) or self._takes_turns(pair, change):
            found = change.exact
        elif place and self._recurs_in_place(pair, change):
            found = place
        if found is not None:
            self.site[pair.transition].add(found)
        return found is not None

    def _recurs(self, pair: Pair, change: Change) -> bool:
        """Whether the change recurs in the same words on other control pages."""
        transition, this = pair.transition, {pair.look.article}
        controls, carriers = self._controls(pair), self.carriers[transition, change.exact]
        if controls == 0 and not self.new[transition[1]]:
            others = {it.look.article for it in self.groups[transition]} - this
            announced = carriers.announced - this
            return len(announced) >= max(_ALL_ANNOUNCED, _ALL_SHARE * len(others))
        exact = carriers.controls - this
        if change.is_correction:  # a template's note is on all pages of a layout
            alike = [it for it in self.groups if it[1] == transition[1]]
            controls = self._controls(pair, *alike)
            exact = exact.union(*(self.carriers[it, change.exact].controls for it in alike)) - this
        if change.exact[0] == "+" and (new := self.new_keys[transition[1], change.exact[1]]):
            exact |= new
            controls += self.new[transition[1]]
        share = _CORRECTED_SHARE if change.is_correction else _RECURS_SHARE
        return len(exact) >= _RECURS and len(exact) >= share * controls

    def _takes_turns(self, pair: Pair, change: Change) -> bool:
        """Whether what came here went from a control page, or the other way: no publisher edits
        so."""
        if not change.is_whole or change.is_correction or pair.comparison.rebuilt:
            return False
        sign, key = change.exact
        other = self.carriers[pair.transition, ("-" if sign == "+" else "+", key)]
        return bool(other.controls - {pair.look.article})

    def _has_its_turn(self, pair: Pair, change: Change) -> bool:
        """Whether the template took out of the page what takes turns in that place: then the change
        is something else."""
        return any(
            it.place == change.place
            and it.exact[0] == change.exact[0]
            and not self._is_everywhere(pair, it)
            for it in pair.comparison.taken_out
        )

    def _is_everywhere(self, pair: Pair, change: Change) -> bool:
        """Whether nearly all control pages changed in the same words: then that says nothing of
        the place, where an article may have been edited besides."""
        others = self.carriers[pair.transition, change.exact].controls - {pair.look.article}
        return len(others) >= max(_ALIKE, _ALIKE_SHARE * self._controls(pair))

    def _recurs_in_place(self, pair: Pair, change: Change) -> bool:
        """Whether most control pages changed in that place, each in words of its own."""
        alike = self.carriers[pair.transition, change.structural].controls - {pair.look.article}
        return len(alike) >= _ALIKE and len(alike) >= _ALIKE_SHARE * self._controls(pair)

    # what a look means

    def _judge(self, pair: Pair) -> Judged:
        number = pair.look.number
        if not pair.comparison.changes:
            return Judged(number, Finding.UNCHANGED)
        wall = self._wall(pair)
        if wall is not None:
            return wall
        left = [change for change in pair.comparison.changes if not self._is_sites(pair, change)]
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
        said_modified = number in self.said_modified
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
        announced = self._is_announced(look)
        told = self._controls(pair) >= _ENOUGH
        sure = told and (bool(in_text) or announced)
        if not pair.comparison.rebuilt:
            sure = reworded or (sure and (announced or not self._others_change_too(pair, left)))
        if sure:
            level = Sureness.CERTAIN if announced or reworded else Sureness.LIKELY
            return self._edited(pair, left, level)
        self.wants_controls |= not told
        if not look.waited:
            why = "outside the text" if told else "too few other pages to tell"
            return Judged(look.number, Finding.UNDECIDED, Sureness.GUESSED, why)
        stayed = pair.stayed(left)
        # what came and went, or moved again, is known the next time
        self.site[pair.transition].update(pair.passing(left, stayed))
        if any(self._is_in_text(pair, change) or announced for change in stayed):
            return self._edited(pair, stayed, Sureness.GUESSED)
        rest = [change for change in left if not self._is_sites(pair, change)]
        if look.waited < _MOST_WAITED and any(self._is_in_text(pair, it) for it in rest):
            return Judged(look.number, Finding.UNDECIDED, Sureness.GUESSED, "differs again")
        reason = "outside the article's text, or it comes and goes"
        return Judged(look.number, Finding.SITE_CHANGE, Sureness.GUESSED, reason)

    def _is_in_text(self, pair: Pair, change: Change) -> bool:
        """Whether a change is amid the article's text, or in a line above it that on control pages
        is each article's own, and stays: its standfirst."""
        if change.in_text or pair.comparison.rebuilt or change.place not in pair.after.above:
            return change.in_text
        others = [
            (it.before.above.get(change.place), it.after.above.get(change.place))
            for it in self.groups[pair.transition]
            if it.look.article != pair.look.article and not self._is_announced(it.look)
        ]
        led = [both for both in others if both != (None, None)]
        stayed = {now for then, now in led if then == now}
        return _ENOUGH <= len(stayed) == len(led)

    def _others_change_too(self, pair: Pair, left: Sequence[Change]) -> bool:
        """Whether on half of the control pages blocks came or went, in words of their own, or in
        whatever words where some are left of this page: then these may take turns too."""
        controls = [
            it
            for it in self.groups[pair.transition]
            if it.look.article != pair.look.article and not self._is_announced(it.look)
        ]
        places = {
            change.place
            for change in left
            if change.is_whole and not self._has_its_turn(pair, change)
        }
        changed = 0
        for other in controls:
            changes = [it for it in other.comparison.changes if it.is_whole]
            own = any(not self._recurs(other, it) for it in changes)
            changed += own or any(
                it.place in places for it in (*changes, *other.comparison.taken_out)
            )
        return changed >= 2 and changed * 2 >= len(controls)

    def _edited(self, pair: Pair, left: Sequence[Change], sureness: Sureness) -> Judged:
        others: set[int] = set()
        for change in left:
            others |= self.carriers[pair.transition, change.exact].everyone
        others -= {pair.look.article}
        reason = f"in the same words as {len(others)} others" if others else ""
        brought = [change for change in left if change.exact[0] == "+"]
        came = {change.exact[1] for change in brought}
        came |= {change.text[:EXAMPLE_CHARACTERS] for change in brought}
        pending = pair.look.pending
        stayed = pending is not None and bool(pair.stayed(left))
        moved_on = pending is not None and any(
            not self._is_sites(pair, change) for change in compare(pending, pair.after).changes
        )
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
        enough = shown + away >= _ENOUGH
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
        if len(asked) < _ENOUGH or any(self._shows_its_own(look) for look in self.looks):
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
