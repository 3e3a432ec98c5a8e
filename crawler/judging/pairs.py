"""A page as it was known and as it was found in a session, one beside the other."""

from collections.abc import Sequence
from dataclasses import dataclass

from crawler.extraction.template.samples import says_modified
from crawler.judging.comparison import Change, Comparison, Signature, compare
from crawler.judging.looks import Look, Transition
from crawler.judging.pages import PageText


@dataclass(frozen=True, slots=True)
class Pair:
    """A look that found an article where one was known."""

    look: Look
    before: PageText
    after: PageText
    comparison: Comparison

    @property
    def transition(self) -> Transition:
        if not self.comparison.rebuilt:
            return (self.after.layout, self.after.layout)
        came_from = self.before.layout
        # one layout whose text moved elsewhere on the page
        moved = f"{self.before.main_place}→" if came_from == self.after.layout else ""
        return (moved + came_from, self.after.layout)

    @property
    def is_said_to_be_modified(self) -> bool:
        """By the page's own word, the server's clock aside."""
        return says_modified(
            self.before.modified_at, self.after.modified_at, since=self.look.since, at=self.look.at
        )

    def stayed(self, left: Sequence[Change]) -> Sequence[Change]:
        """Of the changes that are `left` those that the page showed too when it was last found to
        differ."""
        pending = self.look.pending
        if pending is None:
            return left
        texts = {block.text for block in pending.blocks}
        then = {change.exact for change in compare(self.before, pending).changes}
        return [it for it in left if (it.text in texts if it.text else it.exact in then)]

    def passing(self, left: Sequence[Change], stayed: Sequence[Change]) -> set[Signature]:
        """The changes that the page showed then and does not now, and what has a number that
        moves."""
        pending = self.look.pending
        if pending is None:
            return set()
        now = {change.exact for change in self.comparison.changes}
        then = {it.exact for it in compare(self.before, pending).changes if it.is_whole}
        moving = {
            it.exact for it in left if it not in stayed and (it.exact[0] == "#" or it.exact in then)
        }
        return then - now | moving
