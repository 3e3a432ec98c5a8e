"""Where a picture is, however the page gives it."""

import pytest
from lxml.html import fragment_fromstring

from crawler.extraction.page.pictures import picture_address


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<img src='/a.jpg'>", "https://d.example/a.jpg"),
        ("<img src='data:image/gif;base64,x' data-src='/a.jpg'>", "https://d.example/a.jpg"),
        ("<img src='/blank.gif' data-src='/a.jpg'>", "https://d.example/a.jpg"),
        ("<picture><source srcset='/a.webp 1x, /b.webp 2x'></picture>", "https://d.example/a.webp"),
        ("<video poster='/a.jpg'></video>", "https://d.example/a.jpg"),
        ("<img src='javascript:x'>", None),
        ("<img>", None),
        ("<svg></svg>", None),
    ],
)
def test_the_address_of_a_picture(markup: str, expected: str | None) -> None:
    assert picture_address(fragment_fromstring(markup), "https://d.example/x") == expected
