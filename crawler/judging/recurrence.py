"""What changed alike on the pages of a session, and so is the site's.

A change is the site's only if it recurs on *control* pages: pages that nobody announced as changed,
pages picked at random, and pages that are new.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence, Set
from typing import Final

from crawler.judging.comparison import Carriers, Change, Signature, compare
from crawler.judging.looks import Look, SiteChange, Transition
from crawler.judging.pairs import Pair
from crawler.judging.telling import keys_of

ENOUGH: Final = 3
"""Control pages that tell what is the site's."""

_RECURS, _RECURS_SHARE = 2, 0.3  # in the same words, on other control pages
_ALIKE, _ALIKE_SHARE = 3, 0.8  # in the same place only
_CORRECTED_SHARE = 0.8  # of notes of correction, which many articles share
_ALL_ANNOUNCED, _ALL_SHARE = 5, 0.8  # where nobody is left to be a control

Signatures = Mapping[Transition, Set[Signature]]


class Recurrence:
    """`known` is what earlier sessions found to be the site's, `edits` what an operator says is
    none of it; what is found now is added to `site`."""

    def __init__(self, looks: Sequence[Look], known: Signatures, edits: Signatures) -> None:
        self.known, self.edits = known, edits
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
        self.known_blocks = _blocks_by_layout(self.known, self.edits)

    def site_changes(self) -> tuple[SiteChange, ...]:
        """What was found to be the site's."""
        return tuple(
            SiteChange(it, frozenset(signatures), len(self.groups[it]), self._shown(it))
            for it, signatures in self.site.items()
        )

    def _shown(self, transition: Transition) -> int:
        """On how many pages some of what is the site's was seen."""
        carriers = (self.carriers[transition, it] for it in self.site[transition])
        return len(set[int]().union(*(it.everyone for it in carriers)))

    def _said_modified(self) -> set[int]:
        """The looks at pages that say they were modified, where that means anything."""
        said = {pair.look.number for pair in self.pairs if pair.is_said_to_be_modified}
        everywhere = len(self.pairs) >= _ALL_ANNOUNCED and len(said) >= _ALL_SHARE * len(self.pairs)
        return set() if everywhere else said

    def is_announced(self, look: Look) -> bool:
        """By a listing, or by the page's own word."""
        return (look.announced and not look.picked) or look.number in self.said_modified

    def _take(self, pair: Pair) -> None:
        self.groups[pair.transition].append(pair)
        for change in pair.comparison.changes + pair.comparison.taken_out:
            self._count(pair, change.exact)

    def _count(self, pair: Pair, signature: Signature) -> None:
        carriers = self.carriers[pair.transition, signature]
        announced = self.is_announced(pair.look)
        (carriers.announced if announced else carriers.controls).add(pair.look.article)

    def count_controls(self, pair: Pair, *transitions: Transition) -> int:
        """How many other pages of the same kind, or of these, nobody announced as changed."""
        return sum(
            it.look.article != pair.look.article and not self.is_announced(it.look)
            for transition in transitions or (pair.transition,)
            for it in self.groups[transition]
        )

    def is_sites(self, pair: Pair, change: Change) -> bool:
        """Whether part of a page's difference is the site's; then it goes on record."""
        if self.is_said_to_be_edit(pair, change):
            return False
        known = self.site[pair.transition] | self.known.get(pair.transition, frozenset())
        place = () if self.has_its_turn(pair, change) else change.structural
        if change.exact in known or (place and place in known):
            return True
        if self._is_known_block(pair, change):
            return True
        found = None
        if self.recurs(pair, change) or self._takes_turns(pair, change):
            found = change.exact
        elif place and self._recurs_in_place(pair, change):
            found = place
        if found is not None:
            self.site[pair.transition].add(found)
        return found is not None

    def is_said_to_be_edit(self, pair: Pair, change: Change) -> bool:
        """By an operator."""
        said = self.edits.get(pair.transition, frozenset())
        return change.exact in said or change.structural in said

    def _is_known_block(self, pair: Pair, change: Change) -> bool:
        """Whether it is a block that was found to be the site's before, on pages of its layout."""
        if not (change.is_whole or change.exact[0] == "#"):
            return False
        layout = pair.before.layout if change.exact[0] == "-" else pair.after.layout
        key = change.exact[1]
        return key in self.known_blocks[layout] or any(
            key in keys_of(signature) for signature in self.site[pair.transition]
        )

    def recurs(self, pair: Pair, change: Change) -> bool:
        """Whether the change recurs in the same words on other control pages."""
        transition, this = pair.transition, {pair.look.article}
        controls, carriers = self.count_controls(pair), self.carriers[transition, change.exact]
        if controls == 0 and not self.new[transition[1]]:
            others = {it.look.article for it in self.groups[transition]} - this
            announced = carriers.announced - this
            return len(announced) >= max(_ALL_ANNOUNCED, _ALL_SHARE * len(others))
        exact = carriers.controls - this
        if change.is_correction:  # a template's note is on all pages of a layout
            alike = [it for it in self.groups if it[1] == transition[1]]
            controls = self.count_controls(pair, *alike)
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

    def has_its_turn(self, pair: Pair, change: Change) -> bool:
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
        return len(others) >= max(_ALIKE, _ALIKE_SHARE * self.count_controls(pair))

    def _recurs_in_place(self, pair: Pair, change: Change) -> bool:
        """Whether most control pages changed in that place, each in words of its own."""
        alike = self.carriers[pair.transition, change.structural].controls - {pair.look.article}
        return len(alike) >= _ALIKE and len(alike) >= _ALIKE_SHARE * self.count_controls(pair)

    def is_shown_by_controls(self, pair: Pair, changes: Sequence[Change]) -> bool:
        """Whether other control pages changed in the same words."""
        this = {pair.look.article}
        return any(self.carriers[pair.transition, it.exact].controls - this for it in changes)


def _blocks_by_layout(known: Signatures, edits: Signatures) -> Mapping[str, Set[str]]:
    """The keys of blocks that came or went as the site's, by the layout whose pages have them."""
    found: dict[str, set[str]] = defaultdict(set)
    for transition, signatures in known.items():
        for signature in signatures - edits.get(transition, frozenset()):
            layout = transition[0] if signature[0] == "-" else transition[1]
            found[layout] |= keys_of(signature)
    return found
