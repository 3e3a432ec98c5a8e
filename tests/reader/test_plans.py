"""No statement that a page sends scans a table that grows."""

from sqlalchemy import text
from starlette.testclient import TestClient

from reader.app import create_app
from reader.settings import Settings
from storage.database.archive import Archive
from storage.models import Outcome
from tests.storage.test_plans import fill, scans_in
from tests.support.archiving import Desk
from tests.support.databases import query_plans


def test_no_statement_of_a_page_scans_a_table_that_grows(new_archive: Archive) -> None:
    fill(new_archive, 3_000, 1)
    desk = Desk(new_archive)
    desk.read("/a", "Title", "The words of the page")
    desk.read("/a", "Another title", "The other words of the page")
    desk.read("/b", "Title", "Other words")
    desk.check("/b", Outcome.GONE)
    with new_archive.writing() as session:
        session.execute(text("ANALYZE"))
    old, new = (it.identifier for it in desk.history("/a"))
    app = create_app(
        Settings(database=new_archive.url.render_as_string(hide_password=False), time_limit=120)
    )
    with TestClient(app, base_url="http://127.0.0.1") as client:
        asked = client.get("/search?q=x7")
        assert asked.status_code == 200
        for address in (
            "/", "/search?q=words", f"/versions/{new}", f"/articles/{desk.article('/b').id}",
            f"/compare/{old}/{new}", f"/versions/{new}/citation.bib", "/edits",
            "/edits?source=example.org", "/sources", "/sources/example.org",
            "/article?url=https://example.org/a", "/search/download.csv?q=words",
        ):  # fmt: skip
            plans = query_plans(app.state.opened.get(), lambda at=address: client.get(at))  # type: ignore[misc]
            assert plans
            assert scans_in(plans) == set(), address
