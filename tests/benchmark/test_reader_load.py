import asyncio

from storage.database.archive import Archive
from tests.benchmark.reader_load import addresses, ask, prepare, serving, table


def test_many_are_answered_at_once(sqlite_archive: Archive) -> None:
    prepare(sqlite_archive, 10)
    asked = addresses(sqlite_archive)
    with serving(sqlite_archive.url.render_as_string(hide_password=False)) as (port, _):
        found = asyncio.run(ask(port, asked, people=5, seconds=3))
    assert sum(len(it.last) for it in found.values()) >= 5
    assert sum(it.wrong for it in found.values()) == 0
    assert len(list(table(found, 3))) == len(found) + 3
