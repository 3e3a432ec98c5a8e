"""From the bytes of a response to a document."""

from collections.abc import Mapping

from lxml import etree, html
from w3lib.encoding import html_to_unicode

from crawler.extraction.errors import TooLarge, UnreadableBody

MAX_BYTES = 10 * 1024 * 1024


def parse(body: bytes, headers: Mapping[str, str] | None = None) -> html.HtmlElement:
    """The document in `body`. Raises UnreadableBody or TooLarge."""
    if len(body) > MAX_BYTES:
        raise TooLarge(f"{len(body)} bytes, {MAX_BYTES} allowed")
    if not body.strip():
        raise UnreadableBody("empty body")
    content_type = next(
        (value for name, value in (headers or {}).items() if name.lower() == "content-type"), None
    )
    text = html_to_unicode(content_type, body)[1].replace("\0", "")
    parser = html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True)
    try:
        return html.document_fromstring(text.encode("utf-8", "replace"), parser=parser)
    except etree.LxmlError as error:
        raise UnreadableBody(str(error)) from error
