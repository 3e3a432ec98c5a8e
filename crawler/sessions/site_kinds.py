"""What a site's pages are, decided again at the end of each of its sessions.

A page that was taken for an article alone, and proves to be a list or a static page now that the
site is known better, is dismissed; one that was dismissed wrongly comes back (history.dismissals).
"""

import asyncio
import logging
from collections.abc import Collection, Sequence
from functools import partial

from sqlalchemy.orm import Session

from crawler.extraction.article import PageKind
from crawler.extraction.kind.site import Correction, SitePage, correct_kinds
from crawler.reading.worker import NoArticle, Read
from crawler.recording.pages import record_page
from crawler.recording.tally import Tally
from crawler.sessions.findings import Seen
from storage.database.clock import utc_now
from storage.database.writer import Writer
from storage.history.captured_pages import Captured
from storage.history.dismissals import (
    Dismissal,
    Readmission,
    record_dismissals,
    record_readmissions,
)
from storage.history.non_articles import NonArticle
from storage.history.site_pages import KnownPage, known_pages, shown_beside
from storage.models import Outcome

logger = logging.getLogger(__name__)

_MOST_OTHERS = 20  # pages that are above suspicion, whose furniture is known by theirs


async def correct_site(
    writer: Writer, tally: Tally, source_id: int, dismissed: Collection[Seen] = ()
) -> set[int]:
    """Dismiss what proves to be no article, and readmit what does; `dismissed` are pages of
    articles that were dismissed, which say something else now. The articles that were dismissed."""
    anew = {it.article_id or 0: it for it in dismissed if isinstance(it.result, Read)}

    def look(session: Session) -> list[tuple[KnownPage, SitePage]]:
        known = known_pages(session, source_id)
        shown = shown_beside(session, _suspects(known))
        return [(page, _site_page(page, anew, shown.get(page.article_id, ()))) for page in known]

    pages = await asyncio.wrap_future(writer.read(look))
    # correcting compares texts: not in the event loop
    corrections = await asyncio.to_thread(correct_kinds, [page for _, page in pages])
    by_article = {
        known.article_id: corrections[page.url] for known, page in pages if page.url in corrections
    }
    back = {it for it, correction in by_article.items() if correction.kind is PageKind.ARTICLE}
    await _record(writer, tally, by_article, back)
    reasons = {known.article_id: known.dismissed_as or "" for known, _ in pages}
    for seen in dismissed:
        article_id = seen.article_id or 0
        if article_id in back and isinstance(seen.result, Read):
            page: Captured | NonArticle = Captured(
                seen.fetch_id, seen.address_id, seen.fetched_at, seen.result.reading, judged=True
            )
        else:
            page = NonArticle(
                seen.fetch_id, seen.address_id, seen.fetched_at, Outcome.NOT_ARTICLE,
                _reason(seen, reasons.get(article_id, "")), judged=True,
            )  # fmt: skip
        await record_page(writer, tally, page)
    return by_article.keys() - back


async def _record(
    writer: Writer, tally: Tally, corrections: dict[int, Correction], back: set[int]
) -> None:
    dismissals = [
        Dismissal(it, correction.kind.value, correction.reason)
        for it, correction in corrections.items()
        if it not in back
    ]
    readmissions = [Readmission(it, corrections[it].reason) for it in sorted(back)]
    if dismissals:
        await asyncio.wrap_future(
            writer.call(partial(record_dismissals, dismissals=dismissals, now=utc_now()))
        )
    if readmissions:
        await asyncio.wrap_future(
            writer.call(partial(record_readmissions, readmissions=readmissions, now=utc_now()))
        )
    tally.dismissed += len(dismissals)
    tally.readmitted += len(readmissions)


def _suspects(pages: Sequence[KnownPage]) -> list[KnownPage]:
    """Pages of which more is to be known, and some others."""
    above = [it for it in pages if it.listed or (it.published_at is not None and it.authors)]
    clear = {it.article_id for it in above}
    return [it for it in pages if it.article_id not in clear] + above[:_MOST_OTHERS]


def _site_page(page: KnownPage, anew: dict[int, Seen], shown: Sequence[str]) -> SitePage:
    seen = anew.get(page.article_id)
    if seen is not None and isinstance(seen.result, Read):
        reading = seen.result.reading
        return SitePage(
            url=page.url,
            kind=_kind(page),
            title=reading.title,
            texts=[text for _, text in reading.paragraphs],
            summary=reading.details.get("description") or "",
            section=reading.details.get("section"),
            authors=reading.authors,
            published_at=reading.published_at,
            listed=page.listed,
            shown=[text for _, text in reading.removed],
            anew=True,
        )
    return SitePage(
        url=page.url,
        kind=_kind(page),
        title=page.title,
        texts=page.paragraphs,
        summary=page.summary or "",
        section=page.section,
        authors=page.authors,
        published_at=page.published_at,
        listed=page.listed,
        shown=shown,
    )


def _kind(page: KnownPage) -> PageKind:
    """What the page is taken for now."""
    if page.dismissed_as is not None:
        return PageKind(page.dismissed_as.partition(":")[0])
    return PageKind.LIVE_BLOG if page.kind == PageKind.LIVE_BLOG else PageKind.ARTICLE


def _reason(seen: Seen, dismissed_as: str) -> str:
    return seen.result.detail if isinstance(seen.result, NoArticle) else dismissed_as
