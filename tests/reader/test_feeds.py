"""The feed of edits, as feed readers read it, and by the schema of RFC 4287."""

from pathlib import Path

import feedparser
import pytest
from lxml import etree
from starlette.testclient import TestClient

from storage.database.archive import Archive
from storage.models import Reuse
from tests.reader.api.archives import HOSTILE, fill
from tests.support.archiving import Desk
from tests.support.reading import asking


@pytest.fixture
def desk(archive: Archive) -> Desk:
    return fill(archive)


SCHEMA = etree.RelaxNG(file=str(Path(__file__).with_name("atom.rng")))
FEED = "/feeds/edits.atom"


def read(client: TestClient, address: str) -> feedparser.FeedParserDict:
    answer = client.get(address)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "application/atom+xml; charset=utf-8"
    SCHEMA.assertValid(etree.fromstring(answer.content))
    parsed = feedparser.parse(answer.content)
    assert not parsed.bozo
    return parsed


def test_a_feed_has_the_latest_events_first(client: TestClient, desk: Desk) -> None:
    parsed = read(client, FEED)
    assert [it.tags[0].term for it in parsed.entries] == [
        "edit", "edit", "return", "removal", "edit",
    ]  # fmt: skip
    updated = [it.updated for it in parsed.entries]
    assert updated == sorted(updated, reverse=True)
    assert parsed.feed.updated == updated[0]
    edit = parsed.entries[1]
    old, new = (it.identifier for it in desk.history("/bridge")[1:])
    assert edit.link == f"http://127.0.0.1/compare/{old}/{new}"
    assert client.get(edit.link).status_code == 200
    assert {it.term for it in edit.tags} >= {"edit", "body", "silent"}
    assert "<del>It heard engineers.</del> <ins>It heard nobody.</ins>" in edit.content[0].value
    assert "between 2026-03-01 " in edit.summary
    assert [it.href for it in edit.links if it.rel == "related"] == ["https://example.org/bridge"]


def test_words_of_the_web_stay_words(client: TestClient) -> None:
    entry = read(client, FEED).entries[0]
    assert entry.title_detail.type == "text/plain"
    assert entry.title == f"{HOSTILE}!".replace("\x1b", "\ufffd")
    raw = client.get(FEED).content
    assert b"<script" not in raw
    assert b"\x1b" not in raw


def test_ids_stay_wherever_it_is_served(client: TestClient, desk: Desk) -> None:
    entries = read(client, FEED).entries
    ids = [it.id for it in entries]
    assert len(set(ids)) == len(ids)
    assert all(it.startswith("urn:uuid:") for it in ids)
    with asking(desk.archive, public_url="https://news.example") as elsewhere:
        there = read(elsewhere, FEED)
    assert [it.id for it in there.entries] == ids
    assert there.feed.id == read(client, FEED).feed.id
    assert there.entries[0].link.startswith("https://news.example/compare/")
    desk.read("/ferry", "The ferry returns", "It was away for two months.")
    assert [it.id for it in read(client, FEED).entries][1:] == ids


def test_pages_follow_by_their_links(client: TestClient) -> None:
    whole = [it.id for it in read(client, FEED).entries]
    found, address = [], f"{FEED}?limit=2"
    for _ in range(10):
        page = read(client, address)
        found += [it.id for it in page.entries]
        following = [it.href for it in page.feed.links if it.rel == "next"]
        if not following:
            break
        address = following[0].removeprefix("http://127.0.0.1")
    assert found == whole


def test_what_is_asked_for(client: TestClient) -> None:
    for asked, count in (
        ("?source=example.org&event=removal", 1),
        ("?article=example.org/bridge", 2),
        ("?kind=headline&declared=false", 2),
        ("?q=council", 2),
        ("?q=ferry", 2),
        ("?q=engineers", 1),
        ("?q=nothing", 0),
    ):
        assert len(read(client, FEED + asked).entries) == count, asked


def test_a_feed_that_has_not_changed_is_not_sent_again(client: TestClient, desk: Desk) -> None:
    tag = client.get(FEED).headers["etag"]
    assert client.get(FEED, headers={"If-None-Match": tag}).status_code == 304
    desk.read("/ferry", "The ferry returns", "It was away for two months.")
    assert client.get(FEED, headers={"If-None-Match": tag}).status_code == 200


def test_what_may_not_be_shown_is_not_told(client: TestClient, desk: Desk) -> None:
    with desk.archive.writing() as session:
        session.merge(desk.source).may_show = Reuse.METADATA
    assert "engineers" not in client.get(FEED).text
    assert len(read(client, FEED).entries) == 5
    with desk.archive.writing() as session:
        session.merge(desk.source).may_show = Reuse.NONE
    assert read(client, FEED).entries == []


def test_a_fault_is_told(client: TestClient) -> None:
    for asked, status in (("?q=(", 400), ("?x=1", 400), ("?cursor=1", 400), ("?source=no", 404)):
        answer = client.get(FEED + asked)
        assert answer.status_code == status
        assert answer.headers["content-type"] == "application/problem+json"


def test_it_is_in_french_where_that_is_asked_for(client: TestClient, desk: Desk) -> None:
    parsed = read(client, f"{FEED}?lang=fr")
    assert parsed.feed.title == "Modifications"
    assert "Modifié entre le 2026-03-01 " in parsed.entries[1].summary
    english = read(client, FEED)
    assert [it.id for it in parsed.entries] == [it.id for it in english.entries]
    assert client.get(f"{FEED}?lang=de").status_code == 400
