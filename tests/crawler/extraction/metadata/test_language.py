import pytest
from lxml.html import document_fromstring

from crawler.extraction.metadata.language import language_tag, read_language
from crawler.extraction.page.meta_tags import read_meta_tags
from crawler.extraction.page.structured import read_structured


@pytest.mark.parametrize(
    ("written", "tag"),
    [
        ("de", "de"), ("DE_at", "de-AT"), ("zh-hant-tw", "zh-Hant-TW"), ("es-419", "es-419"),
        (" pt-BR ", "pt-BR"), ("en-US-x-private", "en-US"), ("fil", "fil"), ("german", None),
        ("", None), (None, None), ("x", None), ("123", None),
    ],
)  # fmt: skip
def test_tags_in_their_usual_case(written: str | None, tag: str | None) -> None:
    assert language_tag(written) == tag


def test_the_html_element_has_the_first_word() -> None:
    parts = [
        '<html lang="{}">',
        '<script type="application/ld+json">{{"@type": "Article", "inLanguage": "{}"}}</script>',
        '<meta property="og:locale" content="{}">',
        '<meta http-equiv="Content-Language" content="{}, en">',
    ]
    languages = ["fr", "de", "it_IT", "pl"]
    for absent, expected in enumerate(["fr", "de", "it-IT", "pl", None]):
        page = "".join(
            part.format("" if number < absent else languages[number])
            for number, part in enumerate(parts)
        ).replace(', en"', '"' if absent == 4 else ', en"')
        tree = document_fromstring(page)
        assert read_language(tree, read_structured(tree), read_meta_tags(tree)) == expected
