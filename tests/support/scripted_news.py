"""Articles that their pages' scripts make: what is served of each is an empty page."""

import json
from collections.abc import Sequence

from scripts.demo.loopback import Response
from tests.support.generated_news import generate_articles
from tests.support.newsroom import HTML, Newsroom

SCRIPT = "/app.js"
_SHELL = f"""<!doctype html><html lang="en-GB"><head><title>The Evening Ledger</title>
<link rel="stylesheet" href="/app.css"><script src="{SCRIPT}" defer></script></head>
<body><noscript>You need to enable JavaScript to run this app.</noscript>
<div id="root"></div></body></html>"""
_APP = """
document.cookie = "seen=1";
fetch("/api" + location.pathname).then(answer => answer.json()).then(said => {
    const told = said.paragraphs.map(it => `<p>${it}</p>`).join("");
    document.title = said.title;
    root.innerHTML = `<article><h1>${said.title}</h1>${told}</article>`;
});
%s
"""


def api(path: str) -> str:
    return f"/api{path}"


def publish_scripted(
    newsroom: Newsroom, count: int, *, seed: int = 0, more: str = ""
) -> dict[str, Sequence[str]]:
    """Publish so many articles, whose script does `more` too; their paragraphs by path."""
    newsroom.publish_generated(count, seed=seed)
    serve(newsroom, SCRIPT, _APP % more, "text/javascript")
    articles = {article.path: article for article in generate_articles(count, seed=seed)}
    for path, article in articles.items():
        said = {"title": article.title, "paragraphs": list(article.paragraphs)}
        serve(newsroom, path, _SHELL, HTML)
        serve(newsroom, api(path), json.dumps(said), "application/json")
    return {path: article.paragraphs for path, article in articles.items()}


def serve(newsroom: Newsroom, path: str, body: str, media_type: str) -> None:
    newsroom.serve(path, Response(200, body.encode(), {"Content-Type": media_type}))
