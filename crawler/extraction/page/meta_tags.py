"""A page's `<meta>` and `<link>` tags."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from lxml.html import HtmlElement

from crawler.extraction.page.wording import squeeze

MAX_TAGS = 2_000
MAX_CONTENT = 10_000


@dataclass(frozen=True, slots=True)
class MetaTags:
    """Names in lower case; contents with white space squeezed, never empty, in page order."""

    contents: Mapping[str, tuple[str, ...]]
    links: Mapping[str, tuple[str, ...]]

    def all(self, names: Iterable[str]) -> Iterator[tuple[str, str]]:
        """(name, content) of every tag so named, the earlier name's first."""
        for name in names:
            for content in self.contents.get(name, ()):
                yield name, content

    def first(self, *names: str) -> str | None:
        return next((content for _, content in self.all(names)), None)


def read_meta_tags(tree: HtmlElement) -> MetaTags:
    """A tag counts under each of `property`, `name`, `itemprop` and `http-equiv` it carries."""
    contents: dict[str, list[str]] = {}
    links: dict[str, list[str]] = {}
    for number, element in enumerate(tree.iter("meta", "link")):
        if number >= MAX_TAGS:
            break
        attributes = element.attrib
        if element.tag == "link":
            for rel in attributes.get("rel", "").lower().split():
                links.setdefault(rel, []).append(attributes.get("href", "").strip())
            continue
        content = squeeze(attributes.get("content", "")[:MAX_CONTENT])
        if not content:
            continue
        names = (attributes.get(a, "").strip().lower() for a in _NAMING)
        for name in dict.fromkeys(names):
            if name:
                contents.setdefault(name, []).append(content)
    return MetaTags(
        {name: tuple(values) for name, values in contents.items()},
        {rel: tuple(hrefs) for rel, hrefs in links.items()},
    )


_NAMING = ("property", "name", "itemprop", "http-equiv")
