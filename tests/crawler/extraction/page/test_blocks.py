import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import html

from crawler.extraction import TooLarge
from crawler.extraction.page.blocks import (
    MAXIMUM_BLOCKS,
    Block,
    _host,
    _host_of_link,
    read_blocks,
)


def blocks(markup: str, url: str | None = None) -> list[Block]:
    return read_blocks(html.document_fromstring(f"<html><body>{markup}</body></html>"), url)


def texts(markup: str) -> list[str]:
    return [block.text for block in blocks(markup)]


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("<p>One</p><p>two</p>", ["One", "two"]),
        ("<div>lead <b>bold</b> tail<p>inner</p>after</div>", ["lead bold tail", "inner", "after"]),
        ("one<br>line<br><br>two", ["one line", "two"]),
        ("one<br> <br>two", ["one", "two"]),
        ("<p>hy\u00adphen\u200b</p>", ["hyphen"]),
        ("<p> spaced \n\t out\u00a0here </p>", ["spaced out here"]),
        ("<p>a</p><script>x()</script><style>p{}</style><template>t</template>", ["a"]),
        ("<p>a<!-- not this --> b</p>", ["a b"]),
        ("<p>seen <span class='visually-hidden'>opens a window</span>on</p>", ["seen on"]),
        ("<ruby>\u6f22<rt>kan</rt></ruby>\u5b57", ["\u6f22kan\u5b57"]),
        ("<a href='/x'><h3>Title</h3><p>teaser</p></a>", ["Title", "teaser"]),
    ],
)
def test_text_between_block_boundaries_is_a_block(markup: str, expected: list[str]) -> None:
    assert texts(markup) == expected


def test_an_unclosed_button_does_not_swallow_the_page() -> None:
    assert texts("<button>Menu<main><p>The article.</p></main>") == ["Menu", "The article."]
    assert texts("<button>Menu</button><p>The article.</p>") == ["The article."]


def test_a_block_knows_its_heading_list_and_hidden_scope() -> None:
    (heading,) = blocks("<h2><div>In a box</div></h2>")
    assert heading.scope.heading == "h2"
    (role,) = blocks("<div role='heading'>In a role</div>")
    assert role.scope.heading == "h2"
    (item,) = blocks("<ul><li><p>item</p></li></ul>")
    assert item.scope.flow == "ul"
    for attributes in ("hidden", "style='display: none'", "class='a hidden'", "aria-hidden='true'"):
        (unseen,) = blocks(f"<div {attributes}>unseen</div>")
        assert unseen.scope.hidden
    (responsive,) = blocks("<div class='hidden md:block'>seen on wide screens</div>")
    assert not responsive.scope.hidden


def test_links_count_by_share_and_by_where_they_lead() -> None:
    url = "https://www.paper.example/a"
    (mixed,) = blocks("<p>half <a href='/b'>half</a></p>", url)
    assert (mixed.linked, mixed.away) == (0.5, 0.0)
    (home,) = blocks("<p><a href='https://paper.example/b'>home</a></p>", url)
    assert (home.linked, home.away) == (1.0, 0.0)
    (away,) = blocks("<p><a href='https://other.example/'>away</a></p>", url)
    assert (away.linked, away.away) == (1.0, 1.0)
    (fragment,) = blocks("<p><a href='#part'>here</a></p>", url)
    assert fragment.away == 1.0
    (broken,) = blocks("<p><a href='http://[broken'>broken</a></p>", url)
    assert broken.linked == 1.0


def test_inline_names_count_only_around_the_whole_text() -> None:
    (partly,) = blocks("<p><span class='byline'>By us</span> and more</p>")
    assert partly.names == frozenset()
    (wholly,) = blocks("<div><span class='byline'>By us</span></div>")
    assert wholly.names == {"byline"}


def test_a_block_knows_the_picture_before_it() -> None:
    first, second = blocks("<img src='x'><p>caption</p><p>text</p>")
    assert (first.pictured, second.pictured) == (True, False)


def test_a_wholly_bold_block_is_strong() -> None:
    first, second = blocks("<p><b>all</b></p><p><b>some</b> of it</p>")
    assert (first.strong, second.strong) == (True, False)


def test_more_blocks_than_any_article_has_are_refused() -> None:
    with pytest.raises(TooLarge):
        blocks("<p>x</p>" * (MAXIMUM_BLOCKS + 1))
    with pytest.raises(TooLarge):
        blocks("<div></div>" * 60_001)
    page = "<p>" + "word " * 100_000
    assert len(blocks(page * 4)) == 4
    with pytest.raises(TooLarge):
        blocks(page * 5)


TAGS = st.sampled_from(
    ["p", "div", "span", "a", "b", "br", "li", "ul", "h2", "td", "button", "svg"]
)
MARKUP = st.lists(
    st.one_of(
        TAGS.map(lambda tag: f"<{tag}>"),
        TAGS.map(lambda tag: f"</{tag}>"),
        st.text(max_size=20).map(lambda text: text.replace("\0", "")),
    ),
    max_size=60,
).map("".join)


@given(MARKUP)
@settings(deadline=None)
def test_any_markup_gives_clean_blocks_in_order(markup: str) -> None:
    document = html.document_fromstring(f"<html><body>x{markup}</body></html>")
    found = read_blocks(document)
    assert [block.index for block in found] == list(range(len(found)))
    orders = [block.scope.order for block in found]
    assert all(order <= max(orders) for order in orders)
    for block in found:
        assert block.text == " ".join(block.text.split())
        assert 0.0 <= block.away <= block.linked <= 1.0


@pytest.mark.parametrize(
    "href",
    [
        "https://www.daily.example/a?b#c", "//Daily.example", "http:daily.example/a",
        "https://user:word@daily.example:8080/", "http://[::1]:80/a", "https://[bad/", "https://",
        "https://daily\n.example/a", "https://daily.example/a\tb", "http:/\t/daily.example/",
        "https://daily.example\\a/b", "https://daily .example/", "https://ﬁ.example/",
    ],
)  # fmt: skip
def test_the_host_of_a_link_is_the_url_s(href: str) -> None:
    assert [_host_of_link(href) for _ in range(2)] == [_host(href)] * 2
