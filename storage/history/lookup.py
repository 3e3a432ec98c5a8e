"""Finding an article by its number, one of its addresses or one of its versions. Read-only."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.database.errors import NotFound
from storage.database.identifiers import parse_identifier
from storage.frontier.addresses import InvalidURL, address_key, normalize
from storage.models import Address, AddressLink, Article, LinkKind, Version, VersionState

_MOST_REDIRECTS = 10  # in a row


def find_article(session: Session, name: str, *, unread: bool = False) -> Article:
    """The article with that id, at that URL in any spelling, or with the version of that
    identifier; for one that was merged the one that has its versions now. Raises NotFound, for one
    without a version too unless `unread`."""
    article_id: int | None
    if name.isdecimal() and len(name) < 19:
        article_id = int(name)
    elif parse_identifier(name) is not None:
        article_id = find_version(session, name).article_id
    else:
        article_id = _led_to(session, find_address(session, name))
    article = None if article_id is None else session.get(Article, article_id)
    while article is not None and article.merged_into_id is not None:
        article = session.get_one(Article, article.merged_into_id)
    if article is None or (article.current_version_id is None and not unread):
        raise NotFound(f"no article {name} in the archive: try `permalien search` or `crawl`")
    return article


def find_version(session: Session, identifier: str) -> VersionState:
    """Where the version with that permanent identifier stands now. Raises NotFound."""
    state = session.scalar(
        select(VersionState)
        .join(Version, Version.id == VersionState.version_id)
        .where(Version.identifier == parse_identifier(identifier))
    )
    if state is None:
        raise NotFound(f"no version {identifier} in the archive")
    return state


def number_of(session: Session, article_id: int, version: str) -> int:
    """The number in the article's history of a version, by its number or its identifier.

    Raises NotFound for an identifier of no version, or of one that is another article's."""
    if version.isdecimal():
        return int(version)
    state = find_version(session, version)
    if state.article_id != article_id:
        raise NotFound(f"version {version} is of article {state.article_id}, not {article_id}")
    return state.number


def _led_to(session: Session, address: Address | None) -> int | None:
    """The article that an address leads to, by itself or by its redirects."""
    for _ in range(_MOST_REDIRECTS):
        if address is None or address.article_id is not None:
            break
        address = session.scalar(
            select(Address)
            .join(AddressLink, AddressLink.to_id == Address.id)
            .where(AddressLink.from_id == address.id, AddressLink.kind == LinkKind.REDIRECT)
            .order_by(AddressLink.fetch_id.desc())
            .limit(1)
        )
    return None if address is None else address.article_id


def find_address(session: Session, url: str) -> Address | None:
    """The address with that URL, in any spelling. Raises NotFound for what is no URL."""
    try:
        key = address_key(normalize(url if "//" in url else f"https://{url}"))
    except InvalidURL as error:
        raise NotFound(f"{url!r} is no article id and no URL: {error}") from error
    return session.scalar(select(Address).where(Address.key == key))
