"""Two versions of an article, compared."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage.database.errors import NotFound
from storage.database.identifiers import parse_identifier
from storage.history.diffs import DiffSegment, diff
from storage.history.edit_history import Edit, edit_between, version_text
from storage.history.lookup import find_article, number_of
from storage.history.sentences import SentenceChange, changed_sentences
from storage.history.version_records import versions_of
from storage.models import VersionState


@dataclass(frozen=True, slots=True)
class Comparison:
    """What lies between two versions of the article of number `article_id`, at `url`."""

    article_id: int
    url: str
    edit: Edit

    def title(self) -> list[DiffSegment]:
        """The titles, word by word."""
        return diff(self.edit.old.title, self.edit.new.title)

    def text(self) -> list[DiffSegment]:
        """The texts, word by word: in seconds, for the longest."""
        return diff(self.edit.old.text, self.edit.new.text)

    def sentences(self) -> list[SentenceChange]:
        """The sentences that were changed."""
        return changed_sentences(version_text(self.edit.old), version_text(self.edit.new))


def compare_versions(session: Session, article: str, versions: Sequence[str] = ()) -> Comparison:
    """Compare two versions of an article, each by its number or its identifier: by default the last
    two; of one that is named, that one with the last.

    An article that is named by a version's identifier is compared from that version: with the one
    before it, or with the one that is named. Raises NotFound.
    """
    found = find_article(session, article)
    wanted = list(versions)
    if parse_identifier(article) is not None and len(wanted) < 2:
        wanted.insert(0, article)
    numbers = [number_of(session, found.id, version) for version in wanted]
    if wanted == [article]:
        numbers.insert(0, _before(session, found.id, numbers[0]))
    old, new = _pair(session, found.id, numbers)
    records = {
        it.version: it for it in versions_of(session, found.id, VersionState.number.in_([old, new]))
    }
    edit = edit_between(session, records[old], records[new])
    return Comparison(found.id, found.url, edit)


def _before(session: Session, article_id: int, number: int) -> int:
    """The number of the version before that stands; 0 where there is none."""
    latest = select(func.max(VersionState.number)).where(
        VersionState.article_id == article_id,
        VersionState.number < number,
        VersionState.retracted_at.is_(None),
    )
    return session.scalar(latest) or 0


def _pair(session: Session, article_id: int, numbers: Sequence[int]) -> tuple[int, int]:
    """The numbers of the two, which are there."""
    known = select(VersionState.number).where(VersionState.article_id == article_id)
    stand = known.where(VersionState.retracted_at.is_(None))
    latest = session.scalars(stand.order_by(VersionState.number.desc()).limit(2)).all()
    if not numbers and len(latest) < 2:
        raise NotFound("the article has one version: no edit was seen")
    if numbers and numbers[0] == 0:
        raise NotFound("that is the article's first version: there is none before it")
    old, new = (*(numbers or latest[1:]), latest[0])[:2]
    there = set(session.scalars(known.where(VersionState.number.in_([old, new]))))
    for number in (old, new):
        if number not in there:
            raise NotFound(f"no version {number}: the article has 1 to {latest[0]}")
    return old, new
