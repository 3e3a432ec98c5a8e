"""JSON-LD as pages write it: often broken, sometimes hostile, never more than JSON.

No `@context` is fetched or expanded: news pages use schema.org's terms unprefixed.
"""

import json
import re
from collections.abc import Iterator
from html import unescape

from lxml.html import HtmlElement

MAX_CHARACTERS = 2_000_000
MAX_DEPTH = 40
# how often a text may have been escaped too often
MAX_ESCAPES = 2

_WRAPPING = re.compile(r"\s*(?:/[/*]\s*)?(?:<!\[CDATA\[|<!--)\s*(?:\*/)?")
_TRAILING_COMMA = re.compile(r",(?=\s*[\]}])")
# escapes that no prose has
_ESCAPED = re.compile(r'\\(?:["/]|u[0-9a-fA-F]{4})')
_NEXT_DOCUMENT = re.compile(r"[{\[]")
# a string that nothing ends reaches to the end, or each later mark would be tried to the end again
_STRUCTURE = re.compile(r'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)|[\[{]|[\]}]', re.DOTALL)


def _integer(digits: str) -> int | None:
    """Python refuses integers of thousands of digits; no date or count has twenty."""
    return int(digits) if len(digits) <= 20 else None


_decoder = json.JSONDecoder(
    strict=False, parse_int=_integer, parse_constant=lambda _: None
)  # strict=False: line breaks inside strings are the commonest fault


def read_documents(tree: HtmlElement) -> Iterator[object]:
    """Every JSON value in the page's JSON-LD scripts, in page order.

    What can't be parsed is skipped, with what follows it in the same script.
    """
    budget = MAX_CHARACTERS
    for script in tree.iter("script"):
        if not (script.get("type") or "").strip().lower().startswith("application/ld+json"):
            continue
        text = script.text or ""
        budget -= len(text)
        if budget < 0:
            return
        yield from parse_documents(text)


def parse_documents(text: str) -> list[object]:
    """The JSON values in one script: one as a rule, several where a page runs them together."""
    wrapping = _WRAPPING.match(text)
    if wrapping:
        text = text[wrapping.end() :]
    if _depth(text) > MAX_DEPTH:
        return []
    found = _parse(text)
    if not found:
        found = _parse(_TRAILING_COMMA.sub("", text))
    if not found and "&quot;" in text:
        found = _parse(unescape(text))
    if not found and '\\"' in text:
        repaired = (text.replace('\\\\"', '\\"'), text_unescaped(text))
        found = next(filter(None, (_parse(t) for t in repaired if _depth(t) <= MAX_DEPTH)), [])
    return found


def text_unescaped(text: str) -> str:
    """A text that JSON's escapes are left in, without them, where that is plainly so.

    Templates escape what is escaped already: `\\"Yes\\", she says`, or the whole in quotation
    marks. A backslash that JSON doesn't know, as in a path, leaves the text as it is.
    """
    for _ in range(MAX_ESCAPES):
        if not _ESCAPED.search(text):
            break
        stripped = text.strip()
        quoted = stripped[0] == '"' and stripped[-1] == '"' and not stripped.endswith('\\"')
        inner = _json_string(stripped if quoted else f'"{text}"')
        if inner is None:
            break
        text = inner
    return text


def _json_string(literal: str) -> str | None:
    try:
        value = _decoder.decode(literal)
    except ValueError:
        return None
    return value if isinstance(value, str) else None


def _parse(text: str) -> list[object]:
    found: list[object] = []
    start = _NEXT_DOCUMENT.search(text)
    while start:
        try:
            value, end = _decoder.raw_decode(text, start.start())
        except ValueError:
            break
        found.append(value)
        start = _NEXT_DOCUMENT.search(text, end)
    return found


def _depth(text: str) -> int:
    """How deep brackets nest. The decoder recurses, and when it gives up depends on its caller."""
    if text.count("{") + text.count("[") <= MAX_DEPTH:
        return 0
    depth = deepest = 0
    for token in _STRUCTURE.finditer(text):
        first = text[token.start()]
        if first in "{[":
            depth += 1
            deepest = max(deepest, depth)
        elif first in "}]":
            depth -= 1
    return deepest
