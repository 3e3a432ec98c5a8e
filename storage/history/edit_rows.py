"""The archive's rows of `edit`: what makes each version of the one before it.

They are written in the transaction that records a version, reads it anew or moves it to another
history, so that SQL never finds one that is out of date.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any, Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from storage.database.dialects import upsert
from storage.history.edits import EditKind, VersionText, compare, text_of
from storage.history.readings import Known, read_alike, readings_of_versions
from storage.ledger.findings import is_latest
from storage.models import (
    Content,
    Edit,
    Finding,
    Meaning,
    Reading,
    ReadingDetail,
    Version,
    VersionState,
)
from storage.models.history import paragraphs_of

REACH: Final = 3
"""How many versions on an edit looks back, to tell two wordings in turn."""
_CHUNK: Final = 500  # versions a statement: SQLite takes 32,766 parameters

_FLAGS: Final = tuple((kind, kind.value.replace("-", "_")) for kind in EditKind)
_COLUMNS: Final = (
    Edit.version_id,
    Edit.from_content,
    Edit.to_content,
    Edit.words_deleted,
    Edit.words_inserted,
    *(getattr(Edit, name) for _, name in _FLAGS),
)


def refresh_edits(session: Session, version_ids: Collection[int], *, alone: bool = False) -> None:
    """Bring the edits up to date that made these versions, and those that came of them; with
    `alone`, which revision 0018 asks for, not those that came of them. One that is retracted has
    none: of these that revision knows nothing. The session is flushed."""
    session.flush()
    ids = sorted(set(version_ids))
    for start in range(0, len(ids), _CHUNK):
        _refresh(session, set(ids[start : start + _CHUNK]), alone=alone)


def rows_of_edits(session: Session, article_ids: Collection[int]) -> Iterator[dict[str, Any]]:
    """The rows of `edit` that these articles are to have, all compared anew."""
    rows = session.execute(
        select(VersionState.article_id, VersionState.version_id)
        .where(VersionState.article_id.in_(article_ids), VersionState.retracted_at.is_(None))
        .order_by(VersionState.article_id, VersionState.number)
    )
    for _, group in groupby(rows, key=lambda row: row.article_id):
        history = [row.version_id for row in group]
        pairs = [tuple(history[max(0, at - REACH) : at + 1]) for at in range(1, len(history))]
        for begin in range(0, len(pairs), _CHUNK):
            yield from _rows(session, pairs[begin : begin + _CHUNK], anew=True)


def renew_edits(session: Session, article_ids: Collection[int]) -> list[int]:
    """Tell the edits of these articles anew, by the rules of today; the versions whose edit is
    another one now."""
    wanted = {row["version_id"]: row for row in rows_of_edits(session, article_ids)}
    known = session.execute(select(Edit.__table__).where(Edit.version_id.in_(wanted))).mappings()
    told = {row["version_id"]: row for row in known}
    changed = [
        row
        for version_id, row in wanted.items()
        if version_id not in told or any(told[version_id][name] != row[name] for name in row)
    ]
    for start in range(0, len(changed), _CHUNK):
        _write(session, changed[start : start + _CHUNK])
    return [row["version_id"] for row in changed]


def _refresh(session: Session, changed: set[int], *, alone: bool) -> None:
    pairs: list[tuple[int, ...]] = []
    firsts: list[int] = []
    retracted = [] if alone else _retracted(session, changed)
    for history in _histories(session, changed, standing_alone=not alone):
        for at, version_id in enumerate(history):
            reach = 1 if alone else REACH + 1
            if changed.isdisjoint(history[max(0, at + 1 - reach) : at + 1]):
                continue
            if at == 0:
                firsts.append(version_id)
            else:
                pairs.append(tuple(history[max(0, at - REACH) : at + 1]))
    if none := [*firsts, *retracted]:
        session.execute(delete(Edit).where(Edit.version_id.in_(none)))
    for begin in range(0, len(pairs), _CHUNK):
        _write(session, list(_rows(session, pairs[begin : begin + _CHUNK])))


def _write(session: Session, rows: list[dict[str, Any]]) -> None:
    insert = upsert(session, Edit)
    set_ = {name: insert.excluded[name] for name in rows[0] if name != "version_id"}
    session.execute(insert.on_conflict_do_update(index_elements=["version_id"], set_=set_), rows)


def _histories(
    session: Session, version_ids: set[int], *, standing_alone: bool
) -> Iterator[Sequence[int]]:
    """The versions of each article that has one of these, in order; those that stand or all."""
    articles = select(VersionState.article_id).where(VersionState.version_id.in_(version_ids))
    histories: dict[int, list[int]] = defaultdict(list)
    query = (
        select(VersionState.article_id, VersionState.version_id)
        .where(VersionState.article_id.in_(articles))
        .order_by(VersionState.article_id, VersionState.number)
    )
    if standing_alone:
        query = query.where(VersionState.retracted_at.is_(None))
    for article_id, version_id in session.execute(query):
        histories[article_id].append(version_id)
    yield from histories.values()


def _retracted(session: Session, version_ids: set[int]) -> Sequence[int]:
    return session.scalars(
        select(VersionState.version_id).where(
            VersionState.version_id.in_(version_ids), VersionState.retracted_at.is_not(None)
        )
    ).all()


@dataclass(frozen=True, slots=True)
class _Of:
    """What is known of a version: when it was first seen, whether that was found to be new, how its
    page was read, and by which extractor and template it is read best."""

    first_seen_at: datetime
    new: bool
    known: Known
    best: tuple[str, str]


def _rows(
    session: Session, pairs: Sequence[tuple[int, ...]], *, anew: bool = False
) -> Iterator[dict[str, Any]]:
    """The rows for these versions, with those before each. What was found of the same two contents
    before is taken over, but `anew`."""
    versions = _versions(session, {it for pair in pairs for it in pair})
    alike = {pair: _alike(versions[pair[-2]], versions[pair[-1]]) for pair in pairs}
    readings = {reading for both in alike.values() for reading in both}
    digests = dict(
        session.execute(
            select(Reading.id, Reading.content_digest).where(Reading.id.in_(readings))
        ).all()
    )
    compared = {pair: (digests[one], digests[other]) for pair, (one, other) in alike.items()}
    known = {
        row.version_id: row
        for row in session.execute(
            # Not all: revisions that ask for this, too, come before the last column.
            select(*_COLUMNS).where(Edit.version_id.in_([pair[-1] for pair in pairs]))
        )
    }
    texts = _texts(session, readings)
    for pair, (before, after) in compared.items():
        *_, from_id, version_id = pair
        row = {
            "version_id": version_id,
            "from_version_id": from_id,
            "first_seen_at": versions[version_id].first_seen_at,
            "from_content": before,
            "to_content": after,
        }
        earlier = None if anew else known.get(version_id)
        (old, was_partial), (new, is_partial) = (texts[reading] for reading in alike[pair])
        row["completes"] = was_partial and not is_partial and versions[version_id].new
        row["alternating"] = len(pair) == REACH + 1 and all(
            _same_words(versions[pair[at - 2]], versions[pair[at]]) for at in (2, 3)
        )
        if earlier is not None and (earlier.from_content, earlier.to_content) == (before, after):
            made = {name: getattr(earlier, name) for _, name in _FLAGS}
            counts = (earlier.words_deleted, earlier.words_inserted)
        else:
            found = compare(old, new)
            made = {name: kind in found.kinds for kind, name in _FLAGS}
            counts = (found.words_deleted, found.words_inserted)
        yield {**row, **made, "words_deleted": counts[0], "words_inserted": counts[1]}


def _versions(session: Session, version_ids: set[int]) -> dict[int, _Of]:
    known: dict[int, Known] = {}
    ids = sorted(version_ids)
    for start in range(0, len(ids), _CHUNK):
        known |= readings_of_versions(session, ids[start : start + _CHUNK])
    rows = session.execute(
        select(
            Version.id,
            Version.first_seen_at,
            Finding.meaning,
            Reading.extractor,
            Reading.template,
        )
        .join(VersionState, VersionState.version_id == Version.id)
        .join(Reading, Reading.id == VersionState.best_reading)
        .outerjoin(Finding, (Finding.fetch_id == Version.fetch_id) & is_latest())
        .where(Version.id.in_(version_ids))
    )
    return {
        row.id: _Of(
            row.first_seen_at,
            row.meaning is Meaning.NEW,
            known[row.id],
            (row.extractor, row.template),
        )
        for row in rows
    }


def _alike(old: _Of, new: _Of) -> tuple[int, int]:
    """The readings of both that are compared."""
    common = read_alike(old.known, new.known, (old.best, new.best))
    return old.known[common or old.best][0], new.known[common or new.best][0]


def _same_words(one: _Of, other: _Of) -> bool:
    shared = one.known.keys() & other.known.keys()
    return any(one.known[key][1] == other.known[key][1] for key in shared)


def _texts(session: Session, reading_ids: set[int]) -> dict[int, tuple[VersionText, bool]]:
    """What readings say, and whether a wall cuts it short."""
    rows = session.execute(
        select(
            Reading.id,
            Reading.template,
            ReadingDetail.details,
            Content.title,
            Content.text,
            Content.blocks,
            Content.authors,
            Content.published_at,
            Content.modified_at,
            Content.partial,
        )
        .join(Content, Content.digest == Reading.content_digest)
        .join(ReadingDetail, ReadingDetail.digest == Reading.detail_digest)
        .where(Reading.id.in_(reading_ids))
    )
    return {
        row.id: (
            text_of(
                title=row.title,
                paragraphs=paragraphs_of(row.text, row.blocks),
                modified_at=row.modified_at,
                authors=row.authors,
                published_at=row.published_at,
                signed=not row.details.get("unsigned"),
                template=row.template,
            ),
            row.partial,
        )
        for row in rows
    }
