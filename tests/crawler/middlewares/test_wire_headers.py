import gzip

from scrapy import Request
from scrapy.downloadermiddlewares.httpcompression import HttpCompressionMiddleware
from scrapy.http import Headers, Response
from scrapy.utils.test import get_crawler

from crawler.middlewares.wire_headers import HEADERS, WireHeadersMiddleware


def test_headers_are_kept_as_they_came_though_the_body_is_decompressed() -> None:
    request = Request("https://example.org/")
    came = Headers(
        {"Content-Encoding": "gzip", "Link": ["</a>", "</b>"], "Content-Type": "text/html"}
    )
    response = Response(request.url, headers=came, body=gzip.compress(b"<p>"), request=request)
    for middleware in (WireHeadersMiddleware(), HttpCompressionMiddleware(crawler=get_crawler())):
        done = middleware.process_response(request, response)
        assert isinstance(done, Response)
        response = done
    assert response.body == b"<p>"
    assert b"Content-Encoding" not in response.headers
    assert request.meta[HEADERS] == [
        (b"Content-Encoding", b"gzip"),
        (b"Link", b"</a>"),
        (b"Link", b"</b>"),
        (b"Content-Type", b"text/html"),
    ]
