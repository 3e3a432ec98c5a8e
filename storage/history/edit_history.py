"""The edits in a history: what kind each was, when it was made, and whether the publisher said so.

Two versions are compared as one extractor with one site profile read them both, where one has:
what a later extractor sees in one of them alone is no edit.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.history.edits import EditKind, VersionText, classify, is_declared
from storage.history.version_records import VersionRecord
from storage.models import Extraction

_CHUNK = 500  # digests a statement: SQLite takes 32,766 parameters


@dataclass(frozen=True, slots=True)
class Edit:
    """What lies between two versions, `old` the one seen first; made between `not_before` and
    `not_after`.

    `not_before` is None where `old` was still seen later, at another address: readers saw both.
    `alternating` is a version that has the words of the one before the last, as the one before it
    had: a publisher that shows two wordings in turn.
    """

    old: VersionRecord
    new: VersionRecord
    kinds: tuple[EditKind, ...]
    declared: bool
    not_before: datetime | None
    not_after: datetime
    alternating: bool = False


def edit_between(session: Session, old: VersionRecord, new: VersionRecord) -> Edit:
    """What makes `new` of `old`, whichever came first."""
    return _edit(*_Readings(session, [old, new]).alike(old, new))


def edits_of(session: Session, versions: Sequence[VersionRecord]) -> list[Edit | None]:
    """The edit that made each version of the one before; None for the first."""
    readings = _Readings(session, versions)
    edits: list[Edit | None] = [None] if versions else []
    for place in range(1, len(versions)):
        edit = _edit(*readings.alike(versions[place - 1], versions[place]))
        alternating = place >= 3 and all(
            readings.same_words(versions[at - 2], versions[at]) for at in (place - 1, place)
        )
        edits.append(replace(edit, alternating=alternating))
    return edits


def _edit(old: VersionRecord, new: VersionRecord) -> Edit:
    kinds = classify(_text_of(old), _text_of(new))
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


def _text_of(version: VersionRecord) -> VersionText:
    standfirst = [text for kind, text in version.paragraphs if kind == "standfirst"]
    rest = [text for kind, text in version.paragraphs if kind != "standfirst"]
    notes = [text for kind, text in version.paragraphs if kind == "correction"]
    return VersionText(
        title=version.title,
        standfirst="\n".join(standfirst),
        paragraphs=tuple(rest),
        corrections=tuple(notes),
        modified_at=version.modified_at,
    )


class _Readings:
    """What each extractor with each profile made of some versions' payloads."""

    def __init__(self, session: Session, versions: Sequence[VersionRecord]) -> None:
        self._session = session
        self._known: dict[bytes, dict[tuple[str, str], tuple[int, bytes]]] = {}
        digests = sorted({version.digest for version in versions})
        for start in range(0, len(digests), _CHUNK):
            rows = session.execute(
                select(
                    Extraction.digest,
                    Extraction.extractor,
                    Extraction.profile,
                    Extraction.id,
                    Extraction.fingerprint,
                ).where(Extraction.digest.in_(digests[start : start + _CHUNK]))
            )
            for digest, extractor, profile, identity, fingerprint in rows:
                readings = self._known.setdefault(digest, {})
                readings[extractor, profile] = (identity, fingerprint)

    def alike(self, old: VersionRecord, new: VersionRecord) -> tuple[VersionRecord, VersionRecord]:
        """Both as one extractor with one profile read them: the latest that has read both."""
        if (old.extractor, old.profile) == (new.extractor, new.profile):
            return old, new
        first, second = self._known[old.digest], self._known[new.digest]
        common = max(first.keys() & second.keys(), key=lambda key: second[key], default=None)
        if common is None:
            return old, new
        return self._read(old, first[common][0]), self._read(new, second[common][0])

    def same_words(self, one: VersionRecord, other: VersionRecord) -> bool:
        first, second = self._known[one.digest], self._known[other.digest]
        common = first.keys() & second.keys()
        return any(first[key][1] == second[key][1] for key in common)

    def _read(self, version: VersionRecord, extraction_id: int) -> VersionRecord:
        extraction = self._session.get_one(Extraction, extraction_id)
        return replace(
            version,
            title=extraction.title,
            text=extraction.text,
            paragraphs=extraction.paragraphs,
            modified_at=extraction.modified_at,
            extractor=extraction.extractor,
            profile=extraction.profile,
        )
