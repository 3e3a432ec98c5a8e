"""What a learned template takes out of pages that it was not learned from."""

from dataclasses import replace

import pytest

from crawler.extraction import Template, extract, learn_template
from crawler.extraction.template.outline import Entry
from crawler.extraction.template.template import Decision
from tests.crawler.extraction import wordpress

COUNTS = ("3", "999", "1,001", "1 001", "1\u202f001", "1.001", "1.2k")


POSTS = list(wordpress.posts(7))


def page(number: int, line: str) -> bytes:
    """A page with the line amid its text."""
    body = wordpress.page(POSTS[number], furniture="<p>{}</p>").decode()
    return body.replace("</p>", f"</p><p>{line}</p>", 1).encode()


@pytest.fixture(scope="module")
def learned() -> Template:
    pages = ((page(n, f"{n * 7 + 3} people are reading this"), None) for n in range(6))
    return learn_template(pages)


@pytest.mark.parametrize("count", COUNTS)
def test_a_line_that_counts_goes_however_far_it_counts(learned: Template, count: str) -> None:
    body = page(6, f"{count} people are reading this")
    assert "people are reading" in extract(body).text
    assert "people are reading" not in extract(body, templates=learned).text


def test_what_an_older_extractor_learned_of_thousands_goes_still() -> None:
    """Its key was of two numbers: reading again brings nothing back into a text."""
    body = page(6, "1,240 people are reading this")
    (entry,) = (it for it in map(Entry.parse, extract(body).outline) if "reading" in it.example)
    older = learn_template(
        [(page(n, f"{n + 1},234 people are reading this"), None) for n in range(6)]
    )
    (block,) = (it for it in older.blocks if "reading" in it.example)
    assert block.key == entry.key
    assert entry.older_key is not None
    older = replace(older, blocks=(replace(block, key=entry.older_key),))
    assert older.blocks[0].decision is Decision.REMOVE
    assert "people are reading" not in extract(body, templates=older).text
