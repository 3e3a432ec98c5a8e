"""Identity: which article an address leads to.

An address joins an article on evidence, and each piece is kept as a link with its observation:

- it redirected from an address that led to the article;
- its page names the article's address in `rel=canonical` (RFC 6596).

A canonical address is believed only on the source's own hosts, not when it is a front page, and
not when the article that is there reads quite differently: sites that name one address on every
page would otherwise be one article.
"""

from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.addresses import InvalidURL, address_key, normalize
from storage.dialects import insert_new
from storage.models import (
    Address,
    AddressKind,
    AddressLink,
    Article,
    Extraction,
    LinkKind,
    VersionState,
)
from storage.sources import owners
from storage.words import words

SAME_ARTICLE = 0.5
"""The share of the smaller text's distinct words that two readings of one article share."""

_MOST_WORDS = 2_000
_MOST_REDIRECTS = 10  # in a row
_MOST_ORIGINS = 100  # of one step: sites redirect all they have lost to one address


@dataclass(frozen=True, slots=True)
class Identity:
    """The article that an address leads to; None for a new one, that `named` gives its URL."""

    article_id: int | None
    named: Address


def resolve(
    session: Session,
    address: Address,
    *,
    canonical_url: str | None,
    title: str,
    text: str,
    observation_id: int,
    redirected: bool,
) -> Identity:
    """Which article an address leads to that led to none so far.

    `redirected` says that other addresses redirect to it. The evidence is kept as links.
    """
    named = _believable(address, canonical_url)
    if named is None and not redirected:
        return Identity(None, address)
    session.flush()
    canonical = None if named is None else _canonical_address(session, address, named)
    article_id = None
    if canonical is not None:
        _link(session, address, canonical, observation_id)
        article_id = _if_same(session, canonical.article_id, title, text)
    if article_id is None and redirected:
        article_id = _if_same(session, _redirected_here(session, address), title, text)
    free = canonical is not None and canonical.article_id is None
    return Identity(article_id, canonical if canonical is not None and free else address)


def redirected_addresses(session: Session, address_ids: Collection[int]) -> set[int]:
    """Those of the addresses to which others redirect."""
    return set(
        session.scalars(
            select(AddressLink.to_id).where(
                AddressLink.to_id.in_(address_ids), AddressLink.kind == LinkKind.REDIRECT
            )
        )
    )


def _believable(address: Address, canonical_url: str | None) -> str | None:
    """The canonical URL, normalised, if it names another address and no front page."""
    try:
        url = normalize(canonical_url or "")
        key = address_key(url)
    except InvalidURL:
        return None
    parts = urlsplit(url)
    return None if key == address.key or (parts.path == "/" and not parts.query) else url


def _canonical_address(session: Session, address: Address, url: str) -> Address | None:
    """The address of a canonical URL, made known if it wasn't; None on foreign hosts."""
    netloc = urlsplit(url).netloc
    owner = owners(session, {netloc}).get(netloc)
    if owner is None or owner.id != address.source_id:
        return None
    key = address_key(url)
    session.execute(
        insert_new(session, Address).values(
            key=key, url=url, source_id=owner.id, kind=AddressKind.PAGE
        )
    )
    canonical = session.scalars(select(Address).where(Address.key == key)).one()
    return canonical if canonical.kind is AddressKind.PAGE else None


def _redirected_here(session: Session, address: Address) -> int | None:
    """The article at the nearest address that redirects to this one, by way of others too."""
    reached, seen = [address.id], {address.id}
    for _ in range(_MOST_REDIRECTS):
        before = session.execute(
            select(Address.id, Address.article_id)
            .join(AddressLink, AddressLink.from_id == Address.id)
            .where(AddressLink.to_id.in_(reached), AddressLink.kind == LinkKind.REDIRECT)
            .order_by(AddressLink.observation_id, Address.id)
            .limit(_MOST_ORIGINS)
        ).all()
        for _, article_id in before:
            if article_id is not None:
                return article_id
        reached = [address_id for address_id, _ in before if address_id not in seen]
        if not reached:
            return None
        seen.update(reached)
    return None


def _if_same(session: Session, article_id: int | None, title: str, text: str) -> int | None:
    """The article, if what it says is what this page says."""
    if article_id is None:
        return None
    current = session.execute(
        select(Extraction.title, Extraction.text)
        .join(VersionState, VersionState.extraction_id == Extraction.id)
        .join(Article, Article.current_version_id == VersionState.version_id)
        .where(Article.id == article_id)
    ).one_or_none()
    if current is None or current.title == title:
        return article_id
    return article_id if _shared(text, current.text) >= SAME_ARTICLE else None


def _shared(one: str, other: str) -> float:
    first, second = (
        {word for word, _ in zip(words(text), range(_MOST_WORDS), strict=False)}
        for text in (one, other)
    )
    smaller = min(len(first), len(second))
    return len(first & second) / smaller if smaller else 0.0


def _link(session: Session, address: Address, canonical: Address, observation_id: int) -> None:
    session.execute(
        insert_new(session, AddressLink).values(
            from_id=address.id,
            to_id=canonical.id,
            kind=LinkKind.CANONICAL,
            observation_id=observation_id,
        )
    )
