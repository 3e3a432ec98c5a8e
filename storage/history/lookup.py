"""Finding an article by its number or by one of its addresses. Read-only."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from storage.database.errors import NotFound
from storage.frontier.addresses import InvalidURL, address_key, normalize
from storage.models import Address, AddressLink, Article, LinkKind

_MOST_REDIRECTS = 10  # in a row


def find_article(session: Session, name: str, *, unread: bool = False) -> Article:
    """The article with that id or at that URL, in any spelling; for one that was merged the one
    that has its versions now. Raises NotFound, for one without a version too unless `unread`."""
    article_id: int | None
    if name.isdecimal() and len(name) < 19:
        article_id = int(name)
    else:
        article_id = _led_to(session, find_address(session, name))
    article = None if article_id is None else session.get(Article, article_id)
    while article is not None and article.merged_into_id is not None:
        article = session.get_one(Article, article.merged_into_id)
    if article is None or (article.current_version_id is None and not unread):
        raise NotFound(f"no article {name} in the archive: try `permalien search` or `crawl`")
    return article


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
