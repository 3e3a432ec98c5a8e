import json

import pytest
from lxml.html import document_fromstring

from crawler.extraction.metadata.paywall import read_paywalled
from crawler.extraction.page.meta_tags import read_meta_tags
from crawler.extraction.page.structured import read_structured


@pytest.mark.parametrize(
    ("article", "tier", "paywalled"),
    [
        ({"isAccessibleForFree": False}, "", True),
        ({"isAccessibleForFree": "False"}, "free", True),
        ({"isAccessibleForFree": "http://schema.org/True"}, "locked", False),
        ({"isAccessibleForFree": True, "hasPart": {"isAccessibleForFree": "false"}}, "", True),
        ({"hasPart": [{"@type": "WebPageElement", "isAccessibleForFree": False}]}, "", True),
        ({}, "locked", True),
        ({}, "metered", True),
        ({}, "Free", False),
        ({}, "", None),
        ({"isAccessibleForFree": "perhaps"}, "gold", None),
    ],
)
def test_what_a_page_says_of_its_wall(
    article: dict[str, object], tier: str, paywalled: bool | None
) -> None:
    node = json.dumps({"@type": "NewsArticle", **article})
    tree = document_fromstring(
        f'<script type="application/ld+json">{node}</script>'
        f'<meta property="article:content_tier" content="{tier}"><p>x</p>'
    )
    assert read_paywalled(read_structured(tree), read_meta_tags(tree)) is paywalled
