"""A page as it reads alone, before its site's template is applied: the half of extraction that
costs, and needs the page.

A draft travels without the page. When a template is learned of the pages that were just read, their
drafts give what reading them again would, byte for byte.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from crawler.extraction.article import (
    Article,
    LiveEntry,
    PageKind,
    Paragraph,
    Removed,
    TextBlock,
)
from crawler.extraction.body.apart import NOWHERE, Setting, shown_apart
from crawler.extraction.body.live_entries import (
    LiveUpdate,
    is_told_by_the_minute,
    live_entries,
    timed_entries,
)
from crawler.extraction.body.paragraphs import Part, paragraphs_of, starts_of
from crawler.extraction.kind.evidence import Evidence, NeedsPage
from crawler.extraction.kind.page_kind import page_kind
from crawler.extraction.kind.partial import is_partial
from crawler.extraction.template.book import TemplateBook, reading_name
from crawler.extraction.template.byline import authors_at, bylines_of
from crawler.extraction.template.outline import Entry, outline_of
from crawler.extraction.template.skeleton import Skeleton
from crawler.extraction.template.template import NO_TEMPLATE, Template, removed_by
from crawler.extraction.template.title_parts import without_title_parts

_SHARES = (0.75, 0.5, 0.25)  # of a page's paragraphs that a template may leave


@dataclass(frozen=True, slots=True)
class CandidateBlock:
    """A block that may be the article's: the rules kept it, or left it out for the `reason` that
    is shown. `part` is None where it is in no text unless an operator says so."""

    text: str
    entry: Entry
    part: Part | None
    reason: str | None = None
    setting: Setting = NOWHERE


@dataclass(frozen=True, slots=True)
class Draft:
    """What one page says, whatever its site's template. `candidates` are in page order."""

    evidence: Evidence
    candidates: tuple[CandidateBlock, ...]
    skeleton: Skeleton
    updates: tuple[LiveUpdate, ...] = ()

    def article(self, templates: Template | TemplateBook | None = None) -> Article:
        """The article, without what its site's pages have in common.

        Raises NeedsPage, where the page is not at hand any more and more is asked of it than was
        when it was read.
        """
        layout, template = "", NO_TEMPLATE
        if templates is not None:
            layout, template = templates.chosen(self.skeleton)
        pinned = template.pinned
        places = [
            place
            for place, it in enumerate(self.candidates)
            if it.reason is None or it.entry.key in pinned
        ]
        kept = [self.candidates[place] for place in places]
        left_out = [
            (place, it.text, it.reason, it.setting)
            for place, it in enumerate(self.candidates)
            if it.reason is not None and it.entry.key not in pinned
        ]
        removed = [Removed(text, reason) for _, text, reason, _ in left_out]
        repeating = removed_by(template, [it.entry for it in kept])
        removed += [Removed(kept[i].text, "template") for i in sorted(repeating)]
        blocks = [TextBlock(it.entry.key, it.entry.place, it.text) for it in kept]
        within = [i for i in range(len(kept)) if i not in repeating]
        parts = [_part_of(kept[i]) for i in within]
        paragraphs = paragraphs_of(parts)
        starts = [places[within[number]] for number in starts_of(parts)]
        metadata, evidence = self.evidence.metadata, self.evidence
        byline = (
            () if metadata.declares_authors else authors_at({*template.byline}, metadata.labels)
        )
        kind = page_kind(evidence, paragraphs)
        entries = self._entries(kind, paragraphs, starts)
        if entries and kind is PageKind.ARTICLE:
            kind = PageKind.LIVE_BLOG
        return Article(
            kind=kind,
            title=without_title_parts(metadata.title, frozenset(template.title_parts)),
            paragraphs=paragraphs,
            authors=byline or metadata.authors,
            signed=bool(byline) or metadata.signed,
            published_at=metadata.published_at,
            modified_at=metadata.modified_at,
            published_precision=metadata.published_precision,
            modified_precision=metadata.modified_precision,
            published_offset=metadata.published_offset,
            modified_offset=metadata.modified_offset,
            language=metadata.language,
            canonical_url=metadata.canonical_url,
            description=metadata.description,
            section=metadata.section,
            tags=metadata.tags,
            image_url=metadata.image_url,
            image_caption=metadata.image_caption,
            paywalled=metadata.paywalled,
            rights=metadata.rights,
            partial=is_partial(evidence, paragraphs),
            candidates=metadata.candidates,
            removed=tuple(removed),
            apart=shown_apart(left_out, starts),
            live_entries=entries,
            outline=outline_of(it.entry for it in self.candidates),
            skeleton=self.skeleton,
            bylines=bylines_of(
                metadata.labels, metadata.authors, declared=metadata.declares_authors
            ),
            layout=layout,
            template=reading_name(layout, template),
            blocks=tuple(block for i, block in enumerate(blocks) if i not in repeating),
            repeating=tuple(blocks[i] for i in sorted(repeating)),
        )

    def _entries(
        self, kind: PageKind, paragraphs: Sequence[Paragraph], starts: Sequence[int]
    ) -> tuple[LiveEntry, ...]:
        """The entries of a live blog, as it declares them or else as it shows their times; none of
        any other page."""
        declared = live_entries(self.updates, paragraphs)
        if declared or kind not in (PageKind.ARTICLE, PageKind.LIVE_BLOG):
            return declared
        moments = (
            (place, it.setting.moment)
            for place, it in enumerate(self.candidates)
            if it.setting.moment is not None
        )
        metadata = self.evidence.metadata
        known = (metadata.published_at, metadata.modified_at)
        timed = timed_entries(moments, starts, besides=known)
        if kind is PageKind.LIVE_BLOG:
            return timed
        is_live = is_told_by_the_minute(timed, len(paragraphs), metadata.published_at)
        return timed if is_live else ()

    def read_for_any_template(self) -> None:
        """Read of the page, which is still at hand, what may be asked of it where a template leaves
        but a part of its text."""
        kept = (it for it in self.candidates if it.reason is None)
        paragraphs = paragraphs_of(map(_part_of, kept))
        for share in _SHARES:
            some = paragraphs[: int(share * len(paragraphs))]
            page_kind(self.evidence, some)
            is_partial(self.evidence, some)
        self.evidence.read_entries_of(paragraphs)


def _part_of(block: CandidateBlock) -> Part:
    if block.part is None:
        raise NeedsPage
    return block.part
