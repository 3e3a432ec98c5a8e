import gzip
import json
import threading
from collections.abc import Iterator

import pytest
from lxml import etree, html

from scripts.demo.articles import EDITIONS, read_articles
from scripts.demo.desks import read_desks
from scripts.demo.server import DemoSite, catalogue
from tests.support.fetching import Fetched, fetch

FERRY = "/en/news/island-ferry-returns-after-storm-repairs-20417/"
NIGHT_BOAT = "/2026/11/09/un-bac-de-nuit-entre-le-mole-et-la-pointe/"
LIBRARY = "/2026/10/22/la-bibliotheque-prete-aussi-des-outils/"
POOL = "/2026/11/21/la-piscine-chauffee-par-les-serveurs-du-port/"
BAND = "/2026/10/15/la-fanfare-du-port-fete-ses-cent-ans/"
CANNERY = "/2026/11/05/la-sardinerie-cadoret-cherche-un-repreneur/"
ORGAN = "/2026/11/03/l-orgue-de-saint-guenole-demonte-piece-par-piece/"
DUNE = "/2026/10/29/la-dune-de-trez-bihan-a-recule-de-quatre-metres/"
MARKET = "/2026/11/12/les-halles-saint-goustan-rouvrent/"
GARDEN = "/ja/kurashi/20261110-teien/"


@pytest.fixture(scope="module")
def site() -> Iterator[DemoSite]:
    with DemoSite() as site:
        yield site


@pytest.fixture(autouse=True)
def first_edition(site: DemoSite) -> None:
    site.edition = 1


def get(site: DemoSite, path: str, **headers: str) -> Fetched:
    fields = {name.replace("_", "-"): value for name, value in headers.items()}
    return fetch(f"{site.url}{path}", headers=fields)


def page(site: DemoSite, path: str) -> html.HtmlElement:
    answer = get(site, path)
    assert answer.status == 200
    return html.fromstring(answer.body.decode())


@pytest.mark.parametrize("edition", EDITIONS)
def test_every_page_shows_its_title_and_every_line_of_its_text(
    site: DemoSite, edition: int
) -> None:
    site.edition = edition
    for path, (title, text) in DemoSite.articles(edition).items():
        shown = page(site, path)
        assert shown.findtext(".//h1") == title
        blocks = {element.text_content() for element in shown.iter("p", "h2", "li")}
        assert set(text.splitlines()) <= blocks


def test_the_site_is_as_large_as_promised() -> None:
    desks = [article.desk for article in read_articles(1).values()]
    assert {key: desks.count(key) for key in read_desks()} == {"fr": 8, "en": 6, "ja": 4}
    for article in read_articles(1).values():
        assert article.standfirst
        assert article.authors
        assert len(article.text.splitlines()) >= 5


def test_the_second_edition_changes_two_articles_removes_one_and_adds_one() -> None:
    first, second = DemoSite.articles(1), DemoSite.articles(2)
    assert first.keys() - second.keys() == {LIBRARY}
    assert second.keys() - first.keys() == {POOL}
    changed = {path for path in first.keys() & second.keys() if first[path] != second[path]}
    assert changed == {FERRY, NIGHT_BOAT}
    assert first[NIGHT_BOAT][0] != second[NIGHT_BOAT][0]
    assert first[FERRY][0] == second[FERRY][0]
    assert first[FERRY][1].replace("18,400", "21,900") == second[FERRY][1]


def test_the_third_edition_has_a_new_theme_three_edits_and_one_removal(site: DemoSite) -> None:
    second, third = DemoSite.articles(2), DemoSite.articles(3)
    assert second.keys() - third.keys() == {BAND}
    assert third.keys() <= second.keys()
    assert {path for path in third if second[path] != third[path]} == {CANNERY, ORGAN, DUNE}
    assert b"is-style-tide" not in get(site, ORGAN).body
    site.edition = 3
    assert b"is-style-tide" in get(site, ORGAN).body
    assert b"is-style-tide" not in get(site, FERRY).body


def test_the_edition_decides_what_is_served(site: DemoSite) -> None:
    assert (get(site, LIBRARY).status, get(site, POOL).status) == (200, 404)
    site.edition = 2
    assert (get(site, LIBRARY).status, get(site, POOL).status) == (410, 200)
    with pytest.raises(ValueError, match="edition 4"):
        site.edition = 4


@pytest.mark.parametrize("path", [MARKET, FERRY, GARDEN])
def test_two_fetches_differ_in_the_advert_and_the_counter_alone(site: DemoSite, path: str) -> None:
    first, second = (get(site, path).body.decode().splitlines() for _ in range(2))
    changed = [old for old, new in zip(first, second, strict=True) if old != new]
    desk = read_desks()[read_articles(1)[path].desk]
    adverts = [
        line for line in changed if any(advert in html_text(line) for advert in desk.adverts)
    ]
    assert len(adverts) == 1
    assert len(changed) == 2


def html_text(line: str) -> str:
    return str(html.fromstring(line).text_content())


def test_french_pages_carry_the_furniture_that_gave_the_project_its_name(site: DemoSite) -> None:
    for path, article in read_articles(1).items():
        if article.desk == "fr":
            content = page(site, path).find_class("entry-content")[0]
            assert [line for line in content.text_content().splitlines() if line][-4:] == [
                "Laissez un avis",
                "Envie d’entreprendre",
                "Logo",
                "Lorsqu’activé, enregistrer les permaliens dans paramètres - permaliens",
            ]


def test_english_pages_say_what_they_are_in_json_ld(site: DemoSite) -> None:
    script = page(site, FERRY).findtext(".//script[@type='application/ld+json']")
    data = json.loads(script or "")
    article = read_articles(1)[FERRY]
    assert data["@type"] == "NewsArticle"
    assert data["headline"] == article.title
    assert [author["name"] for author in data["author"]] == list(article.authors)
    assert data["datePublished"] == article.published_at.isoformat()


def test_conditional_get_by_desk(site: DemoSite) -> None:
    english = get(site, FERRY)
    etag, modified = english.headers["ETag"], english.headers["Last-Modified"]
    answer = get(site, FERRY, If_None_Match=etag)
    assert (answer.status, answer.body) == (304, b"")
    assert get(site, FERRY, If_Modified_Since=modified).status == 304
    japanese = get(site, GARDEN)
    assert japanese.headers["ETag"] is None
    assert get(site, GARDEN, If_Modified_Since=japanese.headers["Last-Modified"]).status == 304
    french = get(site, MARKET)
    assert (french.headers["ETag"], french.headers["Last-Modified"]) == (None, None)
    site.edition = 2
    assert get(site, FERRY, If_None_Match=etag, If_Modified_Since=modified).status == 200


def test_an_old_slug_redirects_and_an_amp_page_names_its_canonical(site: DemoSite) -> None:
    answer = get(site, "/2026/11/halles/")
    assert (answer.status, answer.headers["Location"]) == (301, f"{site.url}{MARKET}")
    link = page(site, FERRY).find(".//link[@rel='amphtml']")
    assert link is not None
    amp = page(site, link.attrib["href"].removeprefix(site.url))
    canonical = amp.find(".//link[@rel='canonical']")
    assert canonical is not None
    assert canonical.attrib["href"] == f"{site.url}{FERRY}"


@pytest.mark.parametrize("edition", EDITIONS)
def test_every_link_of_the_site_leads_somewhere(site: DemoSite, edition: int) -> None:
    site.edition = edition
    waiting, seen = ["/"], {"/"}
    while waiting:
        path = waiting.pop()
        answer = get(site, path)
        assert answer.status == 200, path
        if not (answer.headers["Content-Type"] or "").startswith("text/html"):
            continue
        for _, _, link, _ in html.fromstring(answer.body.decode()).iterlinks():
            target = link.removeprefix(site.url)
            if target.startswith("/") and target not in seen:
                seen.add(target)
                waiting.append(target)
    assert read_articles(edition).keys() <= seen


def urls(document: bytes, tag: str) -> set[str]:
    return {str(node.text) for node in etree.fromstring(document).iter(f"{{*}}{tag}")}


@pytest.mark.parametrize("edition", EDITIONS)
def test_sitemaps_and_feeds_list_the_edition(site: DemoSite, edition: int) -> None:
    site.edition = edition
    expected = {f"{site.url}{path}" for path in read_articles(edition)}
    robots = get(site, "/robots.txt").body.decode()
    assert f"Sitemap: {site.url}/sitemap.xml" in robots
    news, archive = sorted(urls(get(site, "/sitemap.xml").body, "loc"), reverse=True)
    assert urls(get(site, news.removeprefix(site.url)).body, "loc") == expected
    compressed = get(site, archive.removeprefix(site.url)).body
    assert urls(gzip.decompress(compressed), "loc") == expected
    rss = urls(get(site, "/feed/").body, "guid")
    atom = urls(get(site, "/en/feed.atom").body, "id") - {f"{site.url}/en/feed.atom"}
    items = json.loads(get(site, "/ja/feed.json").body)["items"]
    assert rss | atom | {item["url"] for item in items} == expected


@pytest.mark.parametrize(
    "path",
    [
        "/../server.py",
        "/assets/../site.toml",
        "/images/%2e%2e/site.toml",
        "/assets//etc/passwd",
    ],
)
def test_nothing_but_the_catalogue_is_served(site: DemoSite, path: str) -> None:
    answer = get(site, path)
    assert answer.status == 404
    assert b"[desks" not in answer.body


def test_a_query_changes_nothing(site: DemoSite) -> None:
    assert get(site, f"{MARKET}?utm_source=feed&utm_medium=rss").status == 200


def test_many_readers_at_once_while_the_edition_changes(site: DemoSite) -> None:
    statuses: list[int] = []

    def read() -> None:
        statuses.extend(get(site, LIBRARY).status for _ in range(20))

    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    for turn in range(20):
        site.edition = EDITIONS[turn % 2]
    for reader in readers:
        reader.join()
    assert len(statuses) == 80
    assert set(statuses) <= {200, 410}


def test_the_same_edition_is_the_same_catalogue() -> None:
    one, two = (catalogue(1, "http://127.0.0.1:1").resources for _ in range(2))
    assert list(one) == list(two)
    assert all(one[path].render(0) == two[path].render(0) for path in one)
