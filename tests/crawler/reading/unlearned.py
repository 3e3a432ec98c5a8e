"""A site whose pages were read before anything was known of its template."""

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urljoin

from crawler.extraction import PageInput
from crawler.reading.template_refresh import Rereader
from crawler.reading.worker import Read, Templates, read
from storage.database.archive import Archive
from storage.database.writer import Writer
from storage.history.captured_pages import Captured
from tests.crawler.extraction import wordpress
from tests.support.archiving import Desk
from tests.support.readers import shared_pool

PAGES = 6
POSTS = list(wordpress.posts(PAGES))


def unlearned_desk(archive: Archive) -> Desk:
    desk = Desk(archive, site=f"{urljoin(POSTS[0].url, '/')}")
    for post in POSTS:
        body = wordpress.page(post, furniture="<p>{}</p>")
        check, checked = desk.check(post.url, body=body)
        assert check.body is not None
        assert checked.digest is not None
        page = PageInput(check.body, check.url, fetched_at=check.fetched_at)
        result = read(page, Templates())
        assert isinstance(result, Read)
        desk.record_page(
            Captured(
                check.fetch_id,
                check.address_id,
                check.fetched_at,
                result.reading,
                result.sample.to_json(),
            )
        )
    return desk


@contextmanager
def rereader(archive: Archive) -> Iterator[Rereader]:
    writer = Writer(archive)
    yield Rereader(writer, shared_pool())
    writer.close()
