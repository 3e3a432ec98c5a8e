"""The versions that a selection's search finds, in the order of its rows."""

from collections.abc import Iterator, Sequence
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.database.archive import Archive
from storage.models import VersionState
from storage.query.selection import Selection
from storage.search.options import Options, Versions
from storage.search.search import Search

_PATIENCE: Final = 3_600.0  # seconds that the index may take to be up to date
_BATCH: Final = 500


def matching_versions(
    archive: Archive, selection: Selection, *, without: Sequence[str] = ()
) -> Sequence[int] | None:
    """The ids of the versions that the search finds, by article and version, but for those of the
    sources that are to be left out; None where the selection has none. The index is brought up to
    date before.

    Raises BadQuery, and Refused where the index can't be brought up to date.
    """
    if not selection.search:
        return None
    # What is not searched need not wait for it.
    import numpy

    every = selection.all_versions
    options = Options(
        without=tuple(without),
        as_of=None if every else selection.as_of,
        known_by=selection.known_by,
        versions=Versions.ALL if every else Versions.CURRENT,
    )
    with Search(archive, patience=_PATIENCE) as search:
        found = search.version_ids(selection.search, options)
    with archive.reading() as session:
        places = numpy.fromiter(
            _places(session, found), dtype=numpy.dtype((numpy.int64, 3)), count=-1
        )
    if not len(places):
        return []
    articles, numbers, ids = places.T
    return ids[numpy.lexsort((numbers, articles))]  # type: ignore[no-any-return]


def matching_articles(archive: Archive, search: str) -> list[int]:
    """The ids of the articles whose current version the search finds. Raises as
    `matching_versions`."""
    found = matching_versions(archive, Selection(search=search))
    with archive.reading() as session:
        return sorted(
            {article for article, _, _ in _places(session, [int(it) for it in found or ()])}
        )


def _places(session: Session, version_ids: Sequence[int]) -> Iterator[tuple[int, int, int]]:
    for start in range(0, len(version_ids), _BATCH):
        some = list(version_ids[start : start + _BATCH])
        yield from session.execute(
            select(VersionState.article_id, VersionState.number, VersionState.version_id).where(
                VersionState.version_id.in_(some)
            )
        )
