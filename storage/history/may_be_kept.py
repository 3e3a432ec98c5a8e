"""What comes into the archive, as the rules of redactions let it be kept."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from urllib.parse import urljoin

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.frontier.addresses import InvalidURL, address_key
from storage.frontier.checks import Check
from storage.history.new_reading import NewReading
from storage.ledger.headers import TELLS_NOTHING, Headers
from storage.ledger.payloads import digest_of
from storage.models import Address, Fetch
from storage.withholding.phrases import MARK, redacted_document
from storage.withholding.rules import Rules, standing_rules


@dataclass(frozen=True, slots=True)
class Brought:
    """What an answer brought, as it may be kept, and the redactions that took something out."""

    body: bytes | None
    request: Headers
    response: Headers
    redactions: tuple[int, ...] = ()


def may_be_kept(rules: Rules, check: Check, address: Address) -> Check:
    """The check as it may be put on record."""
    if not rules:
        return check
    article_id = address.article_id
    answer = answer_kept(rules, address, Brought(check.body, check.request_headers, check.headers))
    detail, redirect = check.detail, check.redirect
    if redirect is not None and refuses_url(rules, redirect, address.source_id):
        detail = detail and detail.replace(redirect, MARK)
        redirect = None
    if detail is not None:
        detail = rules.text(detail, address.source_id, article_id)
    taken = bool(answer.redactions)
    return replace(
        check,
        body=answer.body,
        request_headers=answer.request,
        headers=answer.response,
        redactions=answer.redactions,
        detail=detail,
        redirect=redirect,
        etag=None if taken else check.etag,
        last_modified=None if taken else check.last_modified,
    )


def answer_kept(rules: Rules, address: Address, answer: Brought) -> Brought:
    """What an answer of this address brought, as it may be kept."""
    body, redactions = answer.body, answer.redactions
    source_id, article_id = address.source_id, address.article_id
    if body is not None:
        withheld = rules.body(
            body,
            digest_of(body),
            source_id=source_id,
            article_id=article_id,
            charset=answer.response.charset,
        )
        body, redactions = withheld.body, withheld.redactions

    def headers(given: Headers) -> Headers:
        kept: list[tuple[str, str | None]] = []
        for name, value in given:
            if value is not None and redactions and name.lower() not in TELLS_NOTHING:
                value = MARK
            elif value is not None and name.lower() == "location":
                value = MARK if refuses_url(rules, value, source_id, address.url) else value
            if value is not None:
                value = rules.text(value, source_id, article_id)
            kept.append((name, value))
        return Headers(kept)

    return Brought(body, headers(answer.request), headers(answer.response), redactions)


def refuses_url(rules: Rules, url: str, source_id: int, base: str | None = None) -> bool:
    """Whether that URL may not be known."""
    try:
        return rules.refuses(address_key(urljoin(base, url) if base else url), source_id)
    except InvalidURL:
        return False


def readings_kept(
    session: Session, readings: Collection[tuple[int, NewReading]]
) -> list[NewReading]:
    """Readings as they may be kept, each of the page that a fetch brought: an extractor may put
    words together that stand apart in a page."""
    rules = standing_rules(session)
    if not rules:
        return [reading for _, reading in readings]
    ids = [fetch_id for fetch_id, _ in readings]
    rows = session.execute(
        select(Fetch.id, Address.source_id, Address.article_id)
        .join(Address, Address.id == Fetch.address_id)
        .where(Fetch.id.in_(ids))
    )
    places = {row.id: (row.source_id, row.article_id) for row in rows}
    return [
        _reading_kept(rules, reading, *places[fetch_id]) if fetch_id in places else reading
        for fetch_id, reading in readings
    ]


def _reading_kept(
    rules: Rules, reading: NewReading, source_id: int, article_id: int | None
) -> NewReading:
    phrases = rules.phrases(source_id, article_id)
    if not phrases:
        return reading

    def text(value: str) -> str:
        return rules.text(value, source_id, article_id)

    return replace(
        reading,
        title=text(reading.title),
        text=text(reading.text),
        authors=[text(it) for it in reading.authors],
        canonical_url=None if reading.canonical_url is None else text(reading.canonical_url),
        paragraphs=[[kind, text(it)] for kind, it in reading.paragraphs],
        details=redacted_document(reading.details, text),
        removed=redacted_document(reading.removed, text),
    )
