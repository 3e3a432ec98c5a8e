import pytest

from crawler.extraction import PageInput, Rights, extract
from crawler.extraction.metadata.tdm_file import TdmRule

URL = "https://example.org/a"
TEXT = " ".join(f"Word{number} of a sentence that goes on." for number in range(60))


def rights(head: str = "", headers: dict[str, str] | None = None) -> Rights:
    page = f"<html><head><title>A title</title>{head}</head><body><article><h1>A title</h1>"
    page += f"<p>{TEXT}</p></article></body></html>"
    return extract(PageInput(page.encode(), url=URL, headers=headers or {})).rights


@pytest.mark.parametrize(
    ("head", "headers", "expected"),
    [
        ("", {}, Rights()),
        ("", {"TDM-Reservation": "1"}, Rights(reserved=True)),
        ('<meta name="tdm-reservation" content="0">', {}, Rights(reserved=False)),
        ('<meta name="tdm-reservation" content="0">', {"tdm-reservation": "1"}, Rights(True)),
        ("", {"tdm-reservation": "yes"}, Rights()),
        (
            '<meta name="tdm-policy" content="/policy.json">',
            {"tdm-reservation": "1"},
            Rights(True, "https://example.org/policy.json"),
        ),
        (
            '<meta name="ROBOTS" content="index, NOAI,noimageai">',
            {},
            Rights(directives=("noai", "noimageai")),
        ),
        ("", {"X-Robots-Tag": "noarchive, none"}, Rights(directives=("noindex", "noarchive"))),
        ("", {"X-Robots-Tag": "somebot: noarchive"}, Rights()),
        ("", {"X-Robots-Tag": "somebot: noarchive\nall\nnoai"}, Rights(directives=("noai",))),
        ("", {"tdm-reservation": "0\n1"}, Rights(reserved=True)),
        (
            "",
            {"X-Robots-Tag": "max-snippet: 20, noarchive"},
            Rights(directives=("noarchive",)),
        ),
        (
            '<link rel="license" href="//creativecommons.org/licenses/by/4.0/">',
            {},
            Rights(license="https://creativecommons.org/licenses/by/4.0/"),
        ),
        (
            '<script type="application/ld+json">{"@type": "NewsArticle", "headline": "A title", '
            '"license": {"@type": "CreativeWork", "url": "https://example.org/terms"}}</script>',
            {},
            Rights(license="https://example.org/terms"),
        ),
        ('<link rel="license" href="http://[">', {}, Rights(license="http://[")),
    ],
)
def test_rights(head: str, headers: dict[str, str], expected: Rights) -> None:
    assert rights(head, headers) == expected


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({}, Rights(True, "https://example.org/policy", by_site=True)),
        (
            {"x-robots-tag": "noai"},
            Rights(True, "https://example.org/policy", ("noai",), by_site=True),
        ),
        ({"tdm-reservation": "0"}, Rights(reserved=False)),
    ],
)
def test_what_the_sites_file_says_counts_where_the_page_says_nothing(
    headers: dict[str, str], expected: Rights
) -> None:
    page = f"<title>A title</title><article><h1>A title</h1><p>{TEXT}</p></article>".encode()
    rule = TdmRule(True, "/policy")
    assert extract(PageInput(page, url=URL, headers=headers, tdm_rule=rule)).rights == expected


def test_headers_that_tell_of_rights_are_a_part_of_what_extraction_is_given() -> None:
    plain = PageInput(b"<p>a</p>", url=URL, headers={"Content-Type": "text/html", "Server": "x"})
    same = PageInput(b"<p>a</p>", url=URL, headers={"Content-Type": "text/html"})
    other = PageInput(
        b"<p>a</p>", url=URL, headers={"Content-Type": "text/html", "TDM-Reservation": "1"}
    )
    assert plain.digest == same.digest != other.digest
