"""What an archive holds, in a form in which two archives can be compared.

Times, ids and runs are left out: they are other in every crawl. So is which database it is.
"""

import json
from collections import defaultdict
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.database.archive import Archive
from storage.ledger.compression import decompress
from storage.ledger.findings import of_fetch, outcome_of_fetch
from storage.models import (
    Address,
    AddressLink,
    Article,
    Fetch,
    Finding,
    Frontier,
    Layout,
    PageSample,
    Payload,
    Reading,
    Run,
    Source,
    Template,
    Version,
    VersionState,
)

Contents = dict[str, Any]

OF_BYTES = ("payloads", "outlines", "templates")
"""What differs when every fetch of a page brings other bytes, as one with adverts does."""


def contents(archive: Archive, *, bytes_vary: bool = False) -> Contents:
    """Everything that a crawl leaves in an archive: two crawls of one site leave the same.

    With `bytes_vary` without what depends on a page's very bytes.
    """
    with archive.reading() as session:
        held = {
            "articles": _articles(session),
            "versions": _versions(session, bytes_vary=bytes_vary),
            "addresses": _addresses(session),
            "links": _links(session),
            "outcomes": _outcomes(session),
            "templates": _templates(session),
            "payloads": sorted(digest.hex() for digest in session.scalars(select(Payload.digest))),
            "outlines": _outlines(session),
        }
    return {name: it for name, it in held.items() if not (bytes_vary and name in OF_BYTES)}


def loose_ends(archive: Archive) -> list[str]:
    """What a finished crawl leaves nothing of: leases, captures to read, runs under way, pages to
    learn from."""
    with archive.reading() as session:
        ends = [
            *session.scalars(select(Address.url).join(Frontier).where(Frontier.attempts > 0)),
            *session.scalars(
                select(Address.url).join(Frontier).where(Frontier.pending_fetch_id.is_not(None))
            ),
            *session.scalars(
                select(Source.name).where(Source.lease_run_id.is_not(None) | Source.relearn)
            ),
            *session.scalars(select(Run.id).where(Run.ended_at.is_(None))),
        ]
    return [str(end) for end in ends]


def _articles(session: Session) -> list[Any]:
    rows = session.execute(
        select(Article.url, Article.state, VersionState.number)
        .join(VersionState, VersionState.version_id == Article.current_version_id)
        .order_by(Article.url)
    )
    return [(url, state.value, number) for url, state, number in rows]


def _versions(session: Session, *, bytes_vary: bool) -> list[Any]:
    """Each version as it is read now."""
    rows = session.execute(
        select(Article.url, VersionState.number, Version.digest, Reading)
        .join(VersionState, VersionState.article_id == Article.id)
        .join(Version, Version.id == VersionState.version_id)
        .join(Reading, Reading.id == VersionState.best_reading)
        .order_by(Article.url, VersionState.number)
    )
    return [
        (
            url,
            number,
            *(() if bytes_vary else (digest.hex(), now.template)),
            now.content.title,
            now.content.text,
            now.content.authors,
            now.content.published_at,
            now.content.modified_at,
            now.content.language,
            now.extractor,
        )
        for url, number, digest, now in rows
    ]


def _addresses(session: Session) -> list[Any]:
    rows = session.execute(
        select(Address.url, Address.kind, Article.url, Source.name)
        .join(Source, Source.id == Address.source_id)
        .outerjoin(Article, Article.id == Address.article_id)
        .order_by(Address.url)
    )
    return [(url, kind.value, article, source) for url, kind, article, source in rows]


def _links(session: Session) -> list[Any]:
    urls = {row.id: row.url for row in session.execute(select(Address.id, Address.url))}
    rows = session.execute(select(AddressLink.from_id, AddressLink.to_id, AddressLink.kind))
    return sorted((urls[one], urls[other], kind.value) for one, other, kind in rows)


def _outcomes(session: Session) -> dict[str, list[Any]]:
    """The checks of each address, in order."""
    checks: dict[str, list[Any]] = defaultdict(list)
    rows = session.execute(
        select(Address.url, outcome_of_fetch(), Fetch.status, VersionState.number)
        .join(Fetch, Fetch.address_id == Address.id)
        .outerjoin(Finding, of_fetch())
        .outerjoin(VersionState, VersionState.version_id == Finding.version_id)
        .order_by(Fetch.id)
    )
    for url, outcome, status, version in rows:
        checks[url].append((outcome.value, status, version))
    return dict(sorted(checks.items()))


def _templates(session: Session) -> list[Any]:
    """What each source's layouts remove, as was learned last."""
    rows = session.execute(
        select(Source.name, Layout.key, Template.digest)
        .join(Layout, Layout.source_id == Source.id)
        .join(Template, Template.layout_id == Layout.id)
        .order_by(Template.layout_id, Template.revision)
    )
    return sorted({(name, key): digest for name, key, digest in rows}.items())


def _outlines(session: Session) -> list[Any]:
    """The outline of each sampled page."""
    rows = session.execute(
        select(Address.url, PageSample.sample).join(Address, Address.id == PageSample.address_id)
    )
    return sorted((url, json.loads(decompress(sample))["outline"]) for url, sample in rows)
