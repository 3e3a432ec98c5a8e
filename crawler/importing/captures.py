"""Exchanges of a file as captures that the archive can have; and those that it does not want."""

import re
from collections import OrderedDict
from enum import StrEnum
from typing import Final

from crawler.answers.observing import LONGEST_BODY, PAGE_TYPES
from crawler.answers.outcomes import outcome_of_status
from crawler.importing.exchanges import Exchange
from crawler.importing.warc_file import parse_digest
from storage.frontier.addresses import InvalidURL, normalize
from storage.history.imports import NewCapture, Reference
from storage.models import Outcome

_MOST_DIGESTS: Final = 50_000  # of payloads that revisits may refer to by digest alone
_CONTROLS: Final = re.compile(r"[\x00-\x1f\x7f]")


class Unwanted(StrEnum):
    """Why an exchange is passed over."""

    NO_PAGE = "no-page"
    """An image, a style sheet, a feed …"""
    NO_ADDRESS = "no-address"
    """A URL that can't be crawled."""
    NO_GET = "no-get"
    """The answer to a request other than GET."""


class SeenBodies:
    """The digests of bodies that were met, by the digest that a WARC file has of them."""

    def __init__(self) -> None:
        self._digests: OrderedDict[tuple[str, bytes], bytes] = OrderedDict()

    def add(self, written: str | None, digest: bytes | None) -> None:
        parsed = parse_digest(written)
        if parsed is not None and digest is not None:
            self._digests[parsed] = digest
            if len(self._digests) > _MOST_DIGESTS:
                self._digests.popitem(last=False)

    def of(self, written: str | None) -> bytes | None:
        parsed = parse_digest(written)
        return None if parsed is None else self._digests.get(parsed)


def as_capture(exchange: Exchange, bodies: SeenBodies) -> NewCapture | Unwanted:
    """The exchange as the archive has it."""
    if exchange.method not in (None, "GET"):
        return Unwanted.NO_GET
    asked = exchange.url.partition("#")[0]
    if _CONTROLS.search(asked):
        return Unwanted.NO_ADDRESS
    try:
        url = normalize(asked)
    except InvalidURL:
        return Unwanted.NO_ADDRESS
    outcome, detail, body, cut = (
        outcome_of_status(exchange.status),
        None,
        exchange.body,
        exchange.cut,
    )
    whole = outcome is Outcome.FETCHED
    if exchange.media_type not in PAGE_TYPES and (whole or outcome is Outcome.UNCHANGED):
        return Unwanted.NO_PAGE
    if not whole and body is not None and len(body) > LONGEST_BODY:
        body, cut = body[:LONGEST_BODY], True
    same_as, digest = None, None
    if exchange.refers_to is not None:
        reference = exchange.refers_to
        digest = bodies.of(reference.digest)
        same_as = Reference(
            _normal(reference.url) or url, reference.fetched_at or exchange.fetched_at
        )
    if outcome is Outcome.MOVED:
        detail = _target(exchange, url)
    elif outcome in (Outcome.FAILED, Outcome.BLOCKED):
        detail = f"HTTP {exchange.status}"
    has_body = body is not None or exchange.refers_to is not None
    return NewCapture(
        url=url,
        asked=asked,
        fetched_at=exchange.fetched_at,
        status=exchange.status,
        outcome=outcome if has_body or not whole else Outcome.UNREADABLE,
        reads=whole and has_body,
        detail=detail if has_body or not whole else "an answer without a body",
        peer=exchange.peer,
        request=exchange.request,
        response=exchange.headers,
        body=body,
        cut=cut,
        digest=digest,
        same_as=same_as,
    )


def _normal(url: str | None) -> str | None:
    if url is None:
        return None
    try:
        return normalize(url)
    except InvalidURL:
        return None


def _target(exchange: Exchange, url: str) -> str:
    """Where a redirect leads."""
    given = {name.lower(): value for name, value in exchange.headers.by_name().items()}
    location = given.get("location", "")
    try:
        return normalize(location, base=url)
    except InvalidURL as error:
        return f"to no usable address: {error}"[:300]
