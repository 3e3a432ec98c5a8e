import contextlib
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.discovery.candidates import Candidate, CandidateKind
from crawler.discovery.errors import NotAPage
from crawler.discovery.links import MAX_ANCHORS, read_links

URL = "https://example.org/"

FRONT = """<html><body>
<header><a href="/"><img src="logo.png"></a>
  <nav><a href="/local/">Local</a> <a href="/sport/">Sport</a>
    <a href="/opinion/letters/">Letters to the editor of this paper</a>
    <a href="/login?next=/" rel="nofollow">Log in</a></nav></header>
<main>
  <article><a href="/2026/03/02/storm-closes-bridge"><img alt="The bridge"></a>
    <header><h2><a href="/2026/03/02/storm-closes-bridge?utm_source=front">Storm closes the old
      bridge</a></h2></header>
    <a href="/2026/03/02/storm-closes-bridge#comments">3</a>
    <a href="/author/anna-berg/">Anna Berg</a></article>
  <a href="/council-votes-on-harbour-tax" class="card"><h3>Council votes on harbour tax</h3>
    <p>After a long night the council could not agree on anything but a new date.</p></a>
  <ul class="latest">
    <li class="item"><a href="/ferry-delayed-again-by-fog">Ferry delayed again by fog</a></li>
    <li class="item"><a href="/school-opens-new-wing-today">School opens new wing</a></li>
    <li class="item"><a href="/market-hall-to-be-sold-soon">Market hall to be sold</a></li>
    <li class="item"><a href="/obituary-jonas">Obituary: Jonas Lind</a></li>
  </ul>
  <a href="/storm.pdf">The storm report as a file to download</a>
  <a href="mailto:desk@example.org">Write to the desk of this paper</a>
  <a href="javascript:void(0)">Open the menu of this page now</a>
  <a href="https://other.example/2026/03/02/storm-seen-from-elsewhere">Storm seen elsewhere</a>
  <a href="/buy-this-great-thing-for-your-home" rel="sponsored">Buy this great thing now</a>
</main>
<footer><a href="/about">About us</a> <a href="/terms-of-use">Terms</a></footer>
</body></html>"""


def read(html: str) -> list[Candidate]:
    return read_links(html.encode(), url=URL)


def by_kind(candidates: list[Candidate], kind: CandidateKind) -> list[str]:
    return [
        each.url.removeprefix("https://example.org") for each in candidates if each.kind is kind
    ]


def test_a_front_page() -> None:
    found = read(FRONT)
    assert by_kind(found, CandidateKind.ARTICLE) == [
        "/2026/03/02/storm-closes-bridge",
        "/council-votes-on-harbour-tax",
        "/ferry-delayed-again-by-fog",
        "/school-opens-new-wing-today",
        "/market-hall-to-be-sold-soon",
        "/obituary-jonas",
        "https://other.example/2026/03/02/storm-seen-from-elsewhere",
    ]
    assert by_kind(found, CandidateKind.SECTION) == [
        "/local/",
        "/sport/",
        "/opinion/letters/",
        "/author/anna-berg/",
    ]


def test_an_article_is_titled_by_its_headline() -> None:
    titles = {each.url.rpartition("/")[2]: each.title for each in read(FRONT)}
    assert titles["storm-closes-bridge"] == "Storm closes the old bridge"
    assert titles["council-votes-on-harbour-tax"] == "Council votes on harbour tax"


def test_a_row_decides_where_a_link_alone_does_not() -> None:
    alone = '<p class="x"><a href="/obituary-jonas">Obituary: Jonas Lind</a></p>'
    assert by_kind(read(alone), CandidateKind.SECTION) == ["/obituary-jonas"]


def test_headlines_without_telling_addresses() -> None:
    html = '<div><h2><a href="/a1">東京で大雨、新幹線が運転を見合わせ</a></h2></div>'
    assert by_kind(read(html), CandidateKind.ARTICLE) == ["/a1"]


def test_views_of_the_page_itself_are_left_out() -> None:
    html = '<a href="?menu=1">All the news of this day</a><a href="/?p=77">Storm closes bridge</a>'
    assert [each.url for each in read(html)] == ["https://example.org/?p=77"]


def test_relative_to_the_base_of_the_page() -> None:
    html = '<head><base href="/news/"></head><a href="storm-closes-the-old-bridge">Storm</a>'
    assert [each.url for each in read(html)] == [
        "https://example.org/news/storm-closes-the-old-bridge"
    ]


HOSTILE = {
    "anchors": "<a href=/a>x</a>" * 100_000,
    "nested": "<a href=/a><div>" * 100 + "<p>text</p>" * 50_000,
    "long": f'<a href="/{"a" * 4_000_000}">x</a>',
    "classes": f'<div class="{"x " * 100_000}">' + "<a href=/a>x</a>" * 20_000,
    "headings": "<a href=/a>" + "<h1>a</h1>" * 100_000,
}


@pytest.mark.parametrize("html", HOSTILE.values(), ids=HOSTILE)
def test_hostile_pages_end_soon(html: str) -> None:
    started = time.process_time()
    with contextlib.suppress(NotAPage):
        assert len(read(html)) <= 1
    assert time.process_time() - started < 4


def test_links_are_bounded() -> None:
    html = "".join(f"<a href=/{number}/>x</a>" for number in range(MAX_ANCHORS + 10))
    assert len(read(html)) == MAX_ANCHORS


PIECES = (
    *("<a href='/a'>", "<a href=", "<a rel='", "</a>", "<h2>", "</h2>", "<nav>", "</nav>", "<p>"),
    *("<article>", "<footer>", "<base href='", "'>", "//", "http://", "é", "\x00", "word ", "<!--"),
)


@given(html=st.lists(st.sampled_from(PIECES), max_size=30).map("".join) | st.text(max_size=60))
@settings(deadline=None)
def test_any_page_is_read(html: str) -> None:
    try:
        found = read(html)
    except NotAPage:
        return
    assert found == read(html)
    assert len({each.url for each in found}) == len(found)
