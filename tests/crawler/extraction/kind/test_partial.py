"""A teaser above a wall is an article of which the rest is missing."""

import json
from typing import Any

import pytest

from crawler.extraction import PageKind, extract
from crawler.extraction.page_input import PageInput

SENTENCE = (
    "The council voted on Friday to open the old bridge to all who want to cross it by foot. "
)
TEASER = f"<p>{SENTENCE * 2}</p>"
TEXT = TEASER * 1 + "".join(f"<p>In part {number} {SENTENCE * 2}</p>" for number in range(6))
LONG_TEXT = "".join(f"<p>In part {number} {SENTENCE * 2}</p>" for number in range(14))
WALL = "<div class='paywall-offer'><h3>Lire la suite</h3><a href='/abo'>Abonnez-vous</a></div>"


def page(body: str, *, free: bool | None = None, selector: str | None = None) -> bytes:
    node: dict[str, object] = {"@type": "NewsArticle", "headline": "Bridge reopens"}
    if free is not None:
        node["isAccessibleForFree"] = free
    if selector is not None:
        node["hasPart"] = {"isAccessibleForFree": False, "cssSelector": selector}
    head = f'<script type="application/ld+json">{json.dumps(node)}</script>'
    markup = (
        f"<html><head>{head}</head><body><article><h1>Bridge reopens</h1>{body}</article></body>"
    )
    return markup.encode()


@pytest.mark.parametrize(
    ("body", "options"),
    [
        (TEASER, {"free": False}),
        (TEXT + f"<p>{SENTENCE} And then…</p>", {"free": False}),
        (TEASER, {"free": False, "selector": ".rest"}),
        (f"<p>{SENTENCE * 4} And then…</p>" + WALL, {}),
        (f"{TEASER}<p>{SENTENCE} And then […]</p><form>S'abonner</form>", {}),
        (TEASER + WALL, {}),
        (f"{TEASER}<p>{SENTENCE} And…</p><a href='/join'>Register to read more: Bridge</a>", {}),
        (f"{TEASER}<p>{SENTENCE} And…</p><form><input type='password'></form>", {}),
        (TEXT + WALL, {"free": False}),
        (f"{TEXT}<div class='paywall'>{WALL}</div>", {"free": False, "selector": ".paywall"}),
    ],
)
def test_partial(body: str, options: dict[str, Any]) -> None:
    article = extract(PageInput(page(body, **options), url="https://daily.example/news/bridge"))
    assert article.partial
    assert article.kind is PageKind.ARTICLE
    assert SENTENCE.strip() in article.text


@pytest.mark.parametrize(
    ("body", "options"),
    [
        (TEXT, {"free": True}),
        (TEXT, {"free": False}),
        # publishers name elements that their pages don't have
        (TEXT, {"free": False, "selector": ".rest"}),
        (TEXT + "<nav><a href='/abo'>Subscribe</a></nav>", {"free": False}),
        (LONG_TEXT + WALL, {"free": False}),
        (TEXT, {}),
        (f"{TEASER}<div class='rest'>{TEXT}</div>", {"free": False, "selector": ".rest"}),
        (TEXT + "<nav><a href='/abo'>Subscribe</a></nav>", {}),
        (f"{TEXT}<p>{SENTENCE} And then…</p><nav><a href='/abo'>Subscribe</a></nav>", {}),
        (TEASER, {}),
        (f"{TEASER}<p>{SENTENCE} And then…</p><a href='/login'>Log in</a>", {}),
    ],
)
def test_whole(body: str, options: dict[str, Any]) -> None:
    assert not extract(
        PageInput(page(body, **options), url="https://daily.example/news/bridge")
    ).partial
