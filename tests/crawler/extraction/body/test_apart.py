"""What an article shows beside its text is kept, each part at its place."""

from crawler.extraction import extract
from crawler.extraction.article import ApartBlock, ParagraphKind

PROSE = [
    "The old bridge opened on Friday to all who want to cross it by foot, the council said today.",
    "It had been closed for nine years, for want of money and of a plan that all could agree on.",
    "The mayor said that the cost was lower than planned, and that a second one is to be built.",
    "Work begins next spring, and is to be done by the end of the year after that, she said then.",
]
FIGURE = (
    "<figure><picture><source srcset='/b-800.jpg 800w'><img data-src='/b.jpg' src='data:,'>"
    "</picture><figcaption>The bridge at noon</figcaption><small class='credit'>A. Bell</small>"
    "</figure>"
)
POST = "<blockquote class='twitter-tweet'><p>We are so happy, says the mayor</p></blockquote>"
BOX = "<div class='factbox'><p>The bridge was built in 1921 and is ninety metres long.</p></div>"


def test_each_part_stands_at_its_place() -> None:
    first, second, third, fourth = (f"<p>{text}</p>" for text in PROSE)
    page = (
        f"<article><h1>The bridge is open</h1>{first}{FIGURE}{second}{POST}{third}{BOX}{fourth}"
        "<p>(dpa)</p></article>"
    )
    article = extract(page.encode(), url="https://daily.example/a/1-bridge")
    assert article.text == "\n".join([*PROSE, "(dpa)"])
    assert article.paragraphs[-1].kind is ParagraphKind.SIGN_OFF
    picture = "https://daily.example/b.jpg"
    assert article.apart == (
        ApartBlock(ParagraphKind.HEADLINE, "The bridge is open", 0),
        ApartBlock(ParagraphKind.CAPTION, "The bridge at noon", 1, picture),
        ApartBlock(ParagraphKind.CAPTION, "A. Bell", 1, picture),
        ApartBlock(ParagraphKind.EMBEDDED_POST, "We are so happy, says the mayor", 2),
        ApartBlock(
            ParagraphKind.FACT_BOX, "The bridge was built in 1921 and is ninety metres long.", 3
        ),
    )


def test_an_article_of_text_alone_has_none_beside_it() -> None:
    page = f"<article><p>{'</p><p>'.join(PROSE)}</p></article>"
    assert extract(page.encode()).apart == ()
