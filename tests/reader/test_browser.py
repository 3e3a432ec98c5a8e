"""The reader as a researcher walks it, in Chromium, on a real crawl's archive."""

import csv
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser

from storage.database.archive import Archive
from storage.history.new_reading import NewReading
from storage.ledger.payloads import digest_of
from tests.reader.browsing import EDITIONS, Watched, chromium, demonstration, served, watched
from tests.support.archiving import Desk

pytestmark = pytest.mark.timeout(400)

OLD_TITLE = "Un bac de nuit reliera le môle à la pointe dès le mois de mars"
NEW_TITLE = "Le bac de nuit entre le môle et la pointe repoussé au mois de juin"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the reader of the demonstration's archive is."""
    with served(demonstration(tmp_path_factory.mktemp("demonstration"))) as base:
        yield base


@pytest.fixture
def walk(browser: Browser, base: str) -> Iterator[Watched]:
    """A researcher's browser; nothing may have gone wrong in the end."""
    with watched(browser, base) as walk:
        yield walk
        assert walk.wrong == []


def test_a_researcher_finds_reads_compares_and_cites(walk: Watched, tmp_path: Path) -> None:
    page = walk.page
    assert walk.go("/") == 200
    assert "19 articles" in page.inner_text(".lead")
    assert page.locator(".bars.new .gap").count() >= 5  # the days between the crawls
    page.click("header nav a:has-text('Edits')")
    assert page.get_attribute("header nav a[aria-current=page]", "href") == "/edits"
    assert page.locator("ol.events li").count() > 0
    walk.go("/")

    page.fill("#q", "bac OR ferry")
    page.press("#q", "Enter")
    assert page.locator("ol.hits > li").count() == 3
    page.click(".facets a:has-text('French')")
    assert page.inner_text("ol.hits").count(NEW_TITLE) == 1
    assert page.locator("ol.hits > li").count() == 2
    assert page.inner_text("#command") == "permalien search '(bac OR ferry) lang:\"fr\"'"

    with page.expect_download() as download:
        page.click("text=CSV")
    download.value.save_as(tmp_path / "found.csv")
    with (tmp_path / "found.csv").open(newline="", encoding="utf-8") as file:
        titles = {row["title"] for row in csv.DictReader(file)}
    assert NEW_TITLE in titles
    assert len(titles) == 2

    page.click(f"ol.hits a:has-text('{NEW_TITLE}')")
    assert page.locator(".timeline a").count() == 2
    between = page.locator(".timeline .between.edit title").text_content() or ""
    assert between.startswith("edited: ")
    page.click("#cite ~ .actions button")
    page.wait_for_selector("button.done")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.startswith(f"Gwendal Omnès, “{NEW_TITLE}”")
    assert copied == page.inner_text("#citation")

    page.click("text=Compare with version 1")
    address = page.url
    assert page.locator("table.side tr.edited").count() == 1
    assert "juin" in page.inner_text("h1 ins >> nth=-1")
    page.click("text=Inline")
    assert page.locator(".prose.diff ins").count() >= 3
    walk.go(address.removeprefix(walk.base))
    assert page.inner_text("#permanent") == address


def test_the_whole_page_goes_by_the_day_that_is_asked_for(walk: Watched) -> None:
    page = walk.page
    day = datetime.now(UTC).date() - timedelta(days=EDITIONS[2] + 1)
    walk.go("/search?q=bac")
    assert page.inner_text("ol.hits h2") == NEW_TITLE
    page.fill("input[name=as_of]", day.isoformat())
    page.click("form.search button")
    assert page.inner_text("ol.hits h2") == OLD_TITLE
    assert day.isoformat() in page.inner_text(".past")
    assert page.locator(".facets a:has-text('headline')").count() == 0  # the edit was not made yet
    page.click("ol.hits a")
    assert page.inner_text("h1") == OLD_TITLE
    assert "not the latest version" in page.inner_text(".note")


def test_keys_alone_do(walk: Watched) -> None:
    page = walk.page
    walk.go("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.name") == "q"


def _pages(base: str, browser: Browser) -> list[str]:
    """An address of each kind of page."""
    with watched(browser, base) as walk:
        walk.go("/edits")
        comparison = walk.page.get_attribute("ol.events a.compare", "href") or ""
        removed = walk.page.get_attribute("ol.events li.removal a", "href") or ""
        source = walk.page.get_attribute("ol.events .dim a", "href") or ""
    version = f"/versions/{comparison.rpartition('/')[2]}"
    return [
        "/", "/search?q=bac", "/search?q=nothing-at-all", "/edits", "/sources", source, version,
        removed, f"{version}/page", comparison, f"{comparison}?view=inline", "/search?q=%28",
    ]  # fmt: skip


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_any_page(browser: Browser, base: str, scheme: str) -> None:
    axe = Axe()
    found: dict[str, Any] = {}
    with watched(browser, base, scheme) as walk:
        for path in _pages(base, browser):
            assert walk.go(path) in (200, 400), path
            walk.page.evaluate(
                "for (const it of document.querySelectorAll('details')) it.open = true"
            )
            for problem in axe.run(walk.page).response["violations"]:
                nodes = [node["html"][:200] for node in problem["nodes"][:3]]
                found[f"{path} {problem['id']}"] = nodes
        assert found == {}


@pytest.mark.parametrize(("scheme", "width"), [("light", 1120), ("dark", 360)])
def test_the_steps_and_choices_of_many_versions_are_accessible(
    browser: Browser, sqlite_archive: Archive, scheme: str, width: int
) -> None:
    desk = Desk(sqlite_archive)
    desk.now = datetime.now(UTC) - timedelta(days=2)
    for title, text in (("One", "first"), ("Two", "second"), ("Two", "third"), ("Two", "fourth")):
        desk.read("/ferry", title, f"The {text} wording.\nIt stays.")
    ids = [it.identifier for it in desk.history("/ferry")]
    url = sqlite_archive.url.render_as_string(hide_password=False)
    with served(url) as base, watched(browser, base, scheme, width) as walk:
        for path in (f"/versions/{ids[1]}", f"/compare/{ids[1]}/{ids[2]}"):
            walk.go(path)
            assert Axe().run(walk.page).response["violations"] == [], path
            assert walk.page.evaluate("document.documentElement.scrollWidth") <= width, path
        walk.page.click("a[rel=next]")
        assert walk.page.url == f"{base}/compare/{ids[2]}/{ids[3]}?view=side"
        walk.page.select_option("select[name=old]", ids[0])
        walk.page.click("form.choose button")
        assert walk.page.url == f"{base}/compare/{ids[0]}/{ids[3]}"
        assert walk.wrong == []


def test_a_telephone_scrolls_no_page_sideways(browser: Browser, base: str) -> None:
    with watched(browser, base, width=360) as walk:
        for path in _pages(base, browser):
            walk.go(path)
            width = walk.page.evaluate("document.documentElement.scrollWidth")
            assert width <= 360, path
        # A search that is put wrongly is one of them, and what the stored page may not load.
        expected = ("status of 400", "Content Security Policy")
        assert [it for it in walk.wrong if not any(part in it for part in expected)] == []


def test_a_telephone_shows_both_sides_of_a_comparison_one_above_the_other(
    browser: Browser, base: str
) -> None:
    with watched(browser, base, width=390) as walk:
        walk.go("/edits")
        edit = walk.page.locator("ol.events li", has_text="bac de nuit").locator("a.compare")
        walk.go(edit.get_attribute("href") or "")
        sides = walk.page.locator("table.side tr.edited").first.locator("td")
        old, new = (sides.nth(place).bounding_box() for place in (0, 1))
        assert old is not None
        assert new is not None
        assert old["x"] == new["x"]
        assert old["y"] + old["height"] <= new["y"]
        same = walk.page.locator("table.side tr.same").first.locator("td")
        assert [same.nth(place).is_visible() for place in (0, 1)] == [True, False]
        assert walk.wrong == []


@pytest.mark.parametrize(
    ("width", "height", "events"), [(1280, 800, 5), (390, 844, 2)], ids=["desk", "telephone"]
)
def test_what_changed_is_seen_without_scrolling(
    browser: Browser, base: str, width: int, height: int, events: int
) -> None:
    """The latest events on the first page, and the changed words of a comparison."""
    with watched(browser, base, width=width) as walk:
        walk.page.set_viewport_size({"width": width, "height": height})
        walk.go("/")
        bottoms = walk.page.eval_on_selector_all(
            "ol.events > li", "all => all.map(it => it.getBoundingClientRect().bottom)"
        )
        assert sum(bottom <= height for bottom in bottoms) >= events
        comparison = walk.page.locator("ol.events li", has_text=NEW_TITLE).locator("a.compare")
        for view in ("side", "inline"):
            walk.go(f"{comparison.get_attribute('href')}?view={view}")
            changed = walk.page.locator(".diff ins").first.bounding_box()
            assert changed is not None
            assert changed["y"] + changed["height"] <= height
            walk.go("/")


def test_a_printed_comparison_has_what_stayed_too(walk: Watched) -> None:
    walk.go("/edits")
    walk.go(walk.page.get_attribute("ol.events a.compare", "href") or "")
    walk.page.emulate_media(media="print")
    assert walk.page.locator("table.side tr.same").first.is_visible()


SCRIPT = "<script>alert('ran')</script>"
IMAGE = "<img src=http://outside.example/pixel onerror=\"alert('ran')\">"
BREAKING = f"\"'></title></textarea></script>{SCRIPT}{IMAGE}{{{{7*7}}}}"


class HostileDesk(Desk):
    """A site whose pages attack whoever looks at them."""

    def body(
        self, title: str, text: str, *, advert: str = "", canonical_url: str | None = None
    ) -> bytes:
        data = json.dumps([title, text, canonical_url, advert])
        return (
            f"<!doctype html><title>{title}</title><meta http-equiv=refresh "
            f"content='0;url=http://outside.example/'><body onload=\"alert('ran')\">{text}{SCRIPT}"
            f"{IMAGE}<script type=application/ld+json>{{}}</script><iframe src="
            "'http://outside.example/frame'></iframe><link rel=stylesheet "
            "href=http://outside.example/style><form action=http://outside.example><button>"
            f"</form><!--DATA{data}"
        ).encode()

    def reading(self, body: bytes) -> NewReading:
        title, text, canonical_url, _advert = json.loads(body.partition(b"<!--DATA")[2])
        return NewReading(
            digest=digest_of(body),
            input=digest_of(body),
            extractor=BREAKING,
            template="",
            title=title,
            text=text,
            canonical_url=canonical_url,
            authors=[BREAKING],
            language="fr",
            details={
                "section": BREAKING,
                "candidates": {"title": [[BREAKING, BREAKING]], "authors": [["a", BREAKING]]},
            },
            removed=[[BREAKING, BREAKING]],
        )


def test_nothing_of_a_hostile_page_runs_or_asks(browser: Browser, sqlite_archive: Archive) -> None:
    desk = HostileDesk(sqlite_archive)
    desk.now = datetime.now(UTC) - timedelta(days=1)
    desk.read("/a", f"attack one {BREAKING}", f"attack {BREAKING}\njavascript:alert(1)")
    desk.read(
        "/a", f"attack two {BREAKING}", f"attack {IMAGE}{BREAKING}\nanother one\ue000{SCRIPT}"
    )
    old, new = (it.identifier for it in desk.history("/a"))
    url = sqlite_archive.url.render_as_string(hide_password=False)
    with served(url) as base, watched(browser, base) as walk:
        for path in (
            "/", "/search?q=attack", "/edits", "/sources", "/sources/example.org",
            f"/versions/{new}", f"/compare/{old}/{new}", f"/compare/{old}/{new}?view=inline",
            f"/versions/{new}/page",
        ):  # fmt: skip
            assert walk.go(path) == 200, path
            walk.page.wait_for_load_state("networkidle")
            assert walk.page.locator("main script, main img").count() == 0, path
            assert "{{7*7}}" in walk.page.content() or path in ("/sources", "/sources/example.org")
        # What the browser refuses to load of the stored page, it says on the console.
        walk.page.wait_for_timeout(300)
        assert [it for it in walk.wrong if not it.startswith("console: ")] == []
        assert not any("ran" in it for it in walk.wrong)
