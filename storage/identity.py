"""Identity: which article an address leads to.

An address joins an article on evidence, and each piece is kept as a link with its observation:

- it redirected from an address that led to the article;
- its page names the article's address in `rel=canonical` (RFC 6596).

A canonical address is believed only on the source's own hosts, not when it is a front page, and
not when the article that is there reads quite differently: sites that name one address on every
page would otherwise be one article.
"""

from datetime import datetime
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


def resolve(
    session: Session,
    address: Address,
    *,
    canonical_url: str | None,
    title: str,
    text: str,
    observation_id: int,
    observed_at: datetime,
) -> Article:
    """The article that `address` leads to, a new one where there is none yet."""
    if address.article_id is not None:
        return session.get_one(Article, address.article_id)
    canonical = _canonical_address(session, address, canonical_url)
    article = None
    if canonical is not None:
        _link(session, address, canonical, observation_id)
        article = _article_of(session, canonical.article_id, title, text)
    if article is None:
        article = _article_of(session, _redirected_here(session, address), title, text)
    if article is None:
        named = canonical if canonical is not None and canonical.article_id is None else address
        article = Article(source_id=address.source_id, url=named.url, first_seen_at=observed_at)
        session.add(article)
        session.flush()
        named.article_id = article.id
    address.article_id = article.id
    session.flush()
    return article


def _canonical_address(
    session: Session, address: Address, canonical_url: str | None
) -> Address | None:
    if canonical_url is None:
        return None
    try:
        url = normalize(canonical_url)
        key = address_key(url)
    except InvalidURL:
        return None
    parts = urlsplit(url)
    if key == address.key or (parts.path == "/" and not parts.query):
        return None
    owner = owners(session, {parts.netloc}).get(parts.netloc)
    if owner is None or owner.id != address.source_id:
        return None
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


def _article_of(session: Session, article_id: int | None, title: str, text: str) -> Article | None:
    """The article, if what it says is what this page says."""
    if article_id is None:
        return None
    article = session.get_one(Article, article_id)
    current = session.execute(
        select(Extraction.title, Extraction.text)
        .join(VersionState, VersionState.extraction_id == Extraction.id)
        .where(VersionState.version_id == article.current_version_id)
    ).one_or_none()
    if current is None or current.title == title:
        return article
    return article if _shared(text, current.text) >= SAME_ARTICLE else None


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
