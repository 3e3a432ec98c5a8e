import json
import time
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.discovery.candidates import MAX_CANDIDATES, Candidate, CandidateKind
from crawler.discovery.errors import NotAFeed
from crawler.discovery.feeds import MAX_JSON_BYTES, read_feed
from tests.support.properties import examples

URL = "https://example.org/news/feed"
STORM = Candidate(
    "https://example.org/news/storm-closes-bridge",
    CandidateKind.ARTICLE,
    title="Storm closes bridge & road",
    published_at=datetime(2026, 3, 2, 9, 30, tzinfo=UTC),
    modified_at=datetime(2026, 3, 2, 11, 0, tzinfo=UTC),
    guid="tag:example.org,2026:17",
)

RSS = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:media="http://search.yahoo.com/mrss/">
<channel><title>Harbour Gazette</title><link>https://example.org/</link>
<atom:link rel="self" href="https://example.org/news/feed"/>
<item>
  <media:content><media:title>A photograph of the bridge</media:title></media:content>
  <title>Storm closes &lt;b&gt;bridge&lt;/b&gt; &amp;amp; road</title>
  <link>https://example.org/news/storm-closes-bridge#top</link>
  <guid isPermaLink="false">tag:example.org,2026:17</guid>
  <pubDate>Mon, 02 Mar 2026 09:30:00 GMT</pubDate>
  <atom:updated>2026-03-02T11:00:00Z</atom:updated>
</item></channel></rss>"""

ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://example.org/">
<title>Harbour Gazette</title>
<entry xml:base="news/">
  <id>tag:example.org,2026:17</id>
  <title type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">Storm closes
    <b>bridge</b> &amp; road</div></title>
  <link rel="edit" href="edit/17"/>
  <link rel="alternate" type="application/json" href="storm.json"/>
  <link rel="alternate" type="text/html" href="storm-closes-bridge"/>
  <published>2026-03-02T09:30:00Z</published><updated>2026-03-02T11:00:00Z</updated>
</entry></feed>"""

RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
  xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"
  xmlns:dcterms="http://purl.org/dc/terms/">
<channel rdf:about="https://example.org/"><items/></channel>
<item rdf:about="tag:example.org,2026:17">
  <title>Storm closes bridge &amp; road</title>
  <link>https://example.org/news/storm-closes-bridge</link>
  <dc:date>2026-03-02T09:30:00Z</dc:date>
  <dcterms:modified>2026-03-02T11:00:00Z</dcterms:modified>
</item></rdf:RDF>"""

JSON = json.dumps(
    {
        "version": "https://jsonfeed.org/version/1.1",
        "items": [
            {
                "id": "tag:example.org,2026:17",
                "url": "/news/storm-closes-bridge",
                "title": "Storm closes bridge & road",
                "date_published": "2026-03-02T09:30:00Z",
                "date_modified": "2026-03-02T11:00:00Z",
            }
        ],
    }
)


@pytest.mark.parametrize("feed", [RSS, ATOM, RDF, JSON], ids=["RSS", "Atom", "RDF", "JSON Feed"])
def test_every_format_says_the_same(feed: str) -> None:
    assert read_feed(feed.encode(), url=URL) == [STORM]


def items(*parts: str) -> list[Candidate]:
    body = "".join(f"<item>{part}</item>" for part in parts)
    return read_feed(f"<rss><channel>{body}</channel></rss>".encode(), url=URL)


@pytest.mark.parametrize(
    ("item", "url"),
    [
        ("<link> \n/a </link>", "https://example.org/a"),
        ("<link>b</link>", "https://example.org/news/b"),
        ("<link><![CDATA[https://example.org/?a=1&b=2]]></link>", "https://example.org/?a=1&b=2"),
        ("<link>https://example.org/?a=1&b=2</link>", "https://example.org/?a=1&b=2"),
        ('<a:link xmlns:a="urn:a" href="/c"/>', "https://example.org/c"),
        ("<guid>https://example.org/d</guid>", "https://example.org/d"),
        (
            '<link>https://proxy.example/1</link><f:origLink xmlns:f="urn:f">/e</f:origLink>',
            "https://example.org/e",
        ),
        ("<LINK>/f</LINK>", "https://example.org/f"),
    ],
)
def test_where_an_item_keeps_its_address(item: str, url: str) -> None:
    assert [each.url for each in items(item)] == [url]


@pytest.mark.parametrize(
    "item",
    [
        "<title>No address</title>",
        '<guid isPermaLink="false">https://example.org/d</guid>',
        "<guid>17</guid>",
        "<link>javascript:alert(1)</link>",
        "<link>file:///etc/passwd</link>",
        '<a:link xmlns:a="urn:a" rel="enclosure" href="/a.mp3"/>',
    ],
)
def test_an_item_without_address_is_left_out(item: str) -> None:
    assert [each.url for each in items(item, "<link>/next</link>")] == ["https://example.org/next"]


def test_an_item_is_given_once() -> None:
    found = items("<link>/a</link><title>First</title>", "<link>/a?fbclid=1</link>")
    assert [each.title for each in found] == ["First"]


def test_the_zone_of_a_time_is_kept() -> None:
    (found,) = items("<link>/a</link><pubDate>Mon, 02 Mar 2026 10:30:00 +0100</pubDate>")
    assert found.published_at == datetime(2026, 3, 2, 10, 30, tzinfo=timezone(timedelta(hours=1)))


def test_latin_1_under_a_false_flag() -> None:
    body = '<?xml version="1.0" encoding="utf-8"?><rss><channel><item><title>Élu à Évian</title>'
    body += "<link>/a</link></item></channel></rss>"
    assert read_feed(body.encode("cp1252"), url=URL)[0].title == "Élu à Évian"


def test_the_declared_encoding_is_used() -> None:
    body = '<?xml version="1.0" encoding="windows-1251"?><rss><channel><item><title>Мост</title>'
    body += "<link>/a</link></item></channel></rss>"
    assert read_feed(body.encode("cp1251"), url=URL)[0].title == "Мост"


def test_a_feed_without_articles_is_a_feed() -> None:
    assert read_feed(b"<rss><channel/></rss>", url=URL) == []
    assert read_feed(b'{"items": []}', url=URL) == []


def test_json_of_any_shape() -> None:
    feed = {"items": [None, 1, {"id": 7}, {"id": True, "url": 3}, {"url": "/a", "title": "\ud800"}]}
    assert [each.url for each in read_feed(json.dumps(feed).encode(), url=URL)] == [
        "https://example.org/news/7",
        "https://example.org/news/True",
        "https://example.org/a",
    ]


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"", "no XML"),
        (b"not a feed", "no XML"),
        (b"<!DOCTYPE html><html><body><p>Gone</body></html>", "the document element is <html>"),
        (b"<urlset/>", "the document element is <urlset>"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "no XML"),
        (b"{", "not JSON"),
        (b"[1]", "JSON without a list of items"),
        (b'{"items": 1}', "JSON without a list of items"),
        (b"[" * 1_000_000, "not JSON"),
        (b'{"items": [' + b"1" * 10_000 + b"]}", "not JSON"),
        (b'{"items": [' + b" " * MAX_JSON_BYTES + b"]}", "bytes of JSON"),
    ],
)
def test_what_is_no_feed_says_what_it_is(body: bytes, reason: str) -> None:
    with pytest.raises(NotAFeed, match=reason):
        read_feed(body, url=URL)


HOSTILE = {
    "items": b"<rss><channel>" + b"<item><link>/a</link></item>" * 300_000,
    "children": b"<rss><channel><item>" + b"<link/>" * 400_000 + b"</item>",
    "depth": b"<rss><channel><item><link>/a</link></item>" + b"<item>" * 100_000,
    "ampersands": b"<rss><channel><item><title>" + b"&" * 5_000_000,
    "entities": b"<rss><channel><item><title>" + b"&eacute;" * 1_000_000,
    "angles": b"<rss>" + b"<" * 5_000_000,
    "attributes": b"<rss><a " + b"".join(b'a%d="" ' % n for n in range(200_000)) + b"/>",
    "bases": b"<rss xml:base='a/'>" * 250 + b"<item><link>/a</link></item>" * 50_000,
    "long base": b"<rss><channel xml:base='"
    + b"a" * 3_000_000
    + b"'>"
    + b"<item><link>/a</link></item>" * 50_000,
    "json": b'{"items": [' + b'{"url":"/a"},' * 300_000 + b"{}]}",
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_hostile_feeds_end_soon(body: bytes) -> None:
    started = time.process_time()
    assert len(read_feed(body, url=URL)) <= 1
    assert time.process_time() - started < 4


def test_candidates_are_bounded() -> None:
    body = b"".join(b"<item><link>/%d</link></item>" % n for n in range(MAX_CANDIDATES + 10))
    found = read_feed(b"<rss><channel>" + body + b"</channel></rss>", url=URL)
    assert len(found) == MAX_CANDIDATES


PIECES = (
    *("<rss>", "<feed>", "<channel>", "<item>", "</item>", "<entry>", "<link>", "</link>", "<id>"),
    *(
        "/a",
        "https://example.org/b",
        "<title>",
        "</title>",
        "&amp;",
        "&",
        "&x;",
        "<![CDATA[",
        "]]>",
    ),
    *("<link href='/c'/>", "<pubDate>", "Mon, 02 Mar 2026", "\x00", "é", "<!--", "-->", "{", "["),
    *('"items"', ":", "]", "}", '"url"', ",", "<?xml version='1.0' encoding='utf-16'?>"),
)


@given(
    body=st.binary(max_size=200)
    | st.lists(st.sampled_from(PIECES), max_size=30).map(lambda pieces: "".join(pieces).encode())
    | st.tuples(
        st.sampled_from([RSS, ATOM, RDF, JSON]), st.integers(0, 1200), st.binary(max_size=9)
    ).map(lambda cut: cut[0].encode()[: cut[1]] + cut[2] + cut[0].encode()[cut[1] + len(cut[2]) :]),
    content_type=st.sampled_from([None, "text/xml; charset=utf-16", "application/json", "\x00"]),
)
@settings(deadline=None, max_examples=examples(100))
def test_any_bytes_are_a_feed_or_not_one(body: bytes, content_type: str | None) -> None:
    try:
        found = read_feed(body, url=URL, content_type=content_type)
    except NotAFeed:
        return
    assert found == read_feed(body, url=URL, content_type=content_type)
    assert all(each.url.startswith(("http://", "https://")) for each in found)
