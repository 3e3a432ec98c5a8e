"""What a page says of itself in schema.org's terms: JSON-LD and microdata, read once."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice

from lxml.html import HtmlElement

from crawler.extraction.page import jsonld, microdata
from crawler.extraction.page.surroundings import short_text
from crawler.extraction.page.wording import plain, squash

Node = Mapping[str, object]

MAX_NODES = 2_000
MAX_VALUES = 100
MAX_LABEL = 1_000

# Properties that lead from a node to others about the page itself. A list's elements, a live
# blog's entries and a page's comments are other things, and aren't followed.
_ABOUT_THE_PAGE = ("@graph", "mainEntity", "mainEntityOfPage")

_ARTICLE_SUFFIXES = ("Article", "Posting")
_ARTICLE_TYPES = frozenset({"Report", "ClaimReview", "Review", "Recipe", "Article"})
_ORGANIZATION_SUFFIXES = ("Organization", "Corporation", "Business")


@dataclass(frozen=True, slots=True)
class StructuredData:
    """Nodes keep schema.org's names. Where several articles are given, the page's own is first."""

    articles: tuple[Node, ...] = ()
    pages: tuple[Node, ...] = ()
    types: tuple[str, ...] = ()
    breadcrumbs: tuple[str, ...] = ()
    site_names: tuple[str, ...] = ()
    article_body: str | None = None
    by_id: Mapping[str, Node] = field(default_factory=dict)

    def values(self, node: Node, name: str) -> Iterator[str | Node]:
        """The values of a property, lists flattened, references by `@id` followed one step."""
        given = node.get(name)
        for value in _flatten(given):
            if isinstance(value, Mapping) and len(value) == 1 and "@id" in value:
                yield self.by_id.get(str(value["@id"]), value)
            else:
                yield value

    def texts(self, node: Node, name: str) -> Iterator[str]:
        """The values of a property as text: strings, or the names of the things they are."""
        for value in self.values(node, name):
            if isinstance(value, str):
                yield value
            else:
                yield from labels(value)


def types_of(node: Node) -> tuple[str, ...]:
    """Local names: `NewsArticle`, however its address is spelled."""
    return tuple(
        value.rstrip("/").rpartition("/")[2].rpartition(":")[2]
        for value in _flatten(node.get("@type"))
        if isinstance(value, str)
    )


def labels(node: Node) -> list[str]:
    """The names of a thing: one as a rule, several where a publisher makes one author of two."""
    for name in ("name", "headline", "legalName"):
        given = [plain(v) for v in _flatten(node.get(name)) if isinstance(v, str)]
        if given:
            return given
    parts = [node.get(name) for name in ("givenName", "familyName")]
    joined = plain(" ".join(part for part in parts if isinstance(part, str)))
    return [joined] if joined else []


def label(node: Node) -> str | None:
    """The first name of a thing, or None."""
    return next(iter(labels(node)), None)


def is_article(node: Node) -> bool:
    return any(
        kind in _ARTICLE_TYPES or (kind.endswith(_ARTICLE_SUFFIXES) and kind != "JobPosting")
        for kind in types_of(node)
    )


def read_structured(tree: HtmlElement) -> StructuredData:
    """Every node a page gives about itself; what is malformed is left out. Raises nothing."""
    nodes: list[Node] = []
    for document in jsonld.read_documents(tree):
        _collect(document, nodes)
    for item in microdata.read_items(tree):
        _collect(item, nodes)

    by_id: dict[str, Node] = {}
    for node in nodes:
        identity = node.get("@id")
        if isinstance(identity, str) and len(node) > 1:
            by_id.setdefault(identity, node)
    articles = _own([node for node in nodes if is_article(node)], tree)
    data = StructuredData(by_id=by_id)
    return StructuredData(
        articles=tuple(articles),
        pages=tuple(n for n in nodes if any(t.endswith("Page") for t in types_of(n))),
        types=tuple(dict.fromkeys(kind for node in nodes for kind in types_of(node))),
        breadcrumbs=tuple(_breadcrumbs(nodes)),
        site_names=tuple(dict.fromkeys(_site_names(data, nodes))),
        article_body=_article_body(articles),
        by_id=by_id,
    )


def _collect(value: object, into: list[Node]) -> None:
    """Breadth first, so that what is said at the top comes before what is nested in it."""
    queue: list[object] = [value]
    for part in queue:
        if len(into) >= MAX_NODES or len(queue) > 10 * MAX_NODES:
            return
        if isinstance(part, list):
            queue.extend(part)
        elif isinstance(part, dict):
            into.append(part)
            queue.extend(part[name] for name in _ABOUT_THE_PAGE if name in part)


def _flatten(value: object) -> Iterator[str | Node]:
    """Strings, numbers as strings, and nodes, out of one value or a list of them."""
    queue = [value]
    for part in queue:
        if isinstance(part, str):
            text = jsonld.text_unescaped(part).strip() if "\\" in part else part.strip()
            if text:
                yield text
        elif isinstance(part, list):
            queue += part[: max(0, MAX_VALUES - len(queue))]
        elif isinstance(part, Mapping):
            wrapped = part.get("@list", part.get("@value"))
            if wrapped is None:
                yield part
            elif len(queue) < MAX_VALUES:
                queue.append(wrapped)
        elif isinstance(part, (int, float)) and not isinstance(part, bool):
            yield str(part)


def _own(articles: list[Node], tree: HtmlElement) -> list[Node]:
    """The articles that are this page, the fullest account first.

    Some pages describe the articles they link to as they do themselves. Where several are given,
    the page's own has its address or its title; where none has, none is.
    """
    articles.sort(key=_completeness, reverse=True)
    headlines = {squash(label(node) or "") for node in articles} - {""}
    different = len(headlines) or len(articles)
    if different < 2:
        return articles
    addresses, titles = _identity(tree)
    own = [
        node
        for node in articles
        if addresses.intersection(_addresses(node))
        or any(_names(squash(label(node) or ""), title) for title in titles)
    ]
    return own if own or different > 2 else articles


def _names(headline: str, title: str) -> bool:
    return bool(headline) and (headline in title or (len(title) > 10 and title in headline))


def _identity(tree: HtmlElement) -> tuple[set[str], set[str]]:
    """The addresses and titles by which the page goes."""
    addresses: set[str] = set()
    titles: set[str] = set()
    for element in islice(tree.iter("title", "link", "meta", "h1"), 1_000):
        if element.tag == "link" and (element.get("rel") or "").lower() == "canonical":
            addresses.add(_bare(element.get("href") or ""))
        elif element.tag == "meta" and element.get("property") == "og:url":
            addresses.add(_bare(element.get("content") or ""))
        elif element.tag == "meta" and element.get("property") == "og:title":
            titles.add(squash(element.get("content") or ""))
        elif element.tag in ("title", "h1"):
            titles.add(squash(short_text(element, MAX_LABEL)[:MAX_LABEL]))
    return addresses - {""}, titles - {""}


def _addresses(node: Node) -> Iterator[str]:
    for name in ("url", "@id", "mainEntityOfPage"):
        for value in _flatten(node.get(name)):
            given = value if isinstance(value, str) else value.get("@id") or value.get("url")
            if isinstance(given, str):
                yield _bare(given)


def _bare(url: str) -> str:
    """What two spellings of one address share: host and path."""
    without_scheme = url.strip().partition("://")[2] or url.strip()
    return without_scheme.partition("#")[0].partition("?")[0].removeprefix("www.").rstrip("/")


def _completeness(node: Node) -> int:
    """How much a node says of what the page's own article says; a related one says less."""
    return sum(bool(node.get(name)) for name in ("headline", "datePublished", "author"))


def _breadcrumbs(nodes: list[Node]) -> Iterator[str]:
    for node in nodes:
        if "BreadcrumbList" not in types_of(node):
            continue
        for element in _flatten(node.get("itemListElement")):
            if isinstance(element, Mapping):
                item = element.get("item")
                name = label(element) or (label(item) if isinstance(item, Mapping) else None)
                if name:
                    yield name
        return


def _site_names(data: StructuredData, nodes: list[Node]) -> Iterator[str]:
    for node in nodes:
        if is_article(node):
            yield from map(plain, data.texts(node, "publisher"))
        if any(kind.lower() == "website" for kind in types_of(node)):
            for name in ("name", "alternateName"):
                yield from map(plain, data.texts(node, name))
    for node in nodes:
        if any(kind.endswith(_ORGANIZATION_SUFFIXES) for kind in types_of(node)):
            yield from map(plain, data.texts(node, "name"))


def _article_body(articles: list[Node]) -> str | None:
    bodies = [
        value
        for node in articles
        for value in _flatten(node.get("articleBody"))
        if isinstance(value, str)
    ]
    return max(bodies, key=len, default=None)
