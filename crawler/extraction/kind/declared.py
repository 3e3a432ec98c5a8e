"""What a page says it is: in the class names of its publishing system, in schema.org's types.

Systems name the template of each page on its body, in English whatever the site's language. Each
list below is of one system, and counts only on a page that shows the system's own signs.
"""

import re
from collections.abc import Iterator, Set
from dataclasses import dataclass
from itertools import islice

from lxml.html import HtmlElement

from crawler.extraction.article import PageKind
from crawler.extraction.metadata.moments import parse_moment
from crawler.extraction.page.structured import Node, StructuredData, types_of
from crawler.extraction.page.web_addresses import absolute, path_of
from crawler.extraction.page.wording import squash

_MAX_ELEMENTS = 300

_PAGE_TYPES = {
    PageKind.LISTING: frozenset({"CollectionPage", "SearchResultsPage", "ProfilePage"}),
    PageKind.STATIC: frozenset({"AboutPage", "ContactPage", "CheckoutPage", "RegisterAction"}),
}
# types that no template gives to every page, as many do with Article and BlogPosting
_NEWS_TYPES = ("NewsArticle", "Report", "Review", "LiveBlogPosting")


@dataclass(frozen=True, slots=True)
class System:
    """A publishing system: what shows it, and which class names of the body tell which page.

    Some systems' pages are static; with others a page may hold an article, if rarely.
    """

    name: str
    signs: re.Pattern[str]
    article: re.Pattern[str]
    listing: re.Pattern[str]
    static: re.Pattern[str]
    may_hold_articles: bool


def _system(
    name: str,
    signs: str,
    *,
    article: str,
    listing: str,
    static: str,
    may_hold_articles: bool = False,
) -> System:
    return System(
        name=name,
        signs=re.compile(signs),
        article=re.compile(rf"(?:{article})\Z"),
        listing=re.compile(rf"(?:{listing})\Z"),
        static=re.compile(rf"(?:{static})\Z"),
        may_hold_articles=may_hold_articles,
    )


_SYSTEMS = (
    _system(
        "WordPress",
        r"wordpress|/wp-(?:content|includes|json)/",
        article=r"single-post|postid-\d+",
        listing=r"archive|category|tag|author|date|search|search-results|blog|home|tax-.+"
        r"|post-type-archive",
        static=r"page-id-\d+|single-product|woocommerce-page",
        may_hold_articles=True,
    ),
    _system(
        "Ghost",
        r"ghost",
        article=r"post-template",
        listing=r"(?:home|tag|author|archive|index)-template|paged",
        static=r"page-template|error-template",
    ),
    _system(
        "Drupal",
        r"drupal|/sites/(?:default|all)/|/core/(?:misc|themes)/",
        article=r"(?:page-)?node-?-?type-(?:article|story|news|blog|post|nachricht|actualite|noticia)"
        r"|node--type-(?:article|story|news|blog|post)",
        listing=r"(?:path|page)-(?:taxonomy|user|search|frontpage|views?)(?:-.*)?|front",
        static=r"(?:page-)?node-?-?type-(?:page|webform|landing-page)|(?:path|page)-contact",
        may_hold_articles=True,
    ),
    _system(
        "Blogger",
        r"blogger",
        article=r"(?!)",
        listing=r"(?:index|archive|search|label|homepage|feed|multiple)-?(?:items|view)",
        static=r"page-view|static-page|static_page",
    ),
    _system(
        "Joomla",
        r"joomla|/media/(?:system|vendor/joomla)",
        article=r"(?!)",
        listing=r"view-(?:category|categories|featured|archive|search|tags?)"
        r"|com[-_](?:tags|search|finder)",
        static=r"com[-_](?:contact|users)",
    ),
    _system(
        "Hugo",
        r"hugo",
        article=r"(?!)",
        listing=r"list|terms?|taxonomy|kind-(?:taxonomy|term|section|home)|home",
        static=r"(?!)",
    ),
    _system(
        "Shopify",
        r"shopify",
        article=r"template-article",
        listing=r"template-(?:blog|collection|list-collections|search|index)",
        static=r"template-(?:page|product|cart|customers).*",
    ),
    _system(
        "Squarespace",
        r"squarespace",
        article=r"(?!)",
        listing=r"view-list",
        static=r"collection-type-page|collection-type-index",
    ),
    # Hexo and Nikola name it on the element of the text.
    _system(
        "Hexo",
        r"hexo",
        article=r"(?!)",
        listing=r"(?!)",
        static=r"article-type-page",
    ),
    _system(
        "Nikola",
        r"nikola",
        article=r"(?!)",
        listing=r"postindex|listpage",
        static=r"storypage",
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Declaration:
    """`system` and `schema` are what either says of the page, None where it says nothing;
    `may_hold_article` is whether the system's static pages may be articles nevertheless.

    `article` is whether schema.org's data hold an article that is this page, and has a date or is
    of the news; `news` is whether it is of the news.
    """

    system: PageKind | None
    may_hold_article: bool
    schema: PageKind | None
    article: bool
    news: bool


def read_declaration(
    tree: HtmlElement, structured: StructuredData, title: str, addresses: Set[str]
) -> Declaration:
    """What the page says it is. `addresses` are those it goes by."""
    own = [n for n in structured.articles if _says_enough(n) and _is_own(n, title, addresses)]
    kinds = frozenset(kind for node in own for kind in types_of(node))
    schema = next(
        (kind for kind, names in _PAGE_TYPES.items() if not names.isdisjoint(structured.types)),
        None,
    )
    system, said = _system_says(tree)
    return Declaration(
        system=said,
        may_hold_article=system is None or system.may_hold_articles,
        schema=schema,
        article=bool(own),
        news=any(kind.endswith(_NEWS_TYPES) for kind in kinds),
    )


def bare(address: str) -> str:
    """What the spellings of one address share: host and path, and the query that names a page."""
    without_scheme = address.partition("://")[2] or address
    return without_scheme.partition("#")[0].removeprefix("www.").rstrip("/")


def _says_enough(node: Node) -> bool:
    """Whether a node is more than a template's word: some make an article of every page."""
    if any(kind.endswith(_NEWS_TYPES) for kind in types_of(node)):
        return True
    dates = (node.get(name) for name in ("datePublished", "dateCreated"))
    return any(isinstance(date, str) and parse_moment(date) for date in dates)


def _is_own(node: Node, title: str, addresses: Set[str]) -> bool:
    """Whether an article is this page, and none that the page leads to.

    It is another where it has an address of its own that the page doesn't go by, unless it has the
    page's title: addresses are given wrongly more often than titles.
    """
    headline = node.get("headline") or node.get("name")
    if isinstance(headline, str) and squash(headline) and squash(title):
        shorter, longer = sorted((squash(headline), squash(title)), key=len)
        if shorter in longer:
            return True
    given = node.get("url") or node.get("mainEntityOfPage") or node.get("@id")
    if isinstance(given, dict):
        given = given.get("@id") or given.get("url")
    address = absolute(given, None) if isinstance(given, str) else None
    if address is None or not path_of(address).strip("/"):
        return True
    return not addresses or bare(address) in addresses


def _system_says(tree: HtmlElement) -> tuple[System | None, PageKind | None]:
    signs = " ".join(_signs(tree)).lower()
    for system in _SYSTEMS:
        if system.signs.search(signs):
            said = _by_class(system, _names(tree, "html", "body"))
            said = said or _by_class(system, _names_of_article(tree))
            if said is not None:
                return system, said
    return None, None


def _by_class(system: System, names: Set[str]) -> PageKind | None:
    """A page of one article has the names of that alone; a listing's front page may be a page."""
    if system.name == "WordPress" and "error404" in names:
        return PageKind.SOFT_404
    if any(system.article.match(name) for name in names):
        return PageKind.ARTICLE
    if any(system.listing.match(name) for name in names):
        return PageKind.LISTING
    return PageKind.STATIC if any(system.static.match(name) for name in names) else None


def _signs(tree: HtmlElement) -> Iterator[str]:
    """The generator, and the addresses of what the page loads."""
    for element in islice(tree.iter("meta", "link", "script"), _MAX_ELEMENTS):
        if element.tag == "meta":
            if (element.get("name") or "").lower() == "generator":
                yield (element.get("content") or "")[:200]
        else:
            yield (element.get("href") or element.get("src") or "")[:300]


def _names(tree: HtmlElement, *tags: str) -> Set[str]:
    """The class names of the first elements so called."""
    found = islice(tree.iter(*tags), len(tags))
    return {name for e in found for name in (e.get("class") or "")[:2_000].split()}


def _names_of_article(tree: HtmlElement) -> Set[str]:
    """Those of the page's `article` element, if it has but one."""
    one = sum(1 for _ in islice(tree.iter("article"), 2)) == 1
    return _names(tree, "article") if one else frozenset()
