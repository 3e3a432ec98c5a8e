"""The edits in a history: what kind each was, when it was made, and whether the publisher said so.

Two versions are compared as one extractor with one site's template read them both, where one has:
what a later extractor sees in one of them alone is no edit.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy.orm import Session

from storage.history.edits import EditKind, VersionText, classify, is_declared, text_of
from storage.history.readings import Known, read_alike, readings_of_versions
from storage.history.version_records import VersionRecord
from storage.ledger.findings import latest_findings
from storage.models import Meaning, Reading

_CHUNK = 500  # versions a statement: SQLite takes 32,766 parameters


@dataclass(frozen=True, slots=True)
class Edit:
    """What lies between two versions, `old` the one seen first; made between `not_before` and
    `not_after`.

    `not_before` is None where `old` was still seen later, at another address: readers saw both.
    `alternating` is a version that has the words of the one before the last, as the one before it
    had: a publisher that shows two wordings in turn. `completes` is the whole text of which a part
    was known: no edit.
    """

    old: VersionRecord
    new: VersionRecord
    kinds: tuple[EditKind, ...]
    declared: bool
    not_before: datetime | None
    not_after: datetime
    alternating: bool = False
    completes: bool = False


def edit_between(session: Session, old: VersionRecord, new: VersionRecord) -> Edit:
    """What makes `new` of `old`, whichever came first."""
    return _edit(*_Readings(session, [old, new]).alike(old, new))


def edits_of(session: Session, versions: Sequence[VersionRecord]) -> list[Edit | None]:
    """The edit that made each version of the one before that stands; None for the first, and for
    one that is retracted."""
    stand = [it for it in versions if it.retracted_at is None]
    made = dict(zip((it.version_id for it in stand), _edits_of(session, stand), strict=True))
    return [made.get(it.version_id) for it in versions]


def _edits_of(session: Session, versions: Sequence[VersionRecord]) -> list[Edit | None]:
    readings = _Readings(session, versions)
    new = _found_new(session, versions)
    edits: list[Edit | None] = [None] if versions else []
    for place in range(1, len(versions)):
        edit = _edit(*readings.alike(versions[place - 1], versions[place]))
        alternating = place >= 3 and all(
            readings.same_words(versions[at - 2], versions[at]) for at in (place - 1, place)
        )
        completes = edit.old.partial and not edit.new.partial and edit.new.version_id in new
        edits.append(replace(edit, alternating=alternating, completes=completes))
    return edits


def _found_new(session: Session, versions: Sequence[VersionRecord]) -> set[int]:
    """The ids of the versions whose first sight was no edit."""
    new: set[int] = set()
    for start in range(0, len(versions), _CHUNK):
        fetches = {it.fetch_id: it.version_id for it in versions[start : start + _CHUNK]}
        found = latest_findings(session, fetches)
        new |= {fetches[it] for it, finding in found.items() if finding.meaning is Meaning.NEW}
    return new


def _edit(old: VersionRecord, new: VersionRecord) -> Edit:
    kinds = classify(version_text(old), version_text(new))
    before, after = (old, new) if old.version <= new.version else (new, old)
    apart = before.last_seen_at <= after.first_seen_at
    return Edit(
        old=old,
        new=new,
        kinds=kinds,
        declared=is_declared(kinds),
        not_before=before.last_seen_at if apart else None,
        not_after=after.first_seen_at,
    )


def version_text(version: VersionRecord) -> VersionText:
    """What of a version is compared."""
    return text_of(
        title=version.title,
        paragraphs=version.paragraphs,
        modified_at=version.modified_at,
        authors=version.authors,
        published_at=version.page_published_at,
        signed=not version.details.get("unsigned"),
        template=version.template,
    )


class _Readings:
    """How some versions' pages were read."""

    def __init__(self, session: Session, versions: Sequence[VersionRecord]) -> None:
        self._session = session
        self._known: dict[int, Known] = {}
        ids = sorted({version.version_id for version in versions})
        for start in range(0, len(ids), _CHUNK):
            self._known |= readings_of_versions(session, ids[start : start + _CHUNK])

    def alike(self, old: VersionRecord, new: VersionRecord) -> tuple[VersionRecord, VersionRecord]:
        """Both as they are compared: as one extractor with one template read them, if one has."""
        best = (old.extractor, old.template), (new.extractor, new.template)
        first, second = self._known[old.version_id], self._known[new.version_id]
        common = read_alike(first, second, best)
        if common is None or best[0] == best[1]:
            return old, new
        return self._read(old, first[common][0]), self._read(new, second[common][0])

    def same_words(self, one: VersionRecord, other: VersionRecord) -> bool:
        first, second = self._known[one.version_id], self._known[other.version_id]
        common = first.keys() & second.keys()
        return any(first[key][1] == second[key][1] for key in common)

    def _read(self, version: VersionRecord, reading_id: int) -> VersionRecord:
        reading = self._session.get_one(Reading, reading_id)
        return replace(
            version,
            title=reading.content.title,
            text=reading.content.text,
            paragraphs=reading.content.paragraphs,
            modified_at=reading.content.modified_at,
            authors=reading.content.authors,
            page_published_at=reading.content.published_at,
            partial=reading.content.partial,
            extractor=reading.extractor,
            template=reading.template,
        )
