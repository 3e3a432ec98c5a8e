"""Microdata as the same nodes JSON-LD gives.

https://html.spec.whatwg.org/multipage/microdata.html#json, for schema.org items only; `itemref`
is left out, and so is `articleBody`, which the document itself holds better.
"""

from lxml.etree import XPath
from lxml.html import HtmlElement

from crawler.extraction.page.wording import squeeze

MAX_ITEMS = 500
MAX_NAMES = 20
MAX_TEXT = 2_000

# in two steps, as `//*`, libxml2 sorts what it finds, at a cost that grows with its square
_PROPERTIES = XPath("descendant::*[@itemprop or @itemscope]")
_HAS_ITEMS = XPath("boolean(//@itemscope)")
_URL_ATTRIBUTES = {
    "a": "href", "area": "href", "link": "href", "img": "src", "source": "src", "video": "src",
    "audio": "src", "embed": "src", "iframe": "src", "track": "src", "object": "data",
}  # fmt: skip
_TEXTS = frozenset({"name", "headline"})


def read_items(tree: HtmlElement) -> list[dict[str, object]]:
    """The page's top-level schema.org items, in page order, nested ones inside them."""
    items: dict[HtmlElement, dict[str, object]] = {}
    top: list[dict[str, object]] = []
    for element in _PROPERTIES(tree)[: MAX_ITEMS * 10] if _HAS_ITEMS(tree) else ():
        item: dict[str, object] | None = None
        if "itemscope" in element.attrib:
            if len(items) >= MAX_ITEMS:
                break
            types = (element.get("itemtype") or "").split()
            item = {"@type": [t.rstrip("/").rpartition("/")[2] for t in types]}
            items[element] = item
        names = (element.get("itemprop") or "").split(None, MAX_NAMES)[:MAX_NAMES]
        if not names:
            if item is not None:
                top.append(item)
            continue
        owner = next((items[a] for a in element.iterancestors() if a in items), None)
        if owner is None:
            if item is not None:
                top.append(item)
            continue
        for name in names:
            if name != "articleBody":
                _add(owner, name, _value(element, name) if item is None else item)
    return top


def _add(item: dict[str, object], name: str, value: object) -> None:
    present = item.get(name)
    if present is None:
        item[name] = value
    elif isinstance(present, list):
        present.append(value)
    else:
        item[name] = [present, value]


def _value(element: HtmlElement, name: str) -> str:
    """https://html.spec.whatwg.org/multipage/microdata.html#values; but `content` wins on any tag,
    and the name of a thing is a link's text, never where it leads."""
    tag = str(element.tag)
    given = element.get("content")
    if given is None and tag in _URL_ATTRIBUTES and name not in _TEXTS:
        given = element.get(_URL_ATTRIBUTES[tag])
    if given is None and tag == "time":
        given = element.get("datetime")
    if given is not None:
        return given[:MAX_TEXT]
    text = ""
    for part in element.itertext():
        text += part
        if len(text) > MAX_TEXT:
            break
    return squeeze(text[:MAX_TEXT])
