"""Feeds and sitemaps of a news site, as publishers write them."""

import json
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from email.utils import format_datetime

from lxml import etree

from scripts.demo.articles import Article
from scripts.demo.desks import Desk

ATOM = "http://www.w3.org/2005/Atom"
LANG = "{http://www.w3.org/XML/1998/namespace}lang"
DUBLIN_CORE = "http://purl.org/dc/elements/1.1/"
SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
NEWS = "http://www.google.com/schemas/sitemap-news/0.9"
CAMPAIGN = "?utm_source=feed&utm_medium=rss"


def render_feed(desk: Desk, articles: Sequence[Article], *, origin: str) -> bytes:
    """The desk's feed in the desk's format: `rss` (2.0), `atom` (1.0) or `json` (JSON Feed 1.1)."""
    match desk.feed_format:
        case "rss":
            return render_rss(desk, articles, origin=origin)
        case "atom":
            return render_atom(desk, articles, origin=origin)
        case "json":
            return render_json_feed(desk, articles, origin=origin)
        case other:
            raise ValueError(f"unknown feed format {other!r}")


def render_rss(desk: Desk, articles: Sequence[Article], *, origin: str) -> bytes:
    """Links carry a campaign's parameters, as they often do; the GUID is the bare address."""
    rss = etree.Element("rss", {"version": "2.0"}, nsmap={"atom": ATOM, "dc": DUBLIN_CORE})
    channel = etree.SubElement(rss, "channel")
    _text(channel, "title", desk.name)
    _text(channel, "link", f"{origin}{desk.front}")
    _text(channel, "description", desk.name)
    _text(channel, "language", desk.language)
    etree.SubElement(
        channel,
        f"{{{ATOM}}}link",
        {"href": f"{origin}{desk.feed}", "rel": "self", "type": "application/rss+xml"},
    )
    for article in articles:
        item = etree.SubElement(channel, "item")
        _text(item, "title", article.title)
        _text(item, "link", f"{origin}{article.path}{CAMPAIGN}")
        etree.SubElement(item, "guid", {"isPermaLink": "true"}).text = f"{origin}{article.path}"
        for author in article.authors:
            _text(item, f"{{{DUBLIN_CORE}}}creator", author)
        _text(item, "pubDate", format_datetime(article.published_at))
        _text(item, "category", desk.sections[article.section].name)
        _text(item, "description", article.standfirst)
    return _document(rss)


def render_atom(desk: Desk, articles: Sequence[Article], *, origin: str) -> bytes:
    feed = etree.Element(f"{{{ATOM}}}feed", {LANG: desk.language}, nsmap={None: ATOM})
    _text(feed, f"{{{ATOM}}}title", desk.name)
    _text(feed, f"{{{ATOM}}}id", f"{origin}{desk.feed}")
    _text(feed, f"{{{ATOM}}}updated", _latest_change(articles).isoformat())
    etree.SubElement(feed, f"{{{ATOM}}}link", {"rel": "self", "href": f"{origin}{desk.feed}"})
    etree.SubElement(feed, f"{{{ATOM}}}link", {"rel": "alternate", "href": f"{origin}{desk.front}"})
    for article in articles:
        entry = etree.SubElement(feed, f"{{{ATOM}}}entry")
        _text(entry, f"{{{ATOM}}}title", article.title)
        _text(entry, f"{{{ATOM}}}id", f"{origin}{article.path}")
        etree.SubElement(
            entry,
            f"{{{ATOM}}}link",
            {"rel": "alternate", "type": "text/html", "href": f"{origin}{article.path}"},
        )
        _text(entry, f"{{{ATOM}}}published", article.published_at.isoformat())
        _text(entry, f"{{{ATOM}}}updated", article.last_change.isoformat())
        for author in article.authors:
            _text(etree.SubElement(entry, f"{{{ATOM}}}author"), f"{{{ATOM}}}name", author)
        _text(entry, f"{{{ATOM}}}summary", article.standfirst)
    return _document(feed)


def render_json_feed(desk: Desk, articles: Sequence[Article], *, origin: str) -> bytes:
    feed = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": desk.name,
        "home_page_url": f"{origin}{desk.front}",
        "feed_url": f"{origin}{desk.feed}",
        "language": desk.language,
        "items": [
            {
                "id": f"{origin}{article.path}",
                "url": f"{origin}{article.path}",
                "title": article.title,
                "summary": article.standfirst,
                "content_text": article.standfirst,
                "date_published": article.published_at.isoformat(),
                "date_modified": article.last_change.isoformat(),
                "authors": [{"name": name} for name in article.authors],
                "tags": list(article.tags),
            }
            for article in articles
        ],
    }
    return json.dumps(feed, ensure_ascii=False, indent=1).encode()


def render_sitemap(articles: Iterable[Article], *, origin: str) -> bytes:
    urlset = etree.Element(f"{{{SITEMAP}}}urlset", nsmap={None: SITEMAP})
    for article in articles:
        url = etree.SubElement(urlset, f"{{{SITEMAP}}}url")
        _text(url, f"{{{SITEMAP}}}loc", f"{origin}{article.path}")
        _text(url, f"{{{SITEMAP}}}lastmod", article.last_change.isoformat())
    return _document(urlset)


def render_news_sitemap(articles: Iterable[tuple[Desk, Article]], *, origin: str) -> bytes:
    urlset = etree.Element(f"{{{SITEMAP}}}urlset", nsmap={None: SITEMAP, "news": NEWS})
    for desk, article in articles:
        url = etree.SubElement(urlset, f"{{{SITEMAP}}}url")
        _text(url, f"{{{SITEMAP}}}loc", f"{origin}{article.path}")
        news = etree.SubElement(url, f"{{{NEWS}}}news")
        publication = etree.SubElement(news, f"{{{NEWS}}}publication")
        _text(publication, f"{{{NEWS}}}name", desk.name)
        _text(publication, f"{{{NEWS}}}language", desk.language.partition("-")[0])
        _text(news, f"{{{NEWS}}}publication_date", article.published_at.isoformat())
        _text(news, f"{{{NEWS}}}title", article.title)
    return _document(urlset)


def render_sitemap_index(paths: Iterable[str], *, origin: str) -> bytes:
    index = etree.Element(f"{{{SITEMAP}}}sitemapindex", nsmap={None: SITEMAP})
    for path in paths:
        sitemap = etree.SubElement(index, f"{{{SITEMAP}}}sitemap")
        _text(sitemap, f"{{{SITEMAP}}}loc", f"{origin}{path}")
    return _document(index)


def _latest_change(articles: Iterable[Article]) -> datetime:
    return max((a.last_change for a in articles), default=datetime.fromtimestamp(0, UTC))


def _text(parent: etree._Element, tag: str, text: str) -> None:
    etree.SubElement(parent, tag).text = text


def _document(root: etree._Element) -> bytes:
    return etree.tostring(root, encoding="utf-8", xml_declaration=True, pretty_print=True)
