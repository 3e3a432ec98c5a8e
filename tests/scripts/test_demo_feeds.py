import json
from dataclasses import replace
from datetime import datetime
from email.utils import parsedate_to_datetime

import pytest
from lxml import etree

from scripts.demo.articles import Article, read_articles
from scripts.demo.desks import read_desks
from scripts.demo.feeds import (
    render_feed,
    render_news_sitemap,
    render_sitemap,
    render_sitemap_index,
)

ORIGIN = "http://127.0.0.1:8000"
ARTICLES = list(read_articles(2).values())


def own(desk: str) -> list[Article]:
    return [article for article in ARTICLES if article.desk == desk]


def parse(document: bytes) -> etree._Element:
    assert document.startswith(b"<?xml")
    return etree.fromstring(document)


def texts(root: etree._Element, path: str) -> list[str]:
    return [str(node.text) for node in root.iterfind(path)]


def test_rss_has_titles_times_and_tracked_links() -> None:
    root = parse(render_feed(read_desks()["fr"], own("fr"), origin=ORIGIN))
    assert root.tag == "rss"
    assert texts(root, "channel/item/title") == [article.title for article in own("fr")]
    times = [parsedate_to_datetime(text) for text in texts(root, "channel/item/pubDate")]
    assert times == [article.published_at for article in own("fr")]
    links, guids = texts(root, "channel/item/link"), texts(root, "channel/item/guid")
    assert guids == [f"{ORIGIN}{article.path}" for article in own("fr")]
    assert links == [f"{guid}?utm_source=feed&utm_medium=rss" for guid in guids]


def test_atom_tells_published_from_updated() -> None:
    root = parse(render_feed(read_desks()["en"], own("en"), origin=ORIGIN))
    published = texts(root, "{*}entry/{*}published")
    updated = texts(root, "{*}entry/{*}updated")
    assert published == [article.published_at.isoformat() for article in own("en")]
    assert updated == [article.last_change.isoformat() for article in own("en")]
    assert published != updated
    latest = max(article.last_change for article in own("en"))
    assert texts(root, "{*}updated") == [latest.isoformat()]
    names = texts(root, "{*}entry/{*}author/{*}name")
    assert names == [author for article in own("en") for author in article.authors]


def test_json_feed() -> None:
    feed = json.loads(render_feed(read_desks()["ja"], own("ja"), origin=ORIGIN))
    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    for item, article in zip(feed["items"], own("ja"), strict=True):
        assert (item["id"], item["title"]) == (f"{ORIGIN}{article.path}", article.title)
        assert datetime.fromisoformat(item["date_published"]) == article.published_at


def test_a_feed_of_nothing_is_still_a_feed() -> None:
    root = parse(render_feed(read_desks()["en"], [], origin=ORIGIN))
    assert texts(root, "{*}entry") == []
    assert texts(root, "{*}updated") == ["1970-01-01T00:00:00+00:00"]


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(ValueError, match="gopher"):
        render_feed(replace(read_desks()["en"], feed_format="gopher"), [], origin=ORIGIN)


def test_sitemaps() -> None:
    addresses = [f"{ORIGIN}{article.path}" for article in ARTICLES]
    sitemap = parse(render_sitemap(ARTICLES, origin=ORIGIN))
    assert texts(sitemap, "{*}url/{*}loc") == addresses
    lastmods = [datetime.fromisoformat(text) for text in texts(sitemap, "{*}url/{*}lastmod")]
    assert lastmods == [article.last_change for article in ARTICLES]
    desks = read_desks()
    pairs = [(desks[article.desk], article) for article in ARTICLES]
    news = parse(render_news_sitemap(pairs, origin=ORIGIN))
    assert texts(news, "{*}url/{*}loc") == addresses
    assert texts(news, "{*}url/{*}news/{*}title") == [article.title for article in ARTICLES]
    languages = texts(news, "{*}url/{*}news/{*}publication/{*}language")
    assert languages == [article.desk for article in ARTICLES]
    index = parse(render_sitemap_index(["/a.xml", "/b.xml.gz"], origin=ORIGIN))
    assert texts(index, "{*}sitemap/{*}loc") == [f"{ORIGIN}/a.xml", f"{ORIGIN}/b.xml.gz"]
