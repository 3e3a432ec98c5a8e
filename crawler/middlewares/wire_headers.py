"""Keeps the headers of an answer as they came, before another middleware changes them."""

from scrapy import Request
from scrapy.http import Response

from storage.ledger.headers import RENDERED

HEADERS = "wire_headers"
"""In a request's meta: the headers of its answer, pairs of bytes."""


class WireHeadersMiddleware:
    """Is to stand next to the downloader: decompression takes Content-Encoding out."""

    def process_response(self, request: Request, response: Response) -> Response:
        response.headers.pop(RENDERED, None)
        request.meta[HEADERS] = [
            (name, value) for name, values in response.headers.items() for value in values
        ]
        return response
