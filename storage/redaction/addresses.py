"""Addresses that carry the words, and what else names them."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from storage.frontier.addresses import address_key
from storage.models import (
    Address,
    AddressLink,
    Article,
    Finding,
    Frontier,
    PageSample,
)
from storage.redaction.erasing import Eraser
from storage.redaction.pages import parts
from storage.withholding.phrases import MARK


def addresses_of(session: Session, article_ids: Collection[int]) -> list[int]:
    """The addresses that lead to these articles."""
    return [
        it
        for some in parts(article_ids)
        for it in session.scalars(select(Address.id).where(Address.article_id.in_(some)))
    ]


def leading_to(session: Session, address_ids: Collection[int]) -> list[int]:
    """These, and those that were seen to lead there: their checks name them."""
    found = set(address_ids)
    for some in parts(address_ids):
        links = select(AddressLink.from_id).where(AddressLink.to_id.in_(some))
        found |= set(session.scalars(links))
    return sorted(found)


def redact_addresses(
    session: Session, eraser: Eraser, address_ids: Collection[int], article_ids: Collection[int]
) -> tuple[Eraser, list[str]]:
    """Replace the URLs that have the words; they are asked for no more. The eraser that knows what
    stands for them, and the keys that they had."""
    urls: dict[str, str] = {}
    keys: list[str] = []
    for some in parts(address_ids):
        replaced: list[int] = []
        for address in session.scalars(select(Address).where(Address.id.in_(some))):
            url = eraser.url(address.url)
            if url == address.url:
                url = eraser.url(f"https:{address.key}")
            if eraser.whole or url not in (address.url, f"https:{address.key}"):
                keys.append(address.key)
                urls |= {address.url: url, address.key: address_key(url)}
                address.url, address.key, address.excluded = url, address_key(url), True
                replaced.append(address.id)
            address.hints = None if eraser.whole else eraser.document(address.hints)
            if address.guid is not None:
                address.guid = None if eraser.whole else eraser.text(address.guid)
        session.flush()
        session.execute(delete(Frontier).where(Frontier.address_id.in_(replaced)))
    for some in parts(article_ids):
        for article in session.scalars(select(Article).where(Article.id.in_(some))):
            if article.url in urls:
                article.url = urls[article.url]
            elif (url := eraser.url(article.url)) != article.url:
                keys.append(address_key(article.url))
                urls |= {article.url: url, address_key(article.url): address_key(url)}
                article.url = url
            if article.dismissed_as is not None:
                article.dismissed_as = eraser.text(article.dismissed_as)
        session.flush()
    # The longest first: one may be the beginning of another.
    ordered = dict(sorted(urls.items(), key=lambda it: -len(it[0])))
    return replace(eraser, urls=ordered), keys


def redact_findings(session: Session, eraser: Eraser, fetch_ids: Sequence[int]) -> None:
    """What the findings of these fetches give as reasons; all of it where all is to go."""
    for some in parts(fetch_ids):
        rows = select(Finding).where(Finding.fetch_id.in_(some), Finding.reason.is_not(None))
        for finding in session.scalars(rows):
            finding.reason = MARK if eraser.whole else eraser.text(finding.reason or "")
        session.flush()


def drop_samples(session: Session, address_ids: Collection[int]) -> int:
    """What these pages taught of their site's templates: it has fingerprints of their lines."""
    gone = 0
    for some in parts(address_ids):
        among = PageSample.address_id.in_(some)
        gone += len(session.scalars(select(PageSample.address_id).where(among)).all())
        session.execute(delete(PageSample).where(among))
    return gone
