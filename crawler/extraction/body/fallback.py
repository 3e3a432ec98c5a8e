"""Trafilatura's reading of a page whose own structure tells no article."""

import logging
from collections.abc import Sequence
from itertools import islice

from lxml.html import HtmlElement

from crawler.extraction.page.blocks import Block, Scope
from crawler.extraction.page.wording import squeeze

# several times what news pages have; Trafilatura's time grows faster than the tree
MAXIMUM_ELEMENTS = 10_000

# it reports, as warnings, every page it finds nothing in
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)

_TEXT_TAGS = ("head", "p", "item", "quote", "code", "cell")
_FLOWS = {"item": "ul", "quote": "blockquote", "code": "pre", "cell": "table"}


def read_with_trafilatura(tree: HtmlElement) -> Sequence[Block]:
    """The blocks Trafilatura takes for the article, without a place in the page's structure."""
    if next(islice(tree.iter(), MAXIMUM_ELEMENTS, None), None) is not None:
        return []
    # half of what a worker process loads, which most pages do without
    from trafilatura import bare_extraction

    try:
        document = bare_extraction(tree, fast=True, include_comments=False, with_metadata=False)
    except Exception:  # whatever it trips over on hostile markup, the page is only not read by it
        return []
    if document is None or isinstance(document, dict) or document.body is None:
        return []
    blocks: list[Block] = []
    root = Scope(None, "root", frozenset(), frozenset(), False, 0, None, None)
    for element in document.body.iter(*_TEXT_TAGS):
        text = squeeze("".join(element.itertext()))
        if not text or next(element.iterancestors(*_TEXT_TAGS), None) is not None:
            continue
        tag = str(element.tag)
        scope = Scope(
            root,
            tag,
            frozenset(),
            frozenset(),
            False,
            len(blocks) + 1,
            "h2" if tag == "head" else None,
            _FLOWS.get(tag),
            len(blocks) + 1,
        )
        root.last = scope.last
        blocks.append(Block(text, scope, 0.0, 0.0, frozenset(), False, False, len(blocks)))
    return blocks
