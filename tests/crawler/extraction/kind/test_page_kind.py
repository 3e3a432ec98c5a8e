import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml.html import HtmlElement, document_fromstring

from crawler.extraction.article import PageKind, Paragraph, ParagraphKind
from crawler.extraction.kind.evidence import Evidence
from crawler.extraction.kind.page_kind import page_kind
from crawler.extraction.metadata.gather import read_metadata
from crawler.extraction.page.structured import read_structured

URL = "https://daily.example/news/bridge-reopens"
SENTENCE = (
    "The old bridge was opened again on Friday, ten years after the flood had closed it to all. "
)
PROSE = "".join(f"<p>{SENTENCE * 2}</p>" for _ in range(6))
CARD = (
    "<div class='card'><h3><a href='/news/{0}'>Headline of story number {0} of today</a></h3>"
    "<p>" + SENTENCE + "</p></div>"
)
CARDS = "".join(CARD.format(number) for number in range(20))


def kind_of(body: str, *, head: str = "", url: str | None = URL) -> PageKind:
    tree = document_fromstring(f"<html><head>{head}</head><body>{body}</body></html>")
    return kind_of_tree(tree, url=url)


def kind_of_tree(tree: HtmlElement, *, url: str | None) -> PageKind:
    structured = read_structured(tree)
    metadata = read_metadata(tree, structured, url=url)
    texts = [str(p.text_content()).strip() for p in tree.iter("p")]
    paragraphs = [Paragraph(ParagraphKind.PARAGRAPH, text) for text in texts if text]
    return page_kind(Evidence(tree, structured, metadata, url), paragraphs)


def json_ld(**node: object) -> str:
    return f'<script type="application/ld+json">{json.dumps(node)}</script>'


def og_type(name: str) -> str:
    return f'<meta property="og:type" content="{name}">'


EVENTS = {
    3: "Market on the quay",
    9: "Council meets",
    14: "Concert",
    21: "Harbour swim",
    28: "Film",
}
MONTH = "".join(
    f"<td>{day}<p>{EVENTS.get(day, '')}</p></td>" + "</tr><tr>" * (day % 7 == 0)
    for day in range(1, 32)
)
LINES = "".join(f"<li><b>{day} May</b> {event}, 19:00</li>" for day, event in EVENTS.items())
RANKED = "".join(f"<p><b>{n}</b> Bridge {n}, of oak, iron and stone</p>" for n in range(1, 20))
DATED = "".join(
    f"<div><time datetime='2026-05-{day:02}'>May {day}</time><h3>{event}</h3></div>"
    for day, event in EVENTS.items()
)

ARTICLE = json_ld(**{"@type": "NewsArticle", "headline": "Bridge reopens"})


@pytest.mark.parametrize(
    ("body", "head", "url"),
    [
        (f"<h1>Bridge reopens</h1>{PROSE}", "", URL),
        (f"<h1>Bridge reopens</h1>{PROSE}{CARDS}", "", URL),
        (f"<h1>Bridge reopens</h1><p>{SENTENCE}</p>{CARDS}", ARTICLE, URL),
        (f"<h1>Bridge reopens</h1><p>{SENTENCE}</p>", og_type("article"), URL),
        (f"<h1>Bridge reopens</h1><p>{SENTENCE}</p>", "", URL),
        (f"<h1>Bridge reopens</h1>{SENTENCE * 9}<br>{SENTENCE}{CARDS}", "", None),
        # Headings that are links, as articles have them too.
        (f"<h2><a href='{URL}'>Bridge reopens</a></h2><p>{SENTENCE}</p>", "", URL),
        (f"<h2><a href='#crossing'>The crossing</a></h2><p>{SENTENCE}</p>", "", URL),
        (f"<h3><a href='/map'>The bridge</a></h3>{PROSE[: len(PROSE) // 2]}", "", URL),
        (f"<p>{SENTENCE * 2}</p>{CARD.format(1)}{CARD.format(2)}", "", URL),
        # What articles are about is not what they are.
        (f"<h1>Page not found: how sites lose their readers</h1>{PROSE * 2}", "", URL),
        (f"<h1>Cookies and consent: what the privacy law asks</h1>{PROSE}", ARTICLE, URL),
        (f"<h1>Are you a robot? The history of the captcha</h1>{PROSE}", "", URL),
        (f"<h1>Peugeot 404: a road test</h1><p>{SENTENCE}</p>", "", URL),
        (f"<h1>500 richest people</h1><p>{SENTENCE}</p>", "", URL),
        # What ordinary pages carry.
        (
            f"<div class='g-recaptcha'></div><script src='/recaptcha/api.js'></script>{PROSE}",
            "",
            URL,
        ),
        (f"<div id='cookie-banner'>cookies consent privacy cookies</div>{PROSE}", "", URL),
        (f"<h1>Bridge reopens</h1><p>{SENTENCE}</p><table><tr>{MONTH}</tr></table>", "", URL),
        (f"<h1>What is on</h1><ul>{LINES}</ul><p>Come, all of you.</p>", ARTICLE, URL),
        (f"<h1>The best bridges</h1>{RANKED}", "", URL),
        (f"<h1>Bridge reopens</h1>{PROSE}", json_ld(**{"@type": "VideoObject"}), URL),
        (f"<h1>Bridge reopens</h1>{PROSE}", "", "https://daily.example/tags/../a"),
        (f"<h1>Brücke offen</h1>{PROSE}", "", "https://daily.example/?p=5031"),
    ],
)
def test_articles_are_never_lost(body: str, head: str, url: str | None) -> None:
    assert kind_of(body, head=head, url=url) is PageKind.ARTICLE


@pytest.mark.parametrize(
    ("head", "url"),
    [
        (json_ld(**{"@type": "LiveBlogPosting", "headline": "Bridge, minute by minute"}), URL),
        (og_type("article"), "https://daily.example/news/live-blog-bridge"),
    ],
)
def test_a_live_blog(head: str, url: str) -> None:
    entries = "<p><time datetime='2024-05-03T10:00Z'></time>Something happened just now.</p>" * 12
    assert kind_of(f"<h1>Bridge</h1>{entries}", head=head, url=url) is PageKind.LIVE_BLOG


@pytest.mark.parametrize(
    ("body", "head", "url"),
    [
        (f"<h1>The Daily</h1>{CARDS}", "", "https://daily.example/"),
        (CARDS, og_type("website"), "https://daily.example"),
        (f"<h1>Politics</h1>{CARDS}", "", "https://daily.example/politics"),
        (f"<h1>Politics</h1>{CARDS}", "", None),
        (f"<h1>Bridges</h1><p>{SENTENCE}</p>{CARDS}", "", "https://daily.example/tag/bridges/"),
        (
            "<h1>Authors</h1><ul><li><a href='/a/1'>Ana Ruiz</a> (4)</li>"
            "<li><a href='/a/2'>Bo Ek</a> (7)</li></ul>",
            og_type("article"),
            "https://daily.example/authors.html",
        ),
        (f"<h1>Results for “bridge”</h1>{CARDS}", "", "https://daily.example/search?q=bridge"),
        (f"<h1>Ana Ruiz</h1><p>{SENTENCE}</p>", json_ld(**{"@type": "ProfilePage"}), URL),
        ("".join(f"<a href='/{n}'><h2>Story {n}</h2></a>" for n in range(12)), "", URL),
        (f"<h1>Politics</h1>{CARD.format(1)}", og_type("website"), "https://daily.example/en/"),
        (f"<h1>Politics</h1>{CARD.format(1)}{CARD.format(2)}", "", "https://daily.example/en/"),
        # calendars, which have no sentence
        (f"<h1>May</h1><table><tr>{MONTH}</tr></table>", "", "https://daily.example/events/may"),
        (f"<h1>What is on</h1><ul>{LINES}</ul>", og_type("article"), URL),
        (f"<h1>What is on</h1>{DATED}", "", URL),
    ],
)
def test_a_listing(body: str, head: str, url: str | None) -> None:
    assert kind_of(body, head=head, url=url) is PageKind.LISTING


@pytest.mark.parametrize(
    ("body", "head", "url"),
    [
        (
            f"<h1>The bridge from above</h1><video></video><p>{SENTENCE}</p>",
            og_type("video.other"),
            URL,
        ),
        (f"<h1>The bridge</h1><p>{SENTENCE}</p>", json_ld(**{"@type": "VideoObject"}), URL),
        ("<h1>The bridge</h1><p>Twenty pictures</p>", json_ld(**{"@type": "ImageGallery"}), URL),
        (f"<h1>The bridge</h1><p>{SENTENCE}</p>", "", "https://daily.example/video/bridge"),
    ],
)
def test_a_film_a_recording_a_gallery(body: str, head: str, url: str) -> None:
    assert kind_of(body, head=head, url=url) is PageKind.MEDIA


WORDPRESS = "<link rel='stylesheet' href='/wp-content/themes/x/style.css'>"
GHOST = "<meta name='generator' content='Ghost 5.8'>"
DRUPAL = "<meta name='generator' content='Drupal 10'>"


@pytest.mark.parametrize(
    ("names", "head", "kind"),
    [
        ("archive category category-politics", WORDPRESS, PageKind.LISTING),
        ("archive author author-ana", WORDPRESS, PageKind.LISTING),
        ("search search-results", WORDPRESS, PageKind.LISTING),
        ("page-template-default page page-id-2", WORDPRESS, PageKind.STATIC),
        ("error404", WORDPRESS, PageKind.SOFT_404),
        ("post-template-default single single-post postid-7", WORDPRESS, PageKind.ARTICLE),
        ("tag-template tag-bridge", GHOST, PageKind.LISTING),
        ("page-template page-about", GHOST, PageKind.STATIC),
        ("post-template tag-bridge", GHOST, PageKind.ARTICLE),
        ("path-taxonomy", DRUPAL, PageKind.LISTING),
        ("path-node page-node-type-page", DRUPAL, PageKind.STATIC),
        ("path-node page-node-type-article", DRUPAL, PageKind.ARTICLE),
        ("path-node page-node-type-press-release", DRUPAL, PageKind.ARTICLE),
        # without a sign of the system the names mean nothing
        ("archive category", "", PageKind.ARTICLE),
        ("page page-id-2", "", PageKind.ARTICLE),
    ],
)
def test_what_its_system_calls_a_page(names: str, head: str, kind: PageKind) -> None:
    body = f"<body class='{names}'><h1>Bridge reopens</h1>{PROSE}</body>"
    tree = document_fromstring(f"<html><head>{head}</head>{body}</html>")
    assert kind_of_tree(tree, url=URL) is kind


SIGNED = (
    '<meta property="article:published_time" content="2024-05-03T10:00Z">'
    '<meta name="author" content="Ana Ruiz">'
)


@pytest.mark.parametrize(
    ("path", "title", "body"),
    [
        ("/about-us/", "About us", PROSE),
        ("/pages/contact.html", "Contact", f"<p>{SENTENCE}</p><form><textarea></textarea></form>"),
        ("/impressum", "Impressum", f"<p>{SENTENCE}</p>"),
        ("/a-propos/", "À propos", PROSE),
        ("/datenschutz", "Datenschutzerklärung", PROSE * 5),
        ("/kontakty", "Контакты", f"<p>{SENTENCE}</p>"),
    ],
)
def test_a_page_that_a_site_has_once(path: str, title: str, body: str) -> None:
    url = f"https://daily.example{path}"
    page = f"<h1>{title}</h1>{body}"
    assert kind_of(page, url=url) is PageKind.STATIC
    assert kind_of(page, url=url, head=ARTICLE + SIGNED) is PageKind.ARTICLE


@pytest.mark.parametrize(
    ("path", "title"),
    [("/contact-tracing-ends", "Contact tracing ends"), ("/about-the-bridge", "About the bridge")],
)
def test_a_name_that_begins_like_such_a_page_is_none(path: str, title: str) -> None:
    page = f"<h1>{title}</h1>{PROSE}"
    assert kind_of(page, url=f"https://daily.example{path}") is PageKind.ARTICLE


def test_a_text_in_elements_of_no_meaning_is_still_a_text() -> None:
    related = "".join(f"<li><a href='/news/{n}'>Headline of story {n}</a></li>" for n in range(9))
    headed = "".join(f"<h3><a href='/news/{n}'>Headline of story {n}</a></h3>" for n in range(9))
    for more in (f"<ul>{related}</ul>", headed):
        boxes = "".join(f"<div><span>In {n} {SENTENCE * 2}</span></div>" for n in range(6))
        tree = document_fromstring(
            f"<html><head>{SIGNED}</head><body><h1>Bridge reopens</h1>{boxes}{more}</body></html>"
        )
        structured = read_structured(tree)
        metadata = read_metadata(tree, structured, url=URL)
        texts = [str(span.text) for span in tree.iter("span")]
        paragraphs = [Paragraph(ParagraphKind.PARAGRAPH, text) for text in texts]
        evidence = Evidence(tree, structured, metadata, URL)
        assert page_kind(evidence, paragraphs) is PageKind.ARTICLE


def test_what_the_menu_leads_to_is_no_article() -> None:
    page = f"<main><h1>The people behind it</h1>{PROSE}</main>"
    link = f"<a href='{URL}'>Here</a>"
    assert kind_of(f"{page}<footer>{link}</footer>") is PageKind.STATIC
    for place in (
        f"<nav class='breadcrumb'>{link}</nav>",
        f"<div class='share'>{link}</div>",
        f"<nav><a href='{URL}#contents'>Contents</a></nav>",
        f"<article><footer>{link}</footer></article>",
    ):
        assert kind_of(page + place) is PageKind.ARTICLE
    assert kind_of(f"{page}<footer>{link}</footer>", head=SIGNED) is PageKind.ARTICLE


@pytest.mark.parametrize("tag", ["h1", "h2", "h3"])
def test_entries_in_full_make_a_listing(tag: str) -> None:
    """Front pages and archives of small sites show articles whole, the first one's title first."""
    entries = "".join(
        f"<article><{tag}><a href='/news/{number}'>The story number {number}</a></{tag}>"
        + "".join(f"<p>In {number}-{part} {SENTENCE}</p>" for part in range(5))
        + "</article>"
        for number in range(3)
    )
    assert kind_of(entries, head=SIGNED, url="https://daily.example/page/2/") is PageKind.LISTING
    own = f"<h1>Bridge reopens</h1>{PROSE * 4}{entries}"
    assert kind_of(own, head=ARTICLE + SIGNED) is PageKind.ARTICLE


@pytest.mark.parametrize(
    "body",
    [
        "<h1>Tags</h1><ul>" + "".join(f"<li><a href='/t/{n}'>tag {n}</a> (8)</li>" for n in "abcd")
        + "</ul>",
        "<h1>Archive</h1><dl>"
        + "".join(f"<dt>3 May</dt><dd><a href='/n/{n}'>The story that is number {n}</a></dd>"
                  for n in "abcd") + "</dl>",
    ],
)  # fmt: skip
def test_an_index_is_made_of_links(body: str) -> None:
    assert kind_of(body, url="https://daily.example/index-of-it.html") is PageKind.LISTING


def test_the_answer_to_a_search() -> None:
    page = f"<h1>2 found</h1><input name='q' value='old bridge'><h2>Bridge reopens</h2>{PROSE}"
    assert kind_of(page, url="https://daily.example/find?q=old+bridge") is PageKind.LISTING
    assert kind_of(page, url="https://daily.example/find?q=new") is PageKind.ARTICLE


def test_nothing_at_all_is_an_error() -> None:
    assert kind_of("<div id='root'></div>") is PageKind.ERROR
    assert kind_of("<div id='root'></div>", head=ARTICLE) is PageKind.NEEDS_JAVASCRIPT


@settings(deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["<h1>404", "<p>", "<form action=consent>", "cookies ", "<h2><a>x</a></h2>", "<time>",
             "<script src='/cdn-cgi/challenge-platform/'>", "<article>", SENTENCE,
             "</div>", "<table><td>"]
        ),
        max_size=40,
    ),
    st.sampled_from([None, "http://[", "//", URL]) | st.text(max_size=30),
)  # fmt: skip
def test_every_page_is_something(parts: list[str], url: str | None) -> None:
    assert kind_of("".join(parts), url=url) in PageKind


MENU = "".join(f"<a href='/{n}'>Desk</a> " for n in range(9))


@pytest.mark.parametrize("path", ["/2026/", "/2026/09/", "/news/2026/09/25", "/2026/9/index.html"])
def test_an_archive_by_date_is_a_listing(path: str) -> None:
    body = f"<h1>All of that time</h1><p>{SENTENCE}</p>"
    assert kind_of(body, url=f"https://daily.example{path}") is PageKind.LISTING


def test_an_archive_by_date_without_a_sentence_is_one_though_it_declares_an_article() -> None:
    links = "".join(f"<li><a href='/bridge-{n}'>Bridge {n} on that day</a></li>" for n in range(3))
    body = f"<ul>{links}</ul><p>Most read. All rights reserved.</p>"
    url = "https://daily.example/2026/09/25/"
    assert kind_of(body, head=ARTICLE + og_type("article"), url=url) is PageKind.LISTING
    brief = kind_of(f"<p>{SENTENCE}</p>", head=ARTICLE, url=url)
    assert brief is PageKind.ARTICLE


@pytest.mark.parametrize("path", ["/2026/09/25/bridge", "/bridge-2026/", "/202609/"])
def test_a_date_in_the_address_makes_no_listing(path: str) -> None:
    body = f"<h1>Bridge reopens</h1><p>{SENTENCE}</p>"
    assert kind_of(body, url=f"https://daily.example{path}") is PageKind.ARTICLE


def test_an_article_may_have_the_address_of_a_day() -> None:
    body = f"<h1>What happened on Friday</h1>{PROSE}"
    assert kind_of(body, url="https://daily.example/diary/2026/09/25/") is PageKind.ARTICLE


@pytest.mark.parametrize("head", ["", ARTICLE, og_type("article")])
def test_a_page_of_which_nothing_is_found_but_its_menu_is_a_listing(head: str) -> None:
    """Whatever its template declares."""
    assert kind_of(f"<p>Daily {MENU}</p>", head=head) is PageKind.LISTING


@pytest.mark.parametrize(
    "text",
    [
        "A <a href='/1'>Desk</a> and a <a href='/2'>chair</a> were saved from the harbour.",
        "<a href='/report'>The harbour board has voted for the new ferry</a>",
    ],
)
def test_a_brief_with_links_is_no_menu(text: str) -> None:
    assert kind_of(f"<p>{text}</p>{MENU}", head=ARTICLE) is PageKind.ARTICLE
