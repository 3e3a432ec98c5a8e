"""Overruling: an operator's word on what was told of a site-wide change, or of edits.

That a change is no change of the site's: what it hid is then recorded as edits
(history.late_versions). Or that edits are the site's: these versions are then retracted. Each is on
record with who said it, when and why, holds for later sessions too, and can be undone.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from storage.database.errors import NotFound, Refused
from storage.history.edits import text_of
from storage.history.retractions import settle_versions
from storage.history.sentences import changed_sentences
from storage.models import (
    Article,
    Content,
    Edit,
    Overruling,
    Says,
    Version,
    VersionState,
)
from storage.templates.decisions import decide, decisions_of

_NEVER_REMOVE: Final = "never-remove"
_DAYS: Final = timedelta(days=7)


def say_edits(
    session: Session,
    source_id: int,
    transition: tuple[str, str],
    signatures: Iterable[tuple[str, ...]],
    *,
    why: str,
    who: str,
    now: datetime,
) -> Overruling:
    """Put on record that this was no change of the site's. The blocks that it brought stay in texts
    from now on. One that is on record already is given back."""
    told = sorted(list(it) for it in signatures)
    for known in overrulings(session, source_id):
        same = (known.came_from, known.became, known.signatures) == (*transition, told)
        if same and known.says is Says.EDITS and known.undone_at is None:
            return known
    decided = decisions_of(session, source_id)
    keys = [it[1] for it in told if it[0] == "+" and it[1] not in decided]
    for key in keys:
        decide(session, source_id, key, _NEVER_REMOVE)
    made = Overruling(
        source_id=source_id,
        says=Says.EDITS,
        came_from=transition[0],
        became=transition[1],
        signatures=told,
        keys=keys,
        version_ids=[],
        reason=why,
        said_by=who,
        said_at=now,
    )
    session.add(made)
    session.flush()
    return made


def add_versions(session: Session, made: Overruling, version_ids: Iterable[int]) -> None:
    """These versions came of it, or stand again by it."""
    found = set(version_ids)
    made.version_ids = sorted({*made.version_ids, *found})
    _rule_out(session, found, None)


def say_site(
    session: Session,
    source_id: int,
    version_ids: Collection[int],
    transition: tuple[str, str],
    signatures: Iterable[tuple[str, ...]],
    *,
    why: str,
    who: str,
    now: datetime,
) -> Overruling:
    """Put on record that these versions are the site's doing, and retract them; `signatures` are
    what they have in common, known to be the site's from now on. Raises Refused for one that began
    its article or is retracted already."""
    require_edits(session, source_id, version_ids)
    made = Overruling(
        source_id=source_id,
        says=Says.SITE,
        came_from=transition[0],
        became=transition[1],
        signatures=sorted(list(it) for it in signatures),
        keys=[],
        version_ids=sorted(version_ids),
        reason=why,
        said_by=who,
        said_at=now,
    )
    session.add(made)
    session.flush()
    _rule_out(session, version_ids, made.id)
    return made


def undo_overruling(
    session: Session, source_id: int, number: int, *, why: str, who: str, now: datetime
) -> Overruling:
    """Take back what was said: the versions that came of it are retracted, those that it retracted
    stand again. Raises NotFound and Refused."""
    made = session.get(Overruling, number, with_for_update=True)
    if made is None or made.source_id != source_id:
        raise NotFound(f"no overruling {number} of this source: `permalien overrule` lists them")
    if made.undone_at is not None:
        raise Refused(f"overruling {number} was undone already")
    made.undone_at, made.undone_by, made.undone_reason = now, who, why
    decided = decisions_of(session, source_id)
    for key in made.keys:
        if decided.get(key) == _NEVER_REMOVE:
            decide(session, source_id, key, None)
    session.flush()
    _rule_out(session, made.version_ids, made.id if made.says is Says.EDITS else None)
    return made


def overrulings(session: Session, source_id: int) -> Sequence[Overruling]:
    """What was said of the source, in order, what was undone too."""
    query = select(Overruling).where(Overruling.source_id == source_id).order_by(Overruling.id)
    return session.scalars(query).all()


def alike_edits(session: Session, version_id: int) -> list[int]:
    """The versions that edits of the same days made which changed the same sentences, that one too;
    of articles of its source. None where no edit made it."""
    this = session.get(Edit, version_id)
    if this is None:
        return []
    of_source = (
        select(Article.source_id)
        .join(VersionState, VersionState.article_id == Article.id)
        .where(VersionState.version_id == version_id)
    )
    rows = session.scalars(
        select(Edit)
        .join(VersionState, VersionState.version_id == Edit.version_id)
        .join(Article, Article.id == VersionState.article_id)
        .where(
            Article.source_id == of_source.scalar_subquery(),
            Edit.first_seen_at >= this.first_seen_at - _DAYS,
            Edit.first_seen_at <= this.first_seen_at + _DAYS,
            Edit.words_deleted == this.words_deleted,
            Edit.words_inserted == this.words_inserted,
        )
        .order_by(Edit.version_id)
    ).all()
    wanted = _sentences(session, this)
    return [it.version_id for it in rows if _sentences(session, it) == wanted]


def _sentences(session: Session, edit: Edit) -> list[tuple[str, str]]:
    old, new = (session.get_one(Content, it) for it in (edit.from_content, edit.to_content))
    changes = changed_sentences(
        *(text_of(title=it.title, paragraphs=it.paragraphs) for it in (old, new))
    )
    return [(it.before, it.after) for it in changes]


def require_edits(session: Session, source_id: int, version_ids: Collection[int]) -> None:
    """Raises Refused unless all are edits of the source's articles that stand."""
    rows = session.execute(
        select(
            Version.identifier, VersionState.number, VersionState.retracted_at, Article.source_id
        )
        .join(VersionState, VersionState.version_id == Version.id)
        .join(Article, Article.id == VersionState.article_id)
        .where(Version.id.in_(version_ids))
        .order_by(Version.id)
    )
    for identifier, number, retracted_at, of_source in rows:
        if of_source != source_id:
            raise Refused(f"version {identifier} is of another source")
        if number == 1:
            raise Refused(f"version {identifier} is the first of its article: no edit made it")
        if retracted_at is not None:
            raise Refused(f"version {identifier} is retracted already: `permalien show` says why")


def _rule_out(session: Session, version_ids: Collection[int], overruling_id: int | None) -> None:
    if not version_ids:
        return
    session.execute(
        update(VersionState)
        .where(VersionState.version_id.in_(version_ids))
        .values(overruling_id=overruling_id)
        .execution_options(synchronize_session=False)
    )
    settle_versions(session, version_ids, freed=version_ids if overruling_id is None else ())
