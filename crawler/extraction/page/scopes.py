"""How block-level elements stand to one another."""

from collections.abc import Iterable, Iterator, Sequence
from operator import attrgetter

from crawler.extraction.page.blocks import Block, Scope


def is_inside(scope: Scope | None, container: Scope) -> bool:
    """Whether a scope is `container` or stands in it."""
    return scope is not None and container.order <= scope.order <= container.last


def with_outer(scope: Scope | None) -> Iterator[Scope]:
    """A scope, then those around it."""
    while scope is not None:
        yield scope
        scope = scope.parent


def scopes_around(blocks: Iterable[Block]) -> list[Scope]:
    """The scopes that blocks stand in, as the page opens them."""
    found: set[Scope] = set()
    for block in blocks:
        scope: Scope | None = block.scope
        while scope is not None and scope not in found:
            found.add(scope)
            scope = scope.parent
    return sorted(found, key=attrgetter("order"))


def text_container(scope: Scope) -> Scope:
    """The scope that has a paragraph, heading or list among its children."""
    alone = scope.tag in ("p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "blockquote")
    return scope.parent if alone and scope.parent is not None else scope


def common_scope(scopes: Sequence[Scope]) -> Scope:
    """The deepest scope that holds all of them; `scopes` has one at least."""
    shared = scopes[0]
    for scope in scopes[1:]:
        while not is_inside(scope, shared) and shared.parent is not None:
            shared = shared.parent
    return shared
