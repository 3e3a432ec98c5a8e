"""The proof of a version: what another person needs to check it without the archive.

A zip file (docs/proof.md tells of each part): the version's, its fetch's and its content's leaf
with the path from each to the root of its day; the days from there to one that an authority
stamped, each chained to the one before; the stamps; the stored page, what was read of it, and with
which template.
"""

import io
import json
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from storage.database.dialects import database_now
from storage.database.errors import Damaged, Refused
from storage.database.identifiers import parse_identifier
from storage.history.contents import canonical_content
from storage.history.lookup import find_article, find_version
from storage.ledger.pages import StoredPage, load_page
from storage.ledger.payloads import digest_of
from storage.models import (
    Article,
    Content,
    DayRoot,
    Fetch,
    Layout,
    Leaf,
    Reading,
    Reuse,
    Template,
    TimestampToken,
    Unsealed,
    Version,
)
from storage.proof.leaves import canonical, documents_of
from storage.proof.sealing import NO_DAY, path_of
from storage.query.rights import may_export

FORMAT: Final = 1
KIND: Final = "permalien proof"

_MIDNIGHT: Final = time(tzinfo=UTC)
_GONE: Final = (
    "this version can't be proved any more: of what it rests on, something was taken away"
)
_MADE: Final = (1980, 1, 1, 0, 0, 0)  # zip's first moment: the same proof is the same bytes

TemplateName = Callable[[str, str, datetime], str]
"""What a reading of a page of a time names a template by, of the key of its layout and its JSON."""


@dataclass(frozen=True, slots=True)
class TdmRule:
    """What the site's tdmrep.json said of a page."""

    reserved: bool
    policy: str | None


@dataclass(frozen=True, slots=True)
class Inputs:
    """What extraction makes of a stored page before it reads it: the digests of its input, with
    what the site's tdmrep.json said and without, and what that was, None for nothing."""

    with_rule: bytes
    without: bytes
    rule: TdmRule | None


@dataclass(frozen=True, slots=True)
class Extraction:
    """What a proof asks of the extractor."""

    template_name: TemplateName
    inputs: Callable[[StoredPage], Inputs]


class NotClosed(Refused):
    """The day on which it was recorded is not over. The message says when it is."""


@dataclass(frozen=True, slots=True)
class Proof:
    """A proof: of which version, recorded on which day; which stamps, by day and token; and the
    bytes of its file."""

    version_id: str
    recorded_on: date
    stamps: tuple[tuple[date, datetime], ...]
    data: bytes


def needs_closing(session: Session, name: str) -> bool:
    """Whether a day has to be closed first to prove that version. Raises NotFound."""
    version = _version(session, name)
    return any(_leaf_of(session, it) is None for it in _rows_of(version))


def prove(session: Session, name: str, extraction: Extraction) -> Proof:
    """The proof of the version with that identifier, or of an article's current one.

    Raises NotFound, NotClosed, Damaged where what is stored is not what was recorded, and Refused
    where it was taken away or may not leave the archive.
    """
    version = _version(session, name)
    if may_export(session, [version.identifier]).get(version.identifier) is not Reuse.ALL:
        raise Refused(
            "this version may not leave the archive: see `permalien sources edit --may-export`"
        )
    leaves = [_closed_leaf(session, it) for it in _rows_of(version)]
    rows = _checked_rows(session, leaves)
    days, stamps = _chain(session, sorted({leaf.day for leaf, _ in leaves}))
    page = _page(session, version)
    rule = _rule(session, version, extraction.inputs(page))
    files = {
        "page": page.body,
        "content.json": _content(session, version),
        **{f"stamp-{number}.der": it.token for number, it in enumerate(stamps, 1)},
    }
    template = _template(session, version, extraction.template_name)
    if template is not None:
        files["template.json"] = template.encode()
    document = {
        "kind": KIND,
        "format": FORMAT,
        "leaves": [
            {
                "row": canonical(row).decode(),
                "salt": leaf.salt.hex() if leaf.salt else "",
                "day": leaf.day.isoformat(),
                "position": leaf.position,
                "path": [it.hex() for it in path_of(session, leaf, day.leaves)],
            }
            for row, (leaf, day) in zip(rows, leaves, strict=True)
        ],
        "tdm_rule": None if rule is None else asdict(rule),
        "days": days,
        "stamps": [
            {"file": f"stamp-{number}.der", "day": it.day.isoformat()}
            for number, it in enumerate(stamps, 1)
        ],
    }
    proof = json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True)
    return Proof(
        version.identifier,
        leaves[0][0].day,
        tuple((it.day, it.stamped_at) for it in stamps),
        _zipped({"proof.json": proof.encode(), **files}),
    )


def _version(session: Session, name: str) -> Version:
    if parse_identifier(name) is not None:
        version_id: int | None = find_version(session, name).version_id
    else:
        article: Article = find_article(session, name)
        version_id = article.current_version_id
    return session.get_one(Version, version_id)


_Row = tuple[str, int | bytes]
"""A column of `leaf`, and its value."""


def _rows_of(version: Version) -> list[_Row]:
    return [
        ("version_id", version.id),
        ("fetch_id", version.fetch_id),
        ("content_digest", version.recorded_content),
    ]


def _leaf_of(session: Session, row: _Row) -> tuple[Leaf, DayRoot] | None:
    """The leaf of a row and its day, where that is closed."""
    name, value = row
    found = session.execute(
        select(Leaf, DayRoot)
        .join(DayRoot, DayRoot.day == Leaf.day)
        .where(getattr(Leaf, name) == value)
    ).one_or_none()
    return None if found is None else (found[0], found[1])


def _closed_leaf(session: Session, row: _Row) -> tuple[Leaf, DayRoot]:
    name, value = row
    found = _leaf_of(session, row)
    if found is not None:
        if found[0].salt is None:
            raise Refused(_GONE)
        return found
    waiting: ColumnElement[bool] = getattr(Unsealed, name) == value
    recorded_at = session.scalar(select(func.max(Unsealed.recorded_at)).where(waiting))
    if recorded_at is None:
        raise Refused(
            f"the log has no leaf of this version's {name.partition('_')[0]}: it was taken away, "
            "or is damaged: `permalien verify` tells which"
        )
    last = session.scalar(select(func.max(DayRoot.day)))
    day = max(filter(None, (recorded_at.date(), last and last + timedelta(days=1))))
    over = datetime.combine(day + timedelta(days=1), _MIDNIGHT)
    if over <= database_now(session):
        raise NotClosed("its day is over and not closed yet: run `permalien timestamp`")
    raise NotClosed(
        f"it was recorded on {day}, a day that is not over: it can be proved from "
        f"{over:%Y-%m-%d %H:%M} UTC on"
    )


def _checked_rows(session: Session, leaves: Sequence[tuple[Leaf, DayRoot]]) -> list[dict[str, Any]]:
    """What the leaves say. Raises Refused where one's row is gone."""
    documents = documents_of(session, [leaf for leaf, _ in leaves])
    rows = [it for it in documents if it is not None]
    if len(rows) < len(leaves):
        raise Refused(_GONE)
    return rows


def _chain(
    session: Session, recorded: Sequence[date]
) -> tuple[list[dict[str, Any]], list[TimestampToken]]:
    """The days from the first of these to one that was stamped, or to the last; and of the days
    that were stamped next after each of these the stamps."""
    stamped: set[date] = set()
    for day in recorded:
        after = select(func.min(TimestampToken.day)).where(TimestampToken.day >= day)
        if (found := session.scalar(after)) is not None:
            stamped.add(found)
    until = max(stamped, default=date.max)
    if until < recorded[-1]:
        until = date.max
    days = session.scalars(
        select(DayRoot).where(DayRoot.day.between(recorded[0], until)).order_by(DayRoot.day)
    ).all()
    before = session.scalar(
        select(DayRoot.chained)
        .where(DayRoot.day < recorded[0])
        .order_by(DayRoot.day.desc())
        .limit(1)
    )
    told, chained = [], before or NO_DAY
    for it in days:
        told.append(
            {
                "day": it.day.isoformat(),
                "leaves": it.leaves,
                "root": it.root.hex(),
                "before": chained.hex(),
                "chained": it.chained.hex(),
            }
        )
        chained = it.chained
    stamps = session.scalars(
        select(TimestampToken)
        .where(TimestampToken.day.in_(stamped))
        .order_by(TimestampToken.day, TimestampToken.id)
    )
    return told, list(stamps)


def _page(session: Session, version: Version) -> StoredPage:
    page = load_page(session, version.fetch_id)
    if digest_of(page.body) != version.digest:
        raise Damaged(f"the bytes of payload {version.digest.hex()}")
    return page


def _rule(session: Session, version: Version, inputs: Inputs) -> TdmRule | None:
    """What of the site's tdmrep.json the version was read by."""
    wanted = session.get_one(Reading, version.reading_id).input
    if wanted not in (None, inputs.with_rule, inputs.without):
        raise Refused(
            f"version {version.identifier} was read of another input than its stored page gives "
            "today: it can't be proved how"
        )
    return inputs.rule if wanted == inputs.with_rule else None


def _content(session: Session, version: Version) -> bytes:
    content = session.get_one(Content, version.recorded_content)
    said = canonical_content({it.name: getattr(content, it.name) for it in Content.__table__.c})
    if digest_of(said) != version.recorded_content:
        raise Damaged(f"the text of version {version.identifier} as it was recorded")
    return said


def _template(session: Session, version: Version, template_name: TemplateName) -> str | None:
    """The template that the version was read with, as JSON; None for none, or one that was not
    kept as it was then."""
    wanted, fetched_at, source_id = session.execute(
        select(Reading.template, Fetch.fetched_at, Article.source_id)
        .join(Version, Version.reading_id == Reading.id)
        .join(Fetch, Fetch.id == Version.fetch_id)
        .join(Article, Article.id == Version.article_id)
        .where(Version.id == version.id)
    ).one()
    if not wanted:
        return None
    rows = session.execute(
        select(Layout.key, Template.template)
        .join(Template, Template.layout_id == Layout.id)
        .where(Layout.source_id == source_id)
        .order_by(Template.id.desc())
    )
    return next(
        (text for key, text in rows if template_name(key, text, fetched_at) == wanted), None
    )


def _zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, data in files.items():
            packed.writestr(zipfile.ZipInfo(name, _MADE), data, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
