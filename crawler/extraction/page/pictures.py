"""Where a picture is that a page shows, however late it is to be loaded."""

from itertools import islice

from lxml.html import HtmlElement

from crawler.extraction.page.web_addresses import absolute

# what stands in `src` until then is a placeholder
_ATTRIBUTES = ("data-src", "data-original", "data-lazy-src", "src", "poster")
_SETS = ("data-srcset", "srcset")
_MAX_ELEMENTS = 10


def picture_address(element: HtmlElement, base: str | None) -> str | None:
    """The address of the picture that an element is or holds; None where it gives none."""
    inside = [*islice(element.iter("img", "source", "video"), _MAX_ELEMENTS)]
    for each in inside:
        for name in _ATTRIBUTES:
            if (found := absolute(each.get(name), base)) is not None:
                return found
    for each in inside:
        for name in _SETS:
            first = (each.get(name) or "")[:2_000].split(",")[0].split()
            if first and (found := absolute(first[0], base)) is not None:
                return found
    return None
