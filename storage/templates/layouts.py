"""Layouts and what was learned of each, revision by revision."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.orm import Session

from storage.models import Layout, Overruling, Says, SiteChange, Source, Template

MOST_CHANGES = 1_000
"""Site-wide changes of a source, the latest, that a session goes by."""

_LATEST = (
    select(func.max(Template.revision))
    .where(Template.layout_id == Layout.id)
    .correlate(Layout)
    .scalar_subquery()
)
_LAYOUTS = (
    select(Layout.key, Layout.skeleton, Template.template, Template.digest, Template.pages)
    .outerjoin(Template, (Template.layout_id == Layout.id) & (Template.revision == _LATEST))
    .where(Layout.source_id == bindparam("source"))
    .order_by(Layout.id)
)  # made once: a session of a crawl asks it thrice

Signatures = dict[tuple[str, str], set[tuple[str, ...]]]
"""What changed alike on a source's pages, by the layouts that these had and have."""


@dataclass(frozen=True, slots=True)
class LearnedLayout:
    """A layout with its latest template, as JSON, empty where none was learned."""

    key: str
    skeleton: tuple[int, ...]
    template: str = ""
    digest: str = ""
    pages: int = 0


@dataclass(frozen=True, slots=True)
class Revision:
    """A template, as JSON, as it was learned then; `is_new`: the first of a layout that was found
    after the source's first ones."""

    layout: str
    is_new: bool
    template: str
    pages: int
    learned_at: datetime
    template_id: int


def layouts_of(session: Session, source_id: int) -> list[LearnedLayout]:
    """The source's layouts, in the order they were found."""
    return [
        LearnedLayout(key, tuple(skeleton), template or "", digest or "", pages or 0)
        for key, skeleton, template, digest, pages in session.execute(
            _LAYOUTS, {"source": source_id}
        )
    ]


def save_layouts(
    session: Session, source_id: int, layouts: Sequence[LearnedLayout], now: datetime
) -> None:
    """Keep what was learned: new layouts, and a revision of each template that is another."""
    before = {layout.key: layout for layout in layouts_of(session, source_id)}
    for it in layouts:
        if it.key not in before:
            skeleton = list(it.skeleton)
            session.add(Layout(source_id=source_id, key=it.key, skeleton=skeleton, found_at=now))
            session.flush()
        if it.template and (it.key not in before or before[it.key].template != it.template):
            _add_revision(session, source_id, it, now)
    session.execute(update(Source).where(Source.id == source_id).values(relearn=False))


def _add_revision(session: Session, source_id: int, it: LearnedLayout, now: datetime) -> None:
    layout_id = session.scalars(
        select(Layout.id).where(Layout.source_id == source_id, Layout.key == it.key)
    ).one()
    latest = session.scalar(
        select(Template)
        .where(Template.layout_id == layout_id)
        .order_by(Template.revision.desc())
        .limit(1)
    )
    if latest is not None and latest.digest == it.digest:
        # counts alone moved: a revision is what it removes
        latest.template, latest.pages = it.template, it.pages
        return
    session.add(
        Template(
            layout_id=layout_id,
            revision=1 if latest is None else latest.revision + 1,
            digest=it.digest,
            template=it.template,
            pages=it.pages,
            learned_at=now,
        )
    )
    session.flush()


def site_changes(session: Session, source_id: int) -> Signatures:
    """What is known to have changed alike on the source's pages: what sessions found, and what an
    operator says is the site's, without what an operator says is none of it."""
    found: Signatures = {}
    rows = session.scalars(
        select(SiteChange)
        .where(SiteChange.source_id == source_id)
        .order_by(SiteChange.id.desc())
        .limit(MOST_CHANGES)
    )
    for row in rows:
        signatures = found.setdefault((row.came_from, row.became), set())
        signatures.update(tuple(signature) for signature in row.signatures)
    for transition, said in said_of_changes(session, source_id, Says.SITE).items():
        found.setdefault(transition, set()).update(said)
    for transition, said in said_of_changes(session, source_id, Says.EDITS).items():
        found.get(transition, set()).difference_update(said)
    return found


def signatures_of(
    session: Session, site_change_id: int
) -> tuple[tuple[str, str], set[tuple[str, ...]]]:
    """What a site-wide change was, and between which layouts."""
    it = session.get_one(SiteChange, site_change_id)
    return (it.came_from, it.became), {tuple(signature) for signature in it.signatures}


def said_of_changes(session: Session, source_id: int, says: Says) -> Signatures:
    """What an operator says that it is edits, or the site's, and did not take back."""
    found: Signatures = {}
    rows = session.scalars(
        select(Overruling).where(
            Overruling.source_id == source_id,
            Overruling.says == says,
            Overruling.undone_at.is_(None),
        )
    )
    for row in rows:
        signatures = found.setdefault((row.came_from, row.became), set())
        signatures.update(tuple(signature) for signature in row.signatures)
    return found


def latest_site_changes(session: Session, source_id: int, *, limit: int) -> Sequence[SiteChange]:
    """The source's site-wide changes, the latest first."""
    query = select(SiteChange).where(SiteChange.source_id == source_id)
    return session.scalars(query.order_by(SiteChange.id.desc()).limit(limit)).all()


def latest_revisions(session: Session, source_id: int, *, limit: int) -> Iterator[Revision]:
    """The templates learned of the source last, of each layout the first before the next. Streamed:
    to be read within the session."""
    began = session.scalar(select(func.min(Layout.found_at)).where(Layout.source_id == source_id))
    latest = (
        select(Template.id)
        .join(Layout, Layout.id == Template.layout_id)
        .where(Layout.source_id == source_id)
        .order_by(Template.id.desc())
        .limit(limit)
    )
    rows = session.execute(
        select(Template, Layout.key, Layout.found_at)
        .join(Layout, Layout.id == Template.layout_id)
        .where(Template.id.in_(latest))
        .order_by(Layout.id, Template.revision)
        .execution_options(yield_per=10)
    )
    for it, layout, found_at in rows:
        is_new = it.revision == 1 and began is not None and found_at > began
        yield Revision(layout, is_new, it.template, it.pages, it.learned_at, it.id)


def record_site_change(
    session: Session,
    source_id: int,
    transition: tuple[str, str],
    signatures: Sequence[tuple[str, ...]],
    pages: int,
    shown: int,
    now: datetime,
) -> None:
    """Put on record what changed alike on many pages: it was seen on `shown` of the `pages` that
    were compared."""
    session.add(
        SiteChange(
            source_id=source_id,
            came_from=transition[0],
            became=transition[1],
            signatures=[list(signature) for signature in sorted(signatures)],
            pages=pages,
            shown=shown,
            recorded_at=now,
        )
    )
