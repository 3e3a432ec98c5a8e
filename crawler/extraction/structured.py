"""What a page says of itself in JSON-LD."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from lxml.html import HtmlElement

Node = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class StructuredData:
    articles: tuple[Node, ...] = ()
    persons: tuple[Node, ...] = ()
    article_body: str | None = None


def read_structured(tree: HtmlElement) -> StructuredData:
    articles: list[Node] = []
    persons: list[Node] = []
    for script in tree.iter("script"):
        if "ld+json" not in (script.get("type") or "").lower():
            continue
        try:
            document = json.loads(script.text or "", strict=False)
        except (ValueError, RecursionError):
            continue
        for node in _nodes(document):
            kind = str(node.get("@type"))
            if "Article" in kind or "Posting" in kind:
                articles.append(node)
            elif "Person" in kind:
                persons.append(node)
    body = next((n["articleBody"] for n in articles if isinstance(n.get("articleBody"), str)), None)
    return StructuredData(tuple(articles), tuple(persons), body)


def _nodes(value: object) -> Iterator[Node]:
    if isinstance(value, list):
        for part in value:
            yield from _nodes(part)
    elif isinstance(value, dict):
        yield value
        yield from _nodes(value.get("@graph"))
