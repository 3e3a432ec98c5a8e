import random
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crawler.extraction import (
    EXTRACTOR_VERSION,
    Article,
    ExtractionError,
    ParagraphKind,
    TemplateLearner,
    TooLarge,
    UnreadableBody,
    extract,
    learn_template,
)
from crawler.extraction.page_input import PageInput
from crawler.extraction.template.samples import PageSample
from tests.support.properties import examples

PAGES = Path(__file__).parent / "pages"
PAGE = (PAGES / "bridge-en" / "page.html").read_bytes()
PROSE = b"<p>The council met on Monday and agreed to mend the old bridge before winter.</p>"


def test_the_text_is_the_paragraphs() -> None:
    article = extract(PageInput(PAGE, url="https://courier.example/bridge"))
    assert article.text.splitlines() == [paragraph.text for paragraph in article.paragraphs]
    assert article.paragraphs[0].kind is ParagraphKind.STANDFIRST
    assert article.title == "Old bridge to stay open through the winter"
    assert article.authors == ("Maud Ferris",)


def test_the_version_names_trafilaturas() -> None:
    number, _, library = EXTRACTOR_VERSION.partition("+")
    assert number.isdigit()
    assert library.startswith("trafilatura-")


def test_the_outline_is_what_the_learner_takes() -> None:
    article = extract(PageInput(PAGE))
    assert len(article.outline) >= len(article.paragraphs)
    learner = TemplateLearner()
    learner.add(PageSample(article.skeleton, article.outline))
    assert learner.template().pages == 1


def test_a_page_of_lines_and_links_is_read_by_trafilatura() -> None:
    text = b"The council met on Monday and agreed to mend the old bridge before winter comes. " * 9
    article = extract(
        PageInput(b"<html><body><noscript><div><p>" + text + b"</p></div></noscript></body></html>")
    )
    assert "mend the old bridge" in article.text


@pytest.mark.parametrize("body", [b"", b"  ", b"%PDF-1.7 x", b"\x89PNG\r\n\x1a\n\0\0"])
def test_what_is_no_document_is_refused(body: bytes) -> None:
    with pytest.raises(UnreadableBody):
        extract(PageInput(body))


def test_pages_that_cannot_be_read_teach_nothing() -> None:
    assert learn_template([(b"", None), (b"%PDF-1.7", None)]).pages == 0


def test_another_process_gives_the_same_article() -> None:
    script = (
        "import sys; from crawler.extraction import PageInput, extract;"
        "page = PageInput(sys.stdin.buffer.read());"
        "sys.stdout.buffer.write(repr(extract(page)).encode())"
    )
    results = {
        subprocess.run(
            [sys.executable, "-c", script],
            input=PAGE,
            capture_output=True,
            check=True,
            env={"PYTHONHASHSEED": seed, "PYTHONIOENCODING": "utf-8"},
        ).stdout
        for seed in ("1", "2")
    }
    assert results == {repr(extract(PageInput(PAGE))).encode()}


HOSTILE = {
    "deep": b"<div>" * 100_000 + PROSE,
    "deep links": b"<a href=x>" * 100_000 + PROSE,
    "at the depth allowed": (b"<div>" * 200 + PROSE + b"</div>" * 200) * 300,
    "50 MB": PROSE * 600_000,
    "a million siblings": b"<p>x</p>" * 1_000_000,
    "paragraphs": PROSE * 19_000,
    "headings": b"<h1>x</h1>" + PROSE + b"<h2>x</h2>" * 19_000 + PROSE,
    "boxes of links": PROSE + b"<div><h2>x</h2><a href=q>link</a></div>" * 9_000 + PROSE,
    "headings above": b"<h1>x</h1>"
    + b"<div><h2>y</h2></div>" * 19_000
    + (b"<div>" + PROSE + b"</div>") * 3,
    "breaks": b"x<br><br>" * 19_000,
    "one class each": b"".join(
        b"<p class='c%d x%s'>word</p>" % (n, b"y" * (n % 50)) for n in range(19_000)
    ),
    "a long class": b"<div class='" + b"aB " * 1_900_000 + b"'>" + PROSE,
    "a long text": b"<p>" + b"word. " * 1_000_000,
    "a long word": b"<p>" + b"a" * 6_000_000,
    "rows": b"<table>" + b"<tr><td>cell</td><td>more</td></tr>" * 9_000,
    "unclosed buttons": b"<button>" * 200 + PROSE * 2_000,
    "an endless article body": b'<script type="application/ld+json">'
    + b'{"@type":"NewsArticle","articleBody":"'
    + b"a " * 1_000_000
    + b'"}</script>'
    + (b"<p>" + b"a " * 60 + b"b</p>") * 15_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_pages_end_in_time(name: str) -> None:
    started = time.process_time()
    with suppress(TooLarge):
        extract(PageInput(b"<html><body>" + HOSTILE[name]))
    # the bound is two seconds on one quiet core; a loaded machine gets twice that
    assert time.process_time() - started < 4


def damaged(page: bytes, chance: random.Random) -> bytes:
    """The page with pieces cut, doubled and moved."""
    pieces = [page[start : start + 97] for start in range(0, len(page), 97)]
    for _ in range(chance.randint(1, 12)):
        at = chance.randrange(len(pieces))
        pieces[at : at + 1] = chance.choice([[], [pieces[at]] * 3, [chance.choice(pieces)]])
        if not pieces:
            return b""
    return b"".join(pieces)


@given(st.randoms(use_true_random=False), st.sampled_from(sorted(PAGES.iterdir())))
@settings(deadline=None, max_examples=examples(20))
def test_damaged_pages_give_an_article_or_a_typed_error(
    chance: random.Random, folder: Path
) -> None:
    body = damaged((folder / "page.html").read_bytes(), chance)
    try:
        article = extract(PageInput(body))
    except ExtractionError:
        return
    check(article)


@given(st.binary(max_size=2000), st.sampled_from([b"", b"<html>", b"<!doctype html><p>"]))
@example(b"<svg><a><p>x", b"")
@settings(deadline=None, max_examples=examples(20))
def test_any_bytes_give_an_article_or_a_typed_error(body: bytes, start: bytes) -> None:
    try:
        article = extract(PageInput(start + body))
    except ExtractionError:
        return
    check(article)


def check(article: Article) -> None:
    for paragraph in article.paragraphs:
        assert paragraph.text.strip() == paragraph.text != ""
        assert "\n" not in paragraph.text
