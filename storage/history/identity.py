"""Identity: which article an address leads to.

An address joins an article on evidence, and each piece is kept as a link with the fetch that showed
it:

- it redirected from an address that led to the article;
- its page names the article's address in `rel=canonical` (RFC 6596);
- a feed of the source gave it the guid that the article's address has;
- it says what the article says, word for word, and more than a few words.

A canonical address is believed only on the source's own hosts and not when it is a front page, a
guid only while few addresses have it, and neither, nor a redirect, when the article that is there
reads quite differently: sites that name one address on every page would otherwise be one article.

What an operator decided (history.identity_decisions) stays: an address that leads to an article is
not looked at again.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from storage.database.dialects import insert_new
from storage.database.words import words
from storage.frontier.addresses import InvalidURL, address_key, is_front_page, normalize
from storage.frontier.sources import owners
from storage.models import (
    Address,
    AddressKind,
    AddressLink,
    Article,
    Content,
    LinkKind,
    Reading,
    VersionState,
)

SAME_ARTICLE = 0.5
"""The share of the smaller text's distinct words that two readings of one article share."""

_FEW_WORDS = 20
"""Two pages that say the same in fewer may be two articles: a table, a notice, a picture."""

_MOST_WORDS = 2_000
_MOST_REDIRECTS = 10  # in a row
_MOST_ORIGINS = 100  # of one step: sites redirect all they have lost to one address
_MOST_NAMESAKES = 5  # addresses with one guid: a feed that gives it to more gives it to all


@dataclass(frozen=True, slots=True)
class Identity:
    """The article that an address leads to; None for a new one, that `named` gives its URL."""

    article_id: int | None
    named: Address


@dataclass(frozen=True, slots=True)
class Claim:
    """What a page says about its address: `canonical_url` as the page gives it."""

    address: Address
    canonical_url: str | None
    fetch_id: int


class Evidence:
    """What is known of where addresses lead that lead to no article yet, read in a few statements.

    The canonical addresses that are believed are made known, and the links to them kept.
    """

    def __init__(self, session: Session, claims: Sequence[Claim]) -> None:
        self._session = session
        self._redirected = _redirected(session, {claim.address.id for claim in claims})
        self._canonical: dict[int, Address] = {}
        believable = [
            (claim, url)
            for claim in claims
            if (url := _believable(claim.address, claim.canonical_url)) is not None
        ]
        sources = owners(session, {urlsplit(url).netloc for _, url in believable})
        own = [
            (claim, url)
            for claim, url in believable
            if (source := sources.get(urlsplit(url).netloc)) is not None
            and source.id == claim.address.source_id
        ]
        if own:
            self._make_known(own)
        self._namesakes: dict[int, Address] = {}
        named = [claim for claim in claims if claim.address.guid]
        if named:
            self._find_namesakes(named)

    def articles(self) -> set[int]:
        """The articles that canonical addresses and addresses with the same guid lead to so far."""
        addresses = [*self._canonical.values(), *self._namesakes.values()]
        return {address.article_id for address in addresses if address.article_id is not None}

    def resolve(self, address: Address, *, title: str, text: str) -> Identity:
        """The article that the address leads to, if what it says is what this page says."""
        canonical = self._canonical.get(address.id)
        article_id = None
        if canonical is not None:
            article_id = self._if_same(canonical.article_id, title, text)
        if article_id is None and address.id in self._redirected:
            article_id = self._if_same(_redirected_here(self._session, address), title, text)
        if article_id is None and address.id in self._namesakes:
            article_id = self._if_same(self._namesakes[address.id].article_id, title, text)
        named = address if canonical is None or canonical.article_id is not None else canonical
        return Identity(article_id, named)

    def _make_known(self, claims: Sequence[tuple[Claim, str]]) -> None:
        keys = {claim.address.id: address_key(url) for claim, url in claims}
        self._session.execute(
            insert_new(self._session, Address),
            [
                {
                    "key": keys[claim.address.id],
                    "url": url,
                    "source_id": claim.address.source_id,
                    "kind": AddressKind.PAGE,
                }
                for claim, url in claims
            ],
        )
        by_key = {
            address.key: address
            for address in self._session.scalars(
                select(Address).where(
                    Address.key.in_(set(keys.values())), Address.kind == AddressKind.PAGE
                )
            )
        }
        for claim, _ in claims:
            canonical = by_key.get(keys[claim.address.id])
            if canonical is not None:
                self._canonical[claim.address.id] = canonical
        self._link(LinkKind.CANONICAL, self._canonical, [claim for claim, _ in claims])

    def _find_namesakes(self, claims: Sequence[Claim]) -> None:
        """For each address another of the source with its guid, one with an article if there is,
        the oldest first."""
        few = (
            select(Address.source_id, Address.guid)
            .where(
                Address.source_id.in_({claim.address.source_id for claim in claims}),
                Address.guid.in_({claim.address.guid for claim in claims}),
            )
            .group_by(Address.source_id, Address.guid)
            .having(func.count().between(2, _MOST_NAMESAKES))
            .subquery()
        )
        sharing: dict[tuple[int, str | None], list[Address]] = {}
        for address in self._session.scalars(
            select(Address)
            .join(few, (few.c.source_id == Address.source_id) & (few.c.guid == Address.guid))
            .order_by(Address.article_id.is_(None), Address.id)
        ):
            sharing.setdefault((address.source_id, address.guid), []).append(address)
        for claim in claims:
            known = sharing.get((claim.address.source_id, claim.address.guid), [])
            others = (address for address in known if address.id != claim.address.id)
            if (namesake := next(others, None)) is not None:
                self._namesakes[claim.address.id] = namesake
        self._link(LinkKind.GUID, self._namesakes, claims)

    def _link(
        self, kind: LinkKind, targets: Mapping[int, Address], claims: Sequence[Claim]
    ) -> None:
        """Keep the link from each claim's address to its target, by address id."""
        links = [
            {
                "from_id": claim.address.id,
                "to_id": targets[claim.address.id].id,
                "kind": kind,
                "fetch_id": claim.fetch_id,
            }
            for claim in claims
            if claim.address.id in targets
        ]
        if links:
            self._session.execute(insert_new(self._session, AddressLink), links)

    def _if_same(self, article_id: int | None, title: str, text: str) -> int | None:
        """The article, if its current version reads like this page."""
        if article_id is None:
            return None
        self._session.flush()
        current = current_text(self._session, article_id)
        if current is None or read_alike(current, (title, text)):
            return article_id
        return None


ContentKey = tuple[int, bytes]
"""(source id, fingerprint): what an address of the source says, title and text."""


def is_telling(text: str) -> bool:
    """Whether a text has so many words that another that says the same is no accident."""
    return len(text.split()) >= _FEW_WORDS


class SameWords:
    """The articles that say now what new addresses of their sources say (decision 17)."""

    def __init__(self, session: Session, keys: Collection[ContentKey]) -> None:
        self._session = session
        self._articles: dict[ContentKey, int] = {}
        if not keys:
            return
        rows = session.execute(
            select(Article.source_id, Content.fingerprint, func.min(Article.id))
            .join(Reading, Reading.content_digest == Content.digest)
            .join(VersionState, VersionState.best_reading == Reading.id)
            .join(Article, Article.current_version_id == VersionState.version_id)
            .where(Content.fingerprint.in_({fingerprint for _, fingerprint in keys}))
            .group_by(Article.source_id, Content.fingerprint)
        )
        for source_id, fingerprint, article_id in rows:
            if (source_id, fingerprint) in keys:
                self._articles[source_id, fingerprint] = article_id

    def articles(self) -> set[int]:
        """The ids of all that may be joined."""
        return set(self._articles.values())

    def add(self, key: ContentKey, article_id: int) -> None:
        """A new article says this."""
        self._articles[key] = article_id

    def join(self, address: Address, key: ContentKey, fetch_id: int) -> int | None:
        """The article that says the same; that the address does is kept, at the first of the
        article's addresses."""
        article_id = self._articles.get(key)
        if article_id is None:
            return None
        of_article = select(func.min(Address.id)).where(Address.article_id == article_id)
        first = self._session.scalar(of_article)
        if first is not None:
            self._session.execute(
                insert_new(self._session, AddressLink),
                [
                    {
                        "from_id": address.id,
                        "to_id": first,
                        "kind": LinkKind.SAME_WORDS,
                        "fetch_id": fetch_id,
                    }
                ],
            )
        return article_id


def current_text(session: Session, article_id: int) -> tuple[str, str] | None:
    """Title and text of the article's current version, None where it has none."""
    row = session.execute(
        select(Content.title, Content.text)
        .join(Reading, Reading.content_digest == Content.digest)
        .join(VersionState, VersionState.best_reading == Reading.id)
        .join(Article, Article.current_version_id == VersionState.version_id)
        .where(Article.id == article_id)
    ).one_or_none()
    return None if row is None else (row.title, row.text)


def read_alike(one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Whether two (title, text) are one article's."""
    return one[0] == other[0] or _shared(one[1], other[1]) >= SAME_ARTICLE


def _believable(address: Address, canonical_url: str | None) -> str | None:
    """The canonical URL, normalised, if it names another address and no front page."""
    try:
        url = normalize(canonical_url or "")
        key = address_key(url)
    except InvalidURL:
        return None
    return None if key == address.key or is_front_page(url) else url


def _redirected(session: Session, address_ids: Collection[int]) -> set[int]:
    """Those of the addresses to which others redirect."""
    return set(
        session.scalars(
            select(AddressLink.to_id).where(
                AddressLink.to_id.in_(address_ids), AddressLink.kind == LinkKind.REDIRECT
            )
        )
    )


def _redirected_here(session: Session, address: Address) -> int | None:
    """The article at the nearest address that redirects to this one, by way of others too."""
    reached, seen = [address.id], {address.id}
    for _ in range(_MOST_REDIRECTS):
        before = session.execute(
            select(Address.id, Address.article_id)
            .join(AddressLink, AddressLink.from_id == Address.id)
            .where(AddressLink.to_id.in_(reached), AddressLink.kind == LinkKind.REDIRECT)
            .order_by(AddressLink.fetch_id, Address.id)
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


def _shared(one: str, other: str) -> float:
    first, second = (
        {word for word, _ in zip(words(text), range(_MOST_WORDS), strict=False)}
        for text in (one, other)
    )
    smaller = min(len(first), len(second))
    return len(first & second) / smaller if smaller else 0.0
