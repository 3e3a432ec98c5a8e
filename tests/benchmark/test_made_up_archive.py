from sqlalchemy import select

from storage.database.archive import Archive
from storage.history.edit_rows import rows_of_edits
from storage.models import Edit
from tests.benchmark.made_up_archive import fill


def test_its_edits_are_those_that_the_archive_would_make(archive: Archive) -> None:
    fill(archive, 3, lambda _: None)
    with archive.reading() as session:
        kept = session.execute(select(Edit.__table__).order_by(Edit.version_id)).mappings().all()
        made = list(rows_of_edits(session, [1, 2, 3]))
    assert [{name: row[name] for name in made[0]} for row in kept] == made
