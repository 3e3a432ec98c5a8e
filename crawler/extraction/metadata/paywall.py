"""Whether a page says that it is behind a paywall."""

from crawler.extraction.page.meta_tags import MetaTags
from crawler.extraction.page.structured import StructuredData

# https://developers.facebook.com/docs/instant-articles/subscriptions/content-tiering
_TIERS = {"free": False, "metered": True, "locked": True}


def read_paywalled(structured: StructuredData, meta: MetaTags) -> bool | None:
    """True or False by the page's own word, None where it says nothing.

    https://schema.org/isAccessibleForFree on the article, or on the part of it that is not.
    """
    said = [
        _truth(node.get("isAccessibleForFree"))
        for node in (*structured.articles, *structured.pages)
    ]
    for node in structured.articles:
        for part in structured.values(node, "hasPart"):
            if not isinstance(part, str) and _truth(part.get("isAccessibleForFree")) is False:
                said.append(False)
    if False in said:
        return True
    if True in said:
        return False
    return _TIERS.get((meta.first("article:content_tier") or "").lower())


def _truth(value: object) -> bool | None:
    """JSON's own, or the words for it: both `true` and `"True"` are in use."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str):
        name = value.strip().rstrip("/").rpartition("/")[2].lower()
        return {"true": True, "false": False}.get(name)
    return None
