"""A page that has a block of each kind, each read as what it is and at its place."""

from crawler.extraction import extract
from crawler.extraction.article import ParagraphKind

STANDFIRST = (
    "Nine years after the flood the old bridge is open to all who want to cross it by foot."
)
PROSE = [
    "The old bridge opened on Friday to all who want to cross it by foot, the council said today.",
    "It had been closed for nine years, for want of money and of a plan that all could agree on.",
    "The mayor said that the cost was lower than planned, and that a second one is to be built.",
    "Work begins next spring, and is to be done by the end of the year after that, she said then.",
]
PULLED = "the cost was lower than planned, and that a second one is to be built"
PAGE = f"""
<html><head><title>The bridge is open</title><meta name="description" content="{STANDFIRST}"></head>
<body><main><article><h1>The bridge is open</h1><p class="standfirst">{STANDFIRST}</p>
<ul class="key-points"><li>The bridge is ninety metres long</li>
<li>A second one is planned</li></ul>
<p>{PROSE[0]}</p>
<figure><img src="/b.jpg"><figcaption>The bridge at noon</figcaption></figure>
<p>{PROSE[1]}</p><h2>What it cost</h2>
<table><tr><th>Year</th><th>Cost</th></tr><tr><td>2024</td><td>3 million</td></tr></table>
<p>{PROSE[2]}</p><aside class="pullquote"><p>{PULLED}</p></aside>
<blockquote><p>We have waited for it for as long as our children have lived here.</p></blockquote>
<blockquote class="twitter-tweet"><p>We are so happy, says the mayor</p></blockquote>
<ul><li>The ferry stays until the summer</li><li>The road below is closed to lorries</li></ul>
<div class="factbox"><p>The bridge was built in 1921 and is ninety metres long.</p></div>
<p>{PROSE[3]}</p>
<p>Correction: An earlier version of this article gave the wrong year of the flood.</p>
<p>(dpa)</p></article></main></body></html>"""

IN_THE_TEXT = [
    "standfirst", "key-point", "key-point", "paragraph", "paragraph", "heading", "table-row",
    "table-row", "paragraph", "quotation", "list-item", "list-item", "paragraph", "correction",
    "sign-off",
]  # fmt: skip
BESIDE_IT = [
    ("headline", 0), ("caption", 4), ("pull-quote", 9), ("embedded-post", 10), ("fact-box", 12),
]  # fmt: skip


def test_each_kind_is_read() -> None:
    article = extract(PAGE.encode(), url="https://daily.example/a/1-bridge")
    assert [paragraph.kind for paragraph in article.paragraphs] == IN_THE_TEXT
    assert [(block.kind, block.after) for block in article.apart] == BESIDE_IT
    kinds = {*(it.kind for it in article.paragraphs), *(it.kind for it in article.apart)}
    assert kinds == {*ParagraphKind}
