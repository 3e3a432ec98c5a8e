"""What a simulated year came to, as a table and as figures."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields
from typing import Any

from tests.simulation.judgement import Judgement
from tests.simulation.reextraction import Reextraction
from tests.simulation.rehearsal import Rehearsal
from tests.simulation.schedules import Watched


@dataclass(frozen=True, slots=True)
class Report:
    """The crawl of a year beside what schedules come to in the same year by calculation."""

    judgement: Judgement
    rehearsal: Rehearsal
    calculated: Watched
    newsdiffs: Watched
    reextraction: Reextraction

    @property
    def pages(self) -> int:
        """Requests for pages."""
        return self.judgement.requests["page"]

    @property
    def listings(self) -> int:
        """Requests for what lists pages, and for robots.txt."""
        return self.judgement.requests.total() - self.pages

    def figures(self) -> dict[str, Any]:
        """All of it, for JSON."""
        judged = {it.name: getattr(self.judgement, it.name) for it in fields(Judgement)}
        del judged["known"]
        return judged | {
            "precision": self.judgement.precision,
            "recall": self.judgement.recall,
            "pages": self.pages,
            "listings": self.listings,
            "crawls": self.rehearsal.crawls,
            "seconds": self.rehearsal.seconds,
            "calculated": _figures(self.calculated),
            "newsdiffs": _figures(self.newsdiffs),
            "reextraction": asdict(self.reextraction),
        }

    def table(self) -> str:
        """Markdown."""
        return "\n".join([*self._schedules(), "", *self._crawl()])

    def _schedules(self) -> Iterator[str]:
        it, true = self.judgement, self.judgement.true
        yield "| schedule | requests for pages | versions found | recall | precision |"
        yield "|---|---:|---:|---:|---:|"
        for name, requests, found, precision in (
            ("Permalien, crawled", self.pages, it.found, f"{it.precision:.4f}"),
            ("Permalien, calculated", self.calculated.requests, len(self.calculated.found), ""),
            ("NewsDiffs, calculated", self.newsdiffs.requests, len(self.newsdiffs.found), ""),
        ):
            share = f"{found:,} of {true:,} | {found / true:.4f}"
            yield f"| {name} | {requests:,} | {share} | {precision} |"

    def _crawl(self) -> Iterator[str]:
        it, rehearsal, again = self.judgement, self.rehearsal, self.reextraction
        yield "| of the crawl | |"
        yield "|---|---:|"
        for what, count, of in (
            ("articles found", it.stories_found, it.stories),
            ("versions that a look met, in the archive", it.seen - len(it.missed), it.seen),
            ("versions in the archive that are none", len(it.false), it.recorded),
            ("parts of articles behind a wall, besides", it.parts, None),
            ("versions that were retracted", it.retracted, None),
            ("looks that were undecided at first", it.undecided, None),
            ("versions whose time is bounded wrongly", len(it.unbounded), it.found),
            ("versions whose title or text is not read exactly", len(it.misread), it.found),
            ("removals that a look met, typed rightly", it.removals_right, it.removals_seen),
            ("returns that a look met, seen to be back", it.returns_right, it.returns_seen),
            ("removals in the year that a look met", it.removals_seen, it.removals),
            ("articles said to be away that were there", len(it.false_states), None),
            ("stories split over articles", len(it.split), None),
            ("articles mixed of stories", len(it.mixed), None),
            ("requests for feeds, fronts, sitemaps, robots.txt", self.listings, None),
            ("versions read again by another extractor", again.read, again.versions),
            ("of these, recorded content that is another", len(again.moved), again.versions),
            ("words of furniture in best readings, before", again.furniture, None),
            ("words of furniture in best readings, after", again.furniture_after, None),
            ("rows that a second re-extraction changed", sum(again.again.values()), None),
            (f"crawls, in {rehearsal.seconds / 60:.0f} minutes", rehearsal.crawls, None),
        ):
            yield f"| {what} | {count:,}{'' if of is None else f' of {of:,}'} |"


def _figures(watched: Watched) -> dict[str, int]:
    return {"requests": watched.requests, "found": len(watched.found)}
